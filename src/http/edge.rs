//! What stands between clients and the routes: bounds of time and size for all that a client does, and TLS.

use std::{any::Any, io, net::SocketAddr, num::NonZeroUsize, sync::Arc, thread};

use actix_web::dev::Extensions;
use rustls::ServerConfig;
use tokio::sync::watch;

use super::{
    body::BodyLimits,
    connections::{Connections, Patience},
    limits::AnswerLimits,
    sockets::Sockets,
    tls::{self, Certificate},
};
use crate::config::{EdgeArgs, ServeArgs};

/// The edge of a server.
#[derive(Clone, Debug)]
pub struct Edge {
    connections: Arc<Connections>,
    certificate: Option<Certificate>,
    /// How many workers answer.
    pub workers: usize,
    /// How many connections each of them may have.
    pub connections_per_worker: usize,
}

impl Edge {
    /// As the command line has it.
    ///
    /// # Errors
    ///
    /// When the certificate can't be used.
    pub fn new(args: &ServeArgs, stopping: &watch::Sender<bool>) -> io::Result<Self> {
        let edge = &args.edge;
        let workers = args.workers.map(usize::from).and_then(NonZeroUsize::new);
        let workers = workers.map_or_else(thread::available_parallelism, Ok)?;
        let patience = Patience {
            request: edge.idle() + edge.head(),
            answer: edge.write(),
        };
        let places = (edge.connections_per_address > 0).then(|| {
            let places = Sockets::new(edge.connections_per_address, stopping.subscribe());
            Arc::new(places)
        });
        Ok(Self {
            connections: Connections::new(patience, places, stopping.subscribe()),
            certificate: edge.tls_files().map(Certificate::read).transpose()?,
            workers: workers.get(),
            connections_per_worker: edge.connections_per_worker(workers),
        })
    }

    /// How to speak TLS, if the server does.
    ///
    /// # Errors
    ///
    /// When the cryptography can't.
    pub fn tls(&self) -> io::Result<Option<ServerConfig>> {
        let certificate = self.certificate.as_ref();
        certificate.map(Certificate::config).transpose()
    }

    /// How its addresses begin.
    pub fn scheme(&self) -> &'static str {
        match self.certificate {
            Some(_) => "https",
            None => "http",
        }
    }

    /// Takes note of new connections.
    pub fn on_connect(&self) -> impl Fn(&dyn Any, &mut Extensions) + Send + Sync + 'static {
        let connections = Arc::clone(&self.connections);
        move |connection, notes| connections.note(connection, notes)
    }

    /// Cuts off who takes too long, and shows the certificate as it is by now, for as long as the server runs.
    pub async fn keep(self) {
        tokio::join!(self.connections.watch(), tls::keep_fresh(self.certificate));
    }
}

impl EdgeArgs {
    /// The bounds of a body.
    pub(super) fn body(&self) -> BodyLimits {
        BodyLimits {
            bytes: size(self.max_body_bytes),
            time: self.wait_for_body(),
        }
    }

    /// The bounds of an answer.
    pub(super) fn answers(&self) -> AnswerLimits {
        AnswerLimits {
            bytes: size(self.max_response_bytes),
            errors: self.max_errors.into(),
        }
    }
}

fn size(bytes: u32) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// Tells that an address can't be listened on, and what to do about it.
pub fn cannot_listen(address: SocketAddr, error: &io::Error) -> io::Error {
    let text = format!("can't listen on {address}: {error}; choose another address with --listen");
    io::Error::new(error.kind(), text)
}
