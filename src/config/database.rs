//! The settings of the database.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{HELP_HEADING, secret::Secret};
use crate::database::Address;

/// The data directory that `serve` uses by default, and commands if it has a database.
pub const DEFAULT_DATA_DIR: &str = ".marquee";

/// The settings of the database.
#[derive(Clone, Debug, Args)]
pub struct DatabaseArgs {
    /// The URL of the PostgreSQL database, such as `postgres://user:password@host:5432/database`. Without it Marquee
    /// runs a private PostgreSQL.
    #[arg(
        long,
        env = "DATABASE_URL",
        hide_env_values = true,
        global = true,
        help_heading = HELP_HEADING,
        value_name = "URL"
    )]
    pub database_url: Option<Secret>,
    /// The data directory of the private PostgreSQL. It is not used with --database-url. The default is `.marquee`. If
    /// that has no database, commands other than `serve` use the one of the user's running server.
    #[arg(
        long,
        env = "MARQUEE_DATA_DIR",
        global = true,
        help_heading = HELP_HEADING,
        value_name = "DIR"
    )]
    pub data_dir: Option<PathBuf>,
    /// Create the database if it does not exist. Only `serve` and `migrate up` do so by themselves.
    #[arg(long, global = true, help_heading = HELP_HEADING)]
    pub create: bool,
}

impl DatabaseArgs {
    /// Returns the address of the database of a server: the URL, or the data directory of the private PostgreSQL.
    #[must_use]
    pub fn address(&self) -> Address<'_> {
        let url = self.database_url.as_ref();
        let data_dir = self.data_dir.as_deref();
        url.map_or_else(
            || Address::Private(data_dir.unwrap_or(Path::new(DEFAULT_DATA_DIR))),
            |url| Address::Url(url.expose()),
        )
    }
}
