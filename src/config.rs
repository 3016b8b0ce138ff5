//! The command line and its environment variables.

mod access;
mod caches;
mod documents;
mod edge;
mod exchange;
mod limits;
mod observe;
pub mod origin;
pub mod proxy;
mod rates;
mod time;

use std::{ffi::OsString, fmt, net::SocketAddr, path::PathBuf, str::FromStr};

use clap::{
    ArgAction, ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand,
    builder::{BoolishValueParser, FalseyValueParser},
    error::ErrorKind,
    parser::ValueSource,
};

use self::origin::AllowedOrigin;
pub use self::{
    access::{AccessArgs, CreateTokenArgs, TokenCommand},
    caches::CacheArgs,
    documents::DocumentArgs,
    edge::EdgeArgs,
    exchange::{
        CheckArgs, CsvArgs, ExportArgs, ExportCommand, GenerateArgs, ImportCommand, JsonlArgs,
        PageArgs, ReadingArgs, RtArgs,
    },
    limits::LimitArgs,
    observe::{LogFormat, ObserveArgs},
    proxy::ProxyArgs,
    rates::RateArgs,
    time::TimeArgs,
};
use crate::database::Address;

/// A self-hosted critic-review aggregator behind a GraphQL API.
#[derive(Debug, Parser)]
#[command(name = "marquee", version, max_term_width = 100)]
pub struct Cli {
    /// What to do; to serve, unless said.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Which database.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// How to serve, when no command is given.
    #[command(flatten)]
    pub serve: ServeArgs,
}

impl Cli {
    /// Reads a command line, and what it leaves open from the environment.
    ///
    /// # Errors
    ///
    /// When it can't be read, or says how to serve before a command that has to be told itself.
    pub fn read<T: Into<OsString> + Clone>(
        line: impl IntoIterator<Item = T>,
    ) -> Result<Self, clap::Error> {
        let matches = Self::command().try_get_matches_from(line)?;
        if let (Some(command), Some(flag)) = (matches.subcommand_name(), serve_flag(&matches)) {
            let message = format!(
                "--{flag} stands before `{command}`: give it after `serve`, or without a command"
            );
            return Err(Self::command().error(ErrorKind::ArgumentConflict, message));
        }
        Self::from_arg_matches(&matches)
    }
}

/// The flag of [`ServeArgs`] that the command line gives before any command.
fn serve_flag(matches: &ArgMatches) -> Option<String> {
    let command = ServeArgs::augment_args(clap::Command::new("serve"));
    let given = |flag: &&clap::Arg| {
        matches.value_source(flag.get_id().as_str()) == Some(ValueSource::CommandLine)
    };
    let flag = command.get_arguments().find(given)?;
    flag.get_long().map(str::to_owned)
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the API (the default).
    Serve(Box<ServeArgs>),
    /// Apply, take back or list the changes of the database's schema.
    #[command(subcommand)]
    Migrate(MigrateCommand),
    /// Read reviews in.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Give the catalogue out, in a form that can be read in again.
    #[command(subcommand)]
    Export(ExportCommand),
    /// Make up a catalogue of any size, for trials and benchmarks.
    Generate(GenerateArgs),
    /// Count all reviews anew and report every tally that differs; exit status 1 if one still does.
    Check(CheckArgs),
    /// Make, list and revoke API tokens.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Print the GraphQL schema.
    Schema,
}

/// Under what the help of every command tells of the database.
const DATABASE: &str = "Database";

/// Which database to work with.
#[derive(Clone, Debug, Args)]
pub struct DatabaseArgs {
    /// The PostgreSQL to use, as `postgres://user:password@host:5432/database`. Without it Marquee runs a private one.
    #[arg(
        long,
        env = "DATABASE_URL",
        hide_env_values = true,
        global = true,
        help_heading = DATABASE,
        value_name = "URL"
    )]
    pub database_url: Option<Secret>,
    /// Where the private PostgreSQL keeps its data.
    #[arg(
        long,
        env = "MARQUEE_DATA_DIR",
        global = true,
        default_value = ".marquee",
        help_heading = DATABASE,
        value_name = "DIR"
    )]
    pub data_dir: PathBuf,
}

impl DatabaseArgs {
    /// Where the database is.
    #[must_use]
    pub fn address(&self) -> Address<'_> {
        let url = self.database_url.as_ref();
        url.map_or(Address::Private(&self.data_dir), |url| {
            Address::Url(url.expose())
        })
    }
}

