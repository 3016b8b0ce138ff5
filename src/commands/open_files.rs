//! How many files the process may have open. Each connection is one.

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tracing::warn;

/// What is open beside clients' connections: to PostgreSQL, of the log, of the runtime.
const OTHERS: u64 = 512;

/// Raises the limit for so many connections, as far as the system lets us, and warns if that isn't enough.
pub fn allow(connections: u64) {
    let needed = connections.saturating_add(OTHERS);
    let allowed = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(soft, hard)| {
        let wanted = needed.min(hard).max(soft);
        setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).map(|()| wanted)
    });
    match allowed {
        Ok(allowed) if allowed < needed => {
            warn!(
                files.allowed = allowed,
                files.needed = needed,
                "the system allows fewer open files than connections may be open: raise the limit, or lower --max-connections"
            );
        }
        Ok(_) => {}
        Err(error) => warn!(error.cause = %error, "the limit of open files can't be raised"),
    }
}
