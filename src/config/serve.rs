//! The settings of the server.

use std::{collections::HashSet, num::NonZeroUsize, thread::available_parallelism};

use clap::{
    ArgAction, Args,
    builder::{BoolishValueParser, FalseyValueParser},
};

use super::{
    AccessArgs, CacheArgs, DocumentArgs, EdgeArgs, LimitArgs, ProxyArgs, RateLimitArgs,
    TelemetryArgs, TimeoutArgs, listen::ListenAddress, origin::AllowedOrigin,
};
use crate::database::pool::PoolSettings;

/// The settings of `serve`.
#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    /// The host and port to listen on: an address, or a name such as localhost, of which all addresses are used. `*:8000`
    /// or `:8000` listens on all addresses, and a port alone on 127.0.0.1. Port 0 selects a free port.
    #[arg(
        long,
        env = "MARQUEE_LISTEN",
        default_value = "127.0.0.1:8000",
        value_name = "ADDRESS"
    )]
    pub listen: ListenAddress,
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
    /// An origin whose web pages or apps may use the API, such as `https://films.example`, `https://*.films.example` for
    /// subdomains, `tauri://localhost` or `null`; `*` allows every origin. May be given several times. By default only
    /// pages of the server's own origin may.
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
    /// The IDs of the arguments that the command line or the environment gives. The others have their defaults.
    #[arg(skip)]
    pub(super) given: HashSet<String>,
}

impl ServeArgs {
    /// Returns whether the command line or the environment gives the argument with this ID.
    #[must_use]
    pub fn is_given(&self, id: &str) -> bool {
        self.given.contains(id)
    }

    /// Returns the number of worker threads. By default that is the number of processors.
    #[must_use]
    pub fn worker_count(&self) -> usize {
        self.workers.map_or_else(
            || available_parallelism().map_or(1, NonZeroUsize::get),
            usize::from,
        )
    }

    /// Returns the settings of a worker's connection pool.
    #[must_use]
    pub fn pool_settings(&self) -> PoolSettings {
        let slow_threshold = self.telemetry.slow_threshold();
        PoolSettings {
            is_stateless: !self.caches.notifications,
            ..self
                .timeouts
                .pool_settings(self.worker_connections, slow_threshold)
        }
    }
}
