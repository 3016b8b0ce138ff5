//! How connections fail.
//!
//! Anyone can send malformed bytes, and scanners do. They are counted, and logged with the address at the level `debug`.
//! They are no errors of this server.

use std::{fmt, io, net::SocketAddr, sync::Arc};

use actix_http::error::{DispatchError, ParseError};

use crate::http::observe::Observer;
pub use crate::http::observe::instruments::labels::Protocol;

/// Counts and logs how connections fail.
#[derive(Debug)]
pub struct FailureLog {
    observer: Arc<Observer>,
}

impl FailureLog {
    /// Creates the log.
    pub fn new(observer: Arc<Observer>) -> Self {
        Self { observer }
    }

    /// Records how a connection of HTTP/1 ended.
    pub fn record_http1(&self, client: Option<SocketAddr>, served: Result<(), DispatchError>) {
        match served {
            Err(DispatchError::Parse(
                ParseError::Incomplete | ParseError::Timeout | ParseError::Io(_),
            )) => {}
            Err(DispatchError::Parse(error)) => {
                self.record_malformed(client, Protocol::Http1, &error);
            }
            Err(
                error @ (DispatchError::Service(_)
                | DispatchError::Body(_)
                | DispatchError::Upgrade
                | DispatchError::InternalError),
            ) => tracing::error!(error.cause = %error, "a response could not be sent"),
            // The client has disconnected, or is slow.
            Ok(()) | Err(_) => {}
        }
    }

    /// Records how a connection of HTTP/2 ended.
    pub fn record_http2(&self, client: Option<SocketAddr>, served: Result<(), h2::Error>) {
        if let Err(error) = served
            && error.is_library()
        {
            self.record_malformed(client, Protocol::Http2, &error);
        }
    }

    /// Records that a handshake failed. If the client has only disconnected, its bytes were not malformed.
    pub fn record_io(&self, client: Option<SocketAddr>, protocol: Protocol, error: &io::Error) {
        use io::ErrorKind::{
            BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof,
        };
        let ends = [
            BrokenPipe,
            ConnectionAborted,
            ConnectionReset,
            NotConnected,
            UnexpectedEof,
        ];
        if !ends.contains(&error.kind()) {
            self.record_malformed(client, protocol, error);
        }
    }

    fn record_malformed(
        &self,
        client: Option<SocketAddr>,
        protocol: Protocol,
        error: &dyn fmt::Display,
    ) {
        self.observer.metrics.count_malformed(protocol);
        tracing::debug!(
            client.address = client.map(tracing::field::display),
            network.protocol = protocol.name(),
            error.cause = %error,
            "a client sent malformed bytes; its connection is closed"
        );
    }
}
