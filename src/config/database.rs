//! The settings of the database.

use std::path::PathBuf;

use clap::Args;

use super::{HELP_HEADING, secret::Secret};
use crate::database::Address;

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
    /// The data directory of the private PostgreSQL. It is not used with --database-url.
    #[arg(
        long,
        env = "MARQUEE_DATA_DIR",
        global = true,
        default_value = ".marquee",
        help_heading = HELP_HEADING,
        value_name = "DIR"
    )]
    pub data_dir: PathBuf,
}

impl DatabaseArgs {
    /// Returns the address of the database: the URL, or the data directory of the private PostgreSQL.
    #[must_use]
    pub fn address(&self) -> Address<'_> {
        let url = self.database_url.as_ref();
        url.map_or(Address::Private(&self.data_dir), |url| {
            Address::Url(url.expose())
        })
    }
}
