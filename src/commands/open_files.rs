//! The limit of open files of the process. Each connection is an open file.

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tracing::warn;

/// The number of open files other than client connections: connections to PostgreSQL, the log, the runtime.
const OTHER_FILES: u64 = 512;

/// Raises the limit for the given number of connections, up to the hard limit. Logs a warning if that isn't enough.
pub fn raise_limit(connections: u64) {
    let needed = connections.saturating_add(OTHER_FILES);
    let allowed = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(soft, hard)| {
        let limit = needed.min(hard).max(soft);
        setrlimit(Resource::RLIMIT_NOFILE, limit, hard).map(|()| limit)
    });
    match allowed {
        Ok(allowed) if allowed < needed => {
            warn!(
                files.allowed = allowed,
                files.needed = needed,
                "the limit of open files is too low for --max-connections: raise the limit, or lower --max-connections"
            );
        }
        Ok(_) => {}
        Err(error) => warn!(error.cause = %error, "failed to raise the limit of open files"),
    }
}
