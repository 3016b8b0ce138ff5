//! The edge of the server: connection limits, timeouts and TLS.

use std::{any::Any, io, num::NonZeroUsize, sync::Arc, thread};

use actix_web::dev::Extensions;
use rustls::ServerConfig;
use tokio::sync::watch;

use super::{
    connection_limiter::ConnectionLimiter,
    connections::{ClientTimeouts, Connections},
    limits::ResponseLimits,
    request_body::BodyLimits,
    tls::{self, Certificate},
};
use crate::config::{EdgeArgs, serve::ServeArgs};

/// The edge of a server.
#[derive(Clone, Debug)]
pub struct Edge {
    connections: Arc<Connections>,
    certificate: Option<Certificate>,
    /// The number of workers.
    pub workers: usize,
    /// The maximum number of connections per worker.
    pub max_connections_per_worker: usize,
}

impl Edge {
    /// Creates the edge from the command line.
    ///
    /// # Errors
    ///
    /// When the certificate can't be used, or the number of CPUs can't be determined.
    pub fn new(args: &ServeArgs, shutdown_signal: &watch::Sender<bool>) -> io::Result<Self> {
        let edge = &args.edge;
        let workers = args.workers.map(usize::from).and_then(NonZeroUsize::new);
        let workers = workers.map_or_else(thread::available_parallelism, Ok)?;
        let timeouts = ClientTimeouts {
            request: edge.idle_timeout() + edge.head_timeout(),
            write: edge.write_timeout(),
        };
        let address_limiter = (edge.connections_per_address > 0).then(|| {
            let limiter =
                ConnectionLimiter::new(edge.connections_per_address, shutdown_signal.subscribe());
            Arc::new(limiter)
        });
        Ok(Self {
            connections: Connections::new(timeouts, address_limiter, shutdown_signal.subscribe()),
            certificate: edge.tls_files().map(Certificate::read).transpose()?,
            workers: workers.get(),
            max_connections_per_worker: edge.connections_per_worker(workers),
        })
    }

    /// Returns the TLS configuration, if the server has a certificate.
    ///
    /// # Errors
    ///
    /// When the crypto provider does not support the TLS versions.
    pub fn tls(&self) -> io::Result<Option<ServerConfig>> {
        let certificate = self.certificate.as_ref();
        certificate.map(Certificate::config).transpose()
    }

    /// Returns the URL scheme: `https` with TLS, `http` without.
    pub fn scheme(&self) -> &'static str {
        match self.certificate {
            Some(_) => "https",
            None => "http",
        }
    }

    /// Returns the callback that registers new connections.
    pub fn on_connect(&self) -> impl Fn(&dyn Any, &mut Extensions) + Send + Sync + 'static {
        let connections = Arc::clone(&self.connections);
        move |connection, extensions| connections.register(connection, extensions)
    }

    /// Closes connections of slow clients and reloads the certificate, as long as the server runs.
    pub async fn run_background_tasks(self) {
        tokio::join!(
            self.connections.close_expired_connections(),
            tls::reload_on_change(self.certificate)
        );
    }
}

impl EdgeArgs {
    /// Returns the limits of a request's body.
    pub(super) fn body_limits(&self) -> BodyLimits {
        BodyLimits {
            max_bytes: to_usize(self.max_body_bytes),
            timeout: self.body_timeout(),
        }
    }

    /// Returns the limits of a response.
    pub(super) fn response_limits(&self) -> ResponseLimits {
        ResponseLimits {
            max_bytes: to_usize(self.max_response_bytes),
            max_errors: self.max_errors.into(),
        }
    }
}

fn to_usize(bytes: u32) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
