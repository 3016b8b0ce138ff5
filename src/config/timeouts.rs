//! The command line settings of timeouts.

use std::time::Duration;

use clap::{Args, value_parser};

use crate::database::{APPLICATION_NAME, pool::PoolSettings};

/// The help heading of these settings.
const HELP_HEADING: &str = "Timeouts";

/// The timeouts of requests and connections.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = HELP_HEADING)]
pub struct TimeoutArgs {
    /// The timeout of a request, in seconds (1 to 600). When it expires, the server cancels the request's statements in
    /// PostgreSQL. A commit gets one more second.
    #[arg(long, env = "MARQUEE_REQUEST_TIMEOUT", default_value_t = 15, value_name = "SECONDS", value_parser = value_parser!(u16).range(1..=600))]
    pub request_timeout: u16,
    /// The timeout for obtaining a connection to PostgreSQL, and for PostgreSQL to show a sign of life during a
    /// statement, in milliseconds (10 to 60,000).
    #[arg(long, env = "MARQUEE_CONNECTION_TIMEOUT", default_value_t = 800, value_name = "MS", value_parser = value_parser!(u16).range(10..=60_000))]
    pub connection_timeout: u16,
    /// The maximum number of statements per worker that wait for a connection (1 to 60,000). Further requests are
    /// rejected with 429 or 503.
    #[arg(long, env = "MARQUEE_MAX_WAITING", default_value_t = 500, value_name = "N", value_parser = value_parser!(u16).range(1..=60_000))]
    pub max_waiting: u16,
}

impl TimeoutArgs {
    /// Returns the timeout of a request.
    #[must_use]
    pub fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout.into())
    }

    /// Returns the timeout of a connection to PostgreSQL.
    #[must_use]
    pub fn connection_timeout(&self) -> Duration {
        Duration::from_millis(self.connection_timeout.into())
    }

    /// Returns the settings of a worker's connection pool. Statements that take `slow_threshold` or longer are logged.
    #[must_use]
    pub fn pool_settings(
        &self,
        connections: u32,
        slow_threshold: Option<Duration>,
    ) -> PoolSettings {
        PoolSettings {
            max_connections: connections,
            wait_timeout: self.connection_timeout(),
            max_waiting: self.max_waiting.into(),
            // If a cancel request fails, PostgreSQL itself aborts the statement soon after the request has timed out.
            statement_timeout: self.request_timeout() + Duration::from_secs(5),
            slow_threshold,
            application_name: APPLICATION_NAME,
            is_stateless: false,
            lock_timeout: None,
        }
    }
}
