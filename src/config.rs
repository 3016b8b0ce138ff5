//! The command line and its environment variables.

mod access;
mod backup;
mod caches;
pub mod contradictions;
pub mod database;
mod documents;
mod edge;
mod import_export;
mod limits;
pub mod listen;
pub mod origin;
pub mod proxy;
mod rate_limits;
mod rules;
pub mod secret;
pub mod serve;
mod telemetry;
mod timeouts;

pub use self::{
    access::{AccessArgs, CreateTokenArgs, TokenCommand},
    backup::{BackupArgs, RestoreArgs},
    caches::CacheArgs,
    documents::{CheckDocumentsArgs, DocumentArgs, DocumentsCommand},
    edge::EdgeArgs,
    import_export::{
        CheckArgs, CommonImportArgs, CsvArgs, ExportArgs, ExportCommand, FilesArgs, GenerateArgs,
        ImportArgs, ImportCommand, JsonlArgs, PageArgs, PlanForm, RejectsArgs, RtArgs,
    },
    limits::LimitArgs,
    proxy::ProxyArgs,
    rate_limits::RateLimitArgs,
    rules::RulesCommand,
    telemetry::{LogFormat, TelemetryArgs},
    timeouts::TimeoutArgs,
};

use std::{collections::HashSet, ffi::OsString};

use clap::{
    ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, error::ErrorKind,
    parser::ValueSource,
};

use self::{database::DatabaseArgs, serve::ServeArgs};

/// A self-hosted critic-review aggregator behind a GraphQL API.
#[derive(Debug, Parser)]
#[command(name = "marquee", version, max_term_width = 100)]
pub struct Cli {
    /// The command to run; `serve` by default.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The settings of the database.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// The settings of `serve`, for when no command is given.
    #[command(flatten)]
    pub serve: ServeArgs,
}

impl Cli {
    /// Parses a command line. Settings that it does not give come from environment variables.
    ///
    /// # Errors
    ///
    /// When the command line is invalid, or gives a setting of `serve` before a command.
    pub fn read<T: Into<OsString> + Clone>(
        line: impl IntoIterator<Item = T>,
    ) -> Result<Self, clap::Error> {
        let matches = Self::command().try_get_matches_from(line)?;
        if let (Some(command), Some(flag)) = (matches.subcommand_name(), serve_flag(&matches)) {
            let message = format!(
                "--{flag} is given before `{command}`: give it after `serve`, or without a command"
            );
            return Err(Self::command().error(ErrorKind::ArgumentConflict, message));
        }
        let mut cli = Self::from_arg_matches(&matches)?;
        match &mut cli.command {
            None => cli.serve.given = given(&matches),
            Some(Command::Serve(args)) => {
                let matches = matches.subcommand_matches("serve");
                args.given = matches.map(given).unwrap_or_default();
            }
            Some(_) => {}
        }
        Ok(cli)
    }
}

/// Returns the IDs of the arguments that the command line or the environment gives.
fn given(matches: &ArgMatches) -> HashSet<String> {
    let is_given =
        |id: &&clap::Id| matches.value_source(id.as_str()) != Some(ValueSource::DefaultValue);
    let ids = matches.ids().filter(is_given);
    ids.map(|id| id.as_str().to_owned()).collect()
}

/// Returns the first flag of [`ServeArgs`] that the command line gives before a command.
fn serve_flag(matches: &ArgMatches) -> Option<String> {
    let command = ServeArgs::augment_args(clap::Command::new("serve"));
    let is_given = |flag: &&clap::Arg| {
        matches.value_source(flag.get_id().as_str()) == Some(ValueSource::CommandLine)
    };
    let flag = command.get_arguments().find(is_given)?;
    flag.get_long().map(str::to_owned)
}

/// A command of the program.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the API (the default).
    Serve(Box<ServeArgs>),
    /// Apply, revert or list migrations of the database schema.
    #[command(subcommand)]
    Migrate(MigrateCommand),
    /// Import films and reviews from any files.
    Import(Box<ImportArgs>),
    /// Export the catalogue in a format that `import` reads.
    #[command(subcommand)]
    Export(ExportCommand),
    /// Generate a random catalogue of any size, for tests and benchmarks.
    Generate(GenerateArgs),
    /// Recount all reviews and report each stored tally that differs. The exit status is 1 if a difference remains.
    Check(CheckArgs),
    /// Create, list and revoke API tokens.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Write a backup of the whole database to a file, beside a running server or without one.
    Backup(BackupArgs),
    /// Restore a backup into an empty database.
    Restore(RestoreArgs),
    /// Show or change the rules of the site: how scores are computed, and how reviews are read.
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Print the GraphQL schema.
    Schema,
    /// Check the documents of front ends against a schema, before a new version is installed.
    #[command(subcommand)]
    Documents(DocumentsCommand),
}

/// The help heading of the database settings.
const HELP_HEADING: &str = "Database";

/// A command on the migrations of the database schema.
#[derive(Debug, Subcommand)]
pub enum MigrateCommand {
    /// Apply all pending migrations.
    Up,
    /// Revert the latest migrations. Prints which tables, columns and rows this deletes, and asks first.
    Down {
        /// The number of migrations to revert.
        #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
        /// Revert without asking.
        #[arg(long, short)]
        yes: bool,
    },
    /// List all migrations and whether each is applied.
    Status,
}

#[cfg(test)]
mod tests;