/// How to serve.
#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    /// The address to listen on; port 0 takes a free one.
    #[arg(
        long,
        env = "MARQUEE_LISTEN",
        default_value = "127.0.0.1:8000",
        value_name = "ADDRESS"
    )]
    pub listen: SocketAddr,
    /// How many workers answer requests; one for each core unless said.
    #[arg(long, env = "MARQUEE_WORKERS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub workers: Option<u16>,
    /// How many connections to PostgreSQL each worker may open.
    #[arg(
        long, env = "MARQUEE_WORKER_CONNECTIONS", default_value_t = 4, value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=100)
    )]
    pub worker_connections: u32,
    /// Load the demo catalogue if the private database holds no film yet.
    #[arg(long, env = "MARQUEE_DEMO", value_parser = FalseyValueParser::new())]
    pub demo: bool,
    /// Whether to apply what the database lacks of the schema before serving; without that it has to lack nothing.
    #[arg(
        long, env = "MARQUEE_MIGRATE", default_value_t = true, action = ArgAction::Set,
        value_name = "BOOL", value_parser = BoolishValueParser::new()
    )]
    pub migrate: bool,
    /// Tell in every answer's Server-Timing header how many SQL statements and round trips it cost.
    #[arg(long, env = "MARQUEE_SERVER_TIMING", value_parser = FalseyValueParser::new())]
    pub server_timing: bool,
    /// A web page's origin that may use the API from a browser, such as `https://films.example`; `*` for any. May be given several times.
    #[arg(
        long = "allowed-origin",
        env = "MARQUEE_ALLOWED_ORIGINS",
        value_delimiter = ',',
        value_name = "ORIGIN"
    )]
    pub allowed_origins: Vec<AllowedOrigin>,
    /// How many sockets and event streams a client address may have open at once. Behind a proxy that isn't trusted all clients have its address.
    #[arg(
        long, env = "MARQUEE_SOCKETS_PER_ADDRESS", default_value_t = 100, value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000)
    )]
    pub sockets_per_address: u32,
    /// How many operations a socket may run at once.
    #[arg(
        long, env = "MARQUEE_OPERATIONS_PER_SOCKET", default_value_t = 100, value_name = "N",
        value_parser = clap::value_parser!(u16).range(1..=10_000)
    )]
    pub operations_per_socket: u16,
    /// Who is let in.
    #[command(flatten)]
    pub access: AccessArgs,
    /// How much a request may ask for.
    #[command(flatten)]
    pub limits: LimitArgs,
    /// For how long anything is waited.
    #[command(flatten)]
    pub time: TimeArgs,
    /// Which proxies stand in front of it.
    #[command(flatten)]
    pub proxies: ProxyArgs,
    /// How much one may ask for in a time.
    #[command(flatten)]
    pub rates: RateArgs,
    /// Which documents requests may run, and name.
    #[command(flatten)]
    pub documents: DocumentArgs,
    /// What it shows of itself.
    #[command(flatten)]
    pub observe: ObserveArgs,
    /// How long and how much a client may, and TLS.
    #[command(flatten)]
    pub edge: EdgeArgs,
    /// What is kept beyond a request.
    #[command(flatten)]
    pub caches: CacheArgs,
}

/// The changes of the database's schema.
#[derive(Debug, Subcommand)]
pub enum MigrateCommand {
    /// Apply what is pending.
    Up,
    /// Take the last changes back, and with them what is in their tables.
    Down {
        /// How many.
        #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// List every change and whether the database has it.
    Status,
}

/// A value that is never printed.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The value itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_to_serve_is_said_where_it_counts() {
        assert!(Cli::read(["marquee", "--listen", "127.0.0.1:1", "--demo"]).is_ok());
        assert!(Cli::read(["marquee", "serve", "--demo"]).is_ok());
        assert!(Cli::read(["marquee", "--data-dir", "x", "check"]).is_ok());
        let refused = Cli::read(["marquee", "--demo", "serve"])
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("--demo stands before `serve`"),
            "{refused}"
        );
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_tells_of_the_database_apart_from_its_own_options() {
        let line = ["marquee", "import", "csv", "--help"];
        let help = Cli::read(line).unwrap_err().to_string();
        let (own, database) = help.split_once("\nDatabase:\n").unwrap();
        for flag in ["--database-url", "--data-dir"] {
            assert!(!own.contains(flag) && database.contains(flag), "{help}");
        }
        assert!(own.contains("--encoding") && !database.contains("--encoding"));
        let line = ["marquee", "import", "--help"];
        let help = Cli::read(line).unwrap_err().to_string();
        assert_eq!(help.matches("docs/catalogue.md").count(), 2, "{help}");
    }

    #[test]
    fn a_database_address_is_never_printed() {
        let cli =
            Cli::try_parse_from(["marquee", "--database-url", "postgres://u:hunter2@h/d"]).unwrap();
        let printed = format!("{cli:?}");
        assert!(
            printed.contains("(hidden)") && !printed.contains("hunter2"),
            "{printed}"
        );
    }
}
