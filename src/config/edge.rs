//! The command line settings of connections: timeouts, sizes and TLS.

use std::{num::NonZeroUsize, path::PathBuf, time::Duration};

use clap::{Args, value_parser};

/// The help heading of these settings.
const HELP_HEADING: &str = "Connections and TLS";

/// The timeouts and sizes of connections, and TLS.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = HELP_HEADING)]
pub struct EdgeArgs {
    /// The timeout for receiving the head of a request, and for a TLS handshake, in seconds (1 to 3,600).
    #[arg(
        long, env = "MARQUEE_HEAD_TIMEOUT", default_value_t = 10, value_name = "SECONDS",
        value_parser = value_parser!(u16).range(1..=3_600)
    )]
    pub head_timeout: u16,
    /// The timeout for receiving the body of a request, in seconds (1 to 3,600).
    #[arg(
        long, env = "MARQUEE_BODY_TIMEOUT", default_value_t = 10, value_name = "SECONDS",
        value_parser = value_parser!(u16).range(1..=3_600)
    )]
    pub body_timeout: u16,
    /// The timeout for a client to receive each 256 KiB of a response, in seconds (1 to 3,600).
    #[arg(
        long, env = "MARQUEE_WRITE_TIMEOUT", default_value_t = 30, value_name = "SECONDS",
        value_parser = value_parser!(u16).range(1..=3_600)
    )]
    pub write_timeout: u16,
    /// The time that a connection may be idle before the server closes it, in seconds (1 to 3,600). Behind a proxy, set
    /// it longer than the idle timeout of the proxy.
    #[arg(
        long, env = "MARQUEE_KEEP_ALIVE", default_value_t = 15, value_name = "SECONDS",
        value_parser = value_parser!(u16).range(1..=3_600)
    )]
    pub keep_alive: u16,
    /// The maximum size of a request body or a WebSocket message, in bytes (1,024 to 1,073,741,824).
    #[arg(
        long, env = "MARQUEE_MAX_BODY_BYTES", default_value_t = 1 << 20, value_name = "BYTES",
        value_parser = value_parser!(u32).range(1_024..=1 << 30)
    )]
    pub max_body_bytes: u32,
    /// The maximum size of a response, in bytes (1,024 to 1,073,741,824).
    #[arg(
        long, env = "MARQUEE_MAX_RESPONSE_BYTES", default_value_t = 10 << 20, value_name = "BYTES",
        value_parser = value_parser!(u32).range(1_024..=1 << 30)
    )]
    pub max_response_bytes: u32,
    /// The maximum number of errors that a response lists (1 to 10,000). Further errors are only counted.
    #[arg(
        long, env = "MARQUEE_MAX_ERRORS", default_value_t = 20, value_name = "N",
        value_parser = value_parser!(u16).range(1..=10_000)
    )]
    pub max_errors: u16,
    /// The maximum number of open connections (1 to 1,000,000). Further connections wait to be accepted.
    #[arg(
        long, env = "MARQUEE_MAX_CONNECTIONS", default_value_t = 10_000, value_name = "N",
        value_parser = value_parser!(u32).range(1..=1_000_000)
    )]
    pub max_connections: u32,
    /// The maximum number of open connections per client address (0 to 1,000,000); 0 disables the limit. Behind a
    /// proxy, all clients share the proxy's address.
    #[arg(
        long, env = "MARQUEE_CONNECTIONS_PER_ADDRESS", default_value_t = 1_000, value_name = "N",
        value_parser = value_parser!(u32).range(0..=1_000_000)
    )]
    pub connections_per_address: u32,
    /// The PEM file with the server's certificate and its intermediate certificates. With it, the server accepts TLS
    /// connections only. Requires --tls-key.
    #[arg(
        long,
        env = "MARQUEE_TLS_CERTIFICATE",
        requires = "tls_key",
        value_name = "FILE"
    )]
    pub tls_certificate: Option<PathBuf>,
    /// The PEM file with the private key of the certificate. Requires --tls-certificate.
    #[arg(
        long,
        env = "MARQUEE_TLS_KEY",
        requires = "tls_certificate",
        value_name = "FILE"
    )]
    pub tls_key: Option<PathBuf>,
}

impl EdgeArgs {
    /// Returns the timeout for receiving the head of a request.
    #[must_use]
    pub fn head_timeout(&self) -> Duration {
        Duration::from_secs(self.head_timeout.into())
    }

    /// Returns the timeout for receiving the body of a request.
    #[must_use]
    pub fn body_timeout(&self) -> Duration {
        Duration::from_secs(self.body_timeout.into())
    }

    /// Returns the timeout for a client to receive each 256 KiB of a response.
    #[must_use]
    pub fn write_timeout(&self) -> Duration {
        Duration::from_secs(self.write_timeout.into())
    }

    /// Returns the time that a connection may be idle.
    #[must_use]
    pub fn idle_timeout(&self) -> Duration {
        Duration::from_secs(self.keep_alive.into())
    }

    /// Returns the maximum number of connections of each of `workers`, at least one. It divides the maximum of the
    /// server by the number of workers.
    #[must_use]
    pub fn connections_per_worker(&self, workers: NonZeroUsize) -> usize {
        let max_connections = usize::try_from(self.max_connections).unwrap_or(usize::MAX);
        (max_connections / workers).max(1)
    }

    /// Returns the files of the certificate and its key, if TLS is configured.
    #[must_use]
    pub fn tls_files(&self) -> Option<(PathBuf, PathBuf)> {
        self.tls_certificate.clone().zip(self.tls_key.clone())
    }
}

#[cfg(test)]
mod tests;
