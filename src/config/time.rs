//! For how long anything is waited.

use std::time::Duration;

use clap::{Args, value_parser};

use crate::database::lanes::Lending;

/// Under what the help tells of it.
const TIME: &str = "For how long anything is waited";

/// For how long anything is waited.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = TIME)]
pub struct TimeArgs {
    /// How many seconds an answer may take. What runs in PostgreSQL for one that takes longer is cancelled; a commit has a second more.
    #[arg(long, env = "MARQUEE_REQUEST_TIMEOUT", default_value_t = 15, value_name = "SECONDS", value_parser = value_parser!(u16).range(1..=600))]
    pub request_timeout: u16,
    /// How many milliseconds a request waits for a connection to PostgreSQL, or for any sign of life of it.
    #[arg(long, env = "MARQUEE_CONNECTION_TIMEOUT", default_value_t = 800, value_name = "MS", value_parser = value_parser!(u16).range(10..=60_000))]
    pub connection_timeout: u16,
    /// How many statements of a worker may wait for a connection.
    #[arg(long, env = "MARQUEE_MAX_WAITING", default_value_t = 500, value_name = "N", value_parser = value_parser!(u16).range(1..=60_000))]
    pub max_waiting: u16,
}

impl TimeArgs {
    /// How long an answer may take.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        Duration::from_secs(self.request_timeout.into())
    }

    /// How a worker's connections are lent out, with statements logged as slow from `slow` on.
    #[must_use]
    pub fn lending(&self, connections: u32, slow: Option<Duration>) -> Lending {
        Lending {
            connections,
            patience: Duration::from_millis(self.connection_timeout.into()),
            waiting: self.max_waiting.into(),
            // Should telling PostgreSQL to cancel fail, it does so by itself, once nobody can wait for the answer any more.
            statement_timeout: self.deadline() + Duration::from_secs(5),
            slow,
        }
    }
}
