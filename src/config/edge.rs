//! The command line of the server's edge: how long and how much a client may, and TLS.

use std::{num::NonZeroUsize, path::PathBuf, time::Duration};

use clap::{Args, value_parser};

/// Under what the help tells of it.
const CLIENTS: &str = "What clients may";

/// How long and how much a client may, and TLS.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = CLIENTS)]
pub struct EdgeArgs {
    /// How long the head of a request, or a TLS handshake, may take to come, in seconds.
    #[arg(
        long, env = "MARQUEE_HEAD_TIMEOUT", default_value_t = 10, value_name = "SECONDS",
        value_parser = value_parser!(u16).range(1..=3_600)
    )]
    pub head_timeout: u16,
    /// How long the body of a request may take to come, in seconds.
    #[arg(
        long, env = "MARQUEE_BODY_TIMEOUT", default_value_t = 10, value_name = "SECONDS",
        value_parser = value_parser!(u16).range(1..=3_600)
    )]
    pub body_timeout: u16,
    /// How long a client may take for each 256 KiB of an answer, in seconds.
    #[arg(
        long, env = "MARQUEE_WRITE_TIMEOUT", default_value_t = 30, value_name = "SECONDS",
        value_parser = value_parser!(u16).range(1..=3_600)
    )]
    pub write_timeout: u16,
    /// How long a connection may stay open without a request, in seconds. Behind a proxy it has to be longer than the proxy's own.
    #[arg(
        long, env = "MARQUEE_KEEP_ALIVE", default_value_t = 15, value_name = "SECONDS",
        value_parser = value_parser!(u16).range(1..=3_600)
    )]
    pub keep_alive: u16,
    /// How many bytes the body of a request or a message of a socket may have.
    #[arg(
        long, env = "MARQUEE_MAX_BODY_BYTES", default_value_t = 1 << 20, value_name = "BYTES",
        value_parser = value_parser!(u32).range(1_024..=1 << 30)
    )]
    pub max_body_bytes: u32,
    /// How many bytes an answer may have.
    #[arg(
        long, env = "MARQUEE_MAX_RESPONSE_BYTES", default_value_t = 10 << 20, value_name = "BYTES",
        value_parser = value_parser!(u32).range(1_024..=1 << 30)
    )]
    pub max_response_bytes: u32,
    /// How many errors an answer lists; of the others it tells how many they are.
    #[arg(
        long, env = "MARQUEE_MAX_ERRORS", default_value_t = 20, value_name = "N",
        value_parser = value_parser!(u16).range(1..=10_000)
    )]
    pub max_errors: u16,
    /// How many connections may be open at once; more than that wait to be accepted.
    #[arg(
        long, env = "MARQUEE_MAX_CONNECTIONS", default_value_t = 10_000, value_name = "N",
        value_parser = value_parser!(u32).range(1..=1_000_000)
    )]
    pub max_connections: u32,
    /// How many connections a client address may have open at once; 0 for any number. Behind a proxy all clients have its address.
    #[arg(
        long, env = "MARQUEE_CONNECTIONS_PER_ADDRESS", default_value_t = 1_000, value_name = "N",
        value_parser = value_parser!(u32).range(0..=1_000_000)
    )]
    pub connections_per_address: u32,
    /// The server's certificate and those between it and a known authority, in PEM. With it the server speaks TLS and nothing else.
    #[arg(
        long,
        env = "MARQUEE_TLS_CERTIFICATE",
        requires = "tls_key",
        value_name = "FILE"
    )]
    pub tls_certificate: Option<PathBuf>,
    /// The certificate's private key, in PEM.
    #[arg(
        long,
        env = "MARQUEE_TLS_KEY",
        requires = "tls_certificate",
        value_name = "FILE"
    )]
    pub tls_key: Option<PathBuf>,
}

impl EdgeArgs {
    /// How long the head of a request may take to come.
    #[must_use]
    pub fn head(&self) -> Duration {
        Duration::from_secs(self.head_timeout.into())
    }

    /// How long the body of a request may take to come.
    #[must_use]
    pub fn wait_for_body(&self) -> Duration {
        Duration::from_secs(self.body_timeout.into())
    }

    /// How long a client may take for a stretch of an answer.
    #[must_use]
    pub fn write(&self) -> Duration {
        Duration::from_secs(self.write_timeout.into())
    }

    /// How long a connection may stay open without a request.
    #[must_use]
    pub fn idle(&self) -> Duration {
        Duration::from_secs(self.keep_alive.into())
    }

    /// How many connections each of `workers` may have, so that all together have no more than are allowed; one at least.
    #[must_use]
    pub fn connections_per_worker(&self, workers: NonZeroUsize) -> usize {
        let all = usize::try_from(self.max_connections).unwrap_or(usize::MAX);
        (all / workers).max(1)
    }

    /// The files of the certificate and its key, if there are some.
    #[must_use]
    pub fn tls_files(&self) -> Option<(PathBuf, PathBuf)> {
        self.tls_certificate.clone().zip(self.tls_key.clone())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::config::Cli;

    #[test]
    fn a_certificate_needs_its_key_and_a_key_its_certificate() {
        for (line, good) in [
            (&["--tls-certificate=c", "--tls-key=k"][..], true),
            (&["--tls-certificate=c"], false),
            (&["--tls-key=k"], false),
        ] {
            let line = ["marquee"].iter().chain(line);
            assert_eq!(Cli::try_parse_from(line).is_ok(), good);
        }
    }

    #[test]
    fn the_connections_of_all_workers_are_no_more_than_are_allowed() {
        let cli = Cli::try_parse_from(["marquee", "--max-connections=10"]).unwrap();
        for (workers, each) in [(1, 10), (3, 3), (10, 1), (20, 1)] {
            let workers = std::num::NonZeroUsize::new(workers).unwrap();
            assert_eq!(cli.serve.edge.connections_per_worker(workers), each);
        }
    }
}
