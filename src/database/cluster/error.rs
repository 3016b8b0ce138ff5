//! Errors of the private PostgreSQL. Each message is one line with the remedy.

use std::{io, path::PathBuf};

/// The private PostgreSQL can't be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant documents it")]
pub enum ClusterError {
    #[error(
        "PostgreSQL's server programs (initdb, postgres, pg_ctl) were not found on PATH, in /usr/lib/postgresql/*/bin or in Homebrew's \
         directories: install PostgreSQL 15 or newer (Debian: apt-get install postgresql; macOS: brew install postgresql), or set DATABASE_URL"
    )]
    BinariesNotFound,

    #[error(
        "PostgreSQL {found} at {} is too old: Marquee needs 15 or newer; install one, or set DATABASE_URL", path.display()
    )]
    TooOld { found: u32, path: PathBuf },

    #[error(
        "{} was created by PostgreSQL {created_by}, and this machine has only {found}: install PostgreSQL {created_by}, move the data with \
         pg_upgrade, or choose another directory with --data-dir", directory.display()
    )]
    OtherMajor {
        directory: PathBuf,
        created_by: u32,
        found: String,
    },

    #[error("{} is not a PostgreSQL data directory (its PG_VERSION can't be read): move it away or choose another with --data-dir", directory.display())]
    NotACluster { directory: PathBuf },

    #[error("can't write to {}: {source}; choose another directory with --data-dir (MARQUEE_DATA_DIR)", directory.display())]
    Unwritable {
        directory: PathBuf,
        source: io::Error,
    },

    #[error(
        "PostgreSQL refuses to run as root, and neither a user \"postgres\" nor \"nobody\" exists to run it as: add one, run Marquee as \
         an ordinary user, or set DATABASE_URL"
    )]
    NoAccount,

    #[error("another Marquee server{} uses {}: stop it, or choose another directory with --data-dir", holder.map(|pid| format!(" (process {pid})")).unwrap_or_default(), directory.display())]
    AlreadyServing {
        directory: PathBuf,
        holder: Option<u32>,
    },

    #[error("another Marquee process is still starting or stopping PostgreSQL in {}: wait until it has finished, or stop it, then try again", directory.display())]
    LockTimedOut { directory: PathBuf },

    #[error("PostgreSQL did not start: {reason}; its log is {}", log.display())]
    DidNotStart { reason: String, log: PathBuf },

    #[error("{program} failed: {reason}")]
    ProgramFailed {
        program: &'static str,
        reason: String,
    },

    #[error("can't run {}: {source}", program.display())]
    CannotRun { program: PathBuf, source: io::Error },

    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

impl ClusterError {
    /// Returns a function that wraps an I/O error at `path`.
    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
