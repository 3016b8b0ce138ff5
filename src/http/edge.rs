//! The edge of the server: connection limits, timeouts and TLS.

use std::{io, num::NonZeroUsize, sync::Arc, thread};

use tokio::sync::watch;

use super::{
    connection_limiter::ConnectionLimiter,
    connections::{ClientTimeouts, Connections},
    limits::ResponseLimits,
    observe::Observer,
    request_body::BodyLimits,
    tls::{self, Certificate},
    transport::{Transport, TransportTimeouts},
};
use crate::config::{EdgeArgs, serve::ServeArgs};

/// The edge of a server.
#[derive(Clone, Debug)]
pub struct Edge {
    connections: Arc<Connections>,
    address_limiter: Option<Arc<ConnectionLimiter>>,
    certificate: Option<Certificate>,
    /// The number of workers.
    pub workers: NonZeroUsize,
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
            connections: Connections::new(
                timeouts,
                address_limiter.clone(),
                shutdown_signal.subscribe(),
            ),
            address_limiter,
            certificate: edge.tls_files().map(Certificate::read).transpose()?,
            workers,
            max_connections_per_worker: edge.connections_per_worker(workers),
        })
    }

    /// Returns what all connections share.
    ///
    /// # Errors
    ///
    /// When the crypto provider does not support the TLS versions.
    pub fn transport(
        &self,
        args: &EdgeArgs,
        shutdown_signal: watch::Receiver<bool>,
        observer: &Arc<Observer>,
    ) -> io::Result<Transport> {
        let certificate = self.certificate.as_ref();
        Ok(Transport {
            tls: certificate.map(Certificate::config).transpose()?,
            connections: Arc::clone(&self.connections),
            address_limiter: self.address_limiter.clone(),
            max_connections: self.max_connections_per_worker,
            timeouts: TransportTimeouts {
                head: args.head_timeout(),
                idle: args.idle_timeout(),
                write: args.write_timeout(),
            },
            shutdown_signal,
            observer: Arc::clone(observer),
        })
    }

    /// Returns the URL scheme: `https` with TLS, `http` without.
    pub fn scheme(&self) -> &'static str {
        match self.certificate {
            Some(_) => "https",
            None => "http",
        }
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
