//! The command line of `rules`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// A command on the rules of the site.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// Print the rules as TOML, for `rules set`.
    Show,
    /// Replace the rules by those of a file. All scores are computed again, and running servers follow at once.
    Set(SetRulesArgs),
    /// Reset the rules to those of a new site.
    Reset,
}

/// The arguments of `rules set`.
#[derive(Debug, Args)]
pub struct SetRulesArgs {
    /// The file in TOML, as `rules show` prints it; "-" reads standard input. What it leaves out has the value of a new
    /// site.
    pub file: PathBuf,
}
