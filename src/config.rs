//! The command line and its environment variables.

mod access;
mod caches;
mod documents;
mod edge;
mod import_export;
mod limits;
pub mod origin;
pub mod proxy;
mod rate_limits;
mod telemetry;
mod timeouts;

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
    import_export::{
        CheckArgs, CommonImportArgs, CsvArgs, ExportArgs, ExportCommand, GenerateArgs,
        ImportCommand, JsonlArgs, PageArgs, RtArgs,
    },
    limits::LimitArgs,
    proxy::ProxyArgs,
    rate_limits::RateLimitArgs,
    telemetry::{LogFormat, TelemetryArgs},
    timeouts::TimeoutArgs,
};
use crate::database::Address;

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
        Self::from_arg_matches(&matches)
    }
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
    /// Import reviews.
    #[command(subcommand)]
    Import(ImportCommand),
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
    /// Print the GraphQL schema.
    Schema,
}

/// The help heading of the database settings.
const HELP_HEADING: &str = "Database";

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

/// The settings of `serve`.
#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    /// The address and port to listen on. Port 0 selects a free port.
    #[arg(
        long,
        env = "MARQUEE_LISTEN",
        default_value = "127.0.0.1:8000",
        value_name = "ADDRESS"
    )]
    pub listen: SocketAddr,
    /// The number of worker threads that process requests (1 to 1,024). By default there is one per CPU core.
    #[arg(long, env = "MARQUEE_WORKERS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub workers: Option<u16>,
    /// The maximum number of connections to PostgreSQL per worker (1 to 100).
    #[arg(
        long, env = "MARQUEE_WORKER_CONNECTIONS", default_value_t = 4, value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=100)
    )]
    pub worker_connections: u32,
    /// Load the demo catalogue if the private database contains no films.
    #[arg(long, env = "MARQUEE_DEMO", value_parser = FalseyValueParser::new())]
    pub demo: bool,
    /// Whether to apply pending migrations at startup. If false, the server starts only if none are pending.
    #[arg(
        long, env = "MARQUEE_MIGRATE", default_value_t = true, action = ArgAction::Set,
        value_name = "BOOL", value_parser = BoolishValueParser::new()
    )]
    pub migrate: bool,
    /// Report the number of SQL statements and round trips in the Server-Timing header of each response.
    #[arg(long, env = "MARQUEE_SERVER_TIMING", value_parser = FalseyValueParser::new())]
    pub server_timing: bool,
    /// An origin whose web pages may use the API, such as `https://films.example`; `*` allows every origin. May be
    /// given several times. By default only pages of the server's own origin may.
    #[arg(
        long = "allowed-origin",
        env = "MARQUEE_ALLOWED_ORIGINS",
        value_delimiter = ',',
        value_name = "ORIGIN"
    )]
    pub allowed_origins: Vec<AllowedOrigin>,
    /// The maximum number of open WebSockets and event streams per client address (1 to 1,000,000). Behind a proxy that
    /// is not trusted, all clients share the proxy's address.
    #[arg(
        long, env = "MARQUEE_SOCKETS_PER_ADDRESS", default_value_t = 100, value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000)
    )]
    pub sockets_per_address: u32,
    /// The maximum number of operations that a WebSocket may run at the same time (1 to 10,000).
    #[arg(
        long, env = "MARQUEE_OPERATIONS_PER_SOCKET", default_value_t = 100, value_name = "N",
        value_parser = clap::value_parser!(u16).range(1..=10_000)
    )]
    pub operations_per_socket: u16,
    /// The settings of authentication.
    #[command(flatten)]
    pub access: AccessArgs,
    /// The limits of a request.
    #[command(flatten)]
    pub limits: LimitArgs,
    /// The timeouts of requests and connections.
    #[command(flatten)]
    pub timeouts: TimeoutArgs,
    /// The trusted proxies.
    #[command(flatten)]
    pub proxies: ProxyArgs,
    /// The rate limits.
    #[command(flatten)]
    pub rate_limits: RateLimitArgs,
    /// The persisted documents.
    #[command(flatten)]
    pub documents: DocumentArgs,
    /// The settings of metrics, logs and traces.
    #[command(flatten)]
    pub telemetry: TelemetryArgs,
    /// The limits of connections and bodies, and TLS.
    #[command(flatten)]
    pub edge: EdgeArgs,
    /// The sizes of the caches.
    #[command(flatten)]
    pub caches: CacheArgs,
}

/// A command on the migrations of the database schema.
#[derive(Debug, Subcommand)]
pub enum MigrateCommand {
    /// Apply all pending migrations.
    Up,
    /// Revert the latest migrations. This deletes the data in their tables.
    Down {
        /// The number of migrations to revert.
        #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// List all migrations and whether each is applied.
    Status,
}

/// A string that its `Debug` output hides.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Returns the string.
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
mod tests;
