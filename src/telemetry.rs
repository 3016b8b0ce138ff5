//! Logs. A line reads alone, goes to standard error, and carries its facts in dotted fields.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

/// Starts logging. `MARQUEE_LOG` says how much, in the notation of `tracing`'s filters; `unless_set` if it is not set or can't be
/// read.
pub fn init(unless_set: &str) {
    let filter =
        EnvFilter::try_from_env("MARQUEE_LOG").unwrap_or_else(|_| EnvFilter::new(unless_set));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        .init();
}
