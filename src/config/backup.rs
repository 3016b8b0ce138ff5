//! The arguments of `backup` and `restore`.

use std::path::PathBuf;

use clap::Args;

/// The arguments of `backup`.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The file to write. Only its owner can read it, since it has the hashes of tokens. An existing file is replaced when
    /// the backup is complete.
    pub file: PathBuf,
}

/// The arguments of `restore`.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The file that `backup` wrote.
    pub file: PathBuf,
    /// Delete what the database contains, and restore the backup in the same transaction.
    #[arg(long)]
    pub replace: bool,
}
