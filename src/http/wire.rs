//! The connection below a long-lived response.
//!
//! actix-web polls the body again only after the client has read what was written. A client that stops reading would
//! hold its connection forever and block the shutdown. The code that produces such a response can therefore close the
//! connection.

use std::{
    any::Any,
    io,
    os::fd::{AsRawFd, RawFd},
};

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::{HttpRequest, HttpResponse, dev::Extensions, rt::net::TcpStream};
use nix::sys::socket::{Shutdown, shutdown};
use tokio::sync::watch;

use super::holding::hold;

/// The file descriptor of a connection's socket.
#[derive(Clone, Copy, Debug)]
struct Number(RawFd);

/// Records the file descriptor of a new connection in its extensions.
pub fn note(connection: &dyn Any, notes: &mut Extensions) {
    if let Some(stream) = tcp(connection) {
        notes.insert(Number(stream.as_raw_fd()));
    }
}

/// Returns the TCP stream of a connection, with or without TLS.
pub fn tcp(connection: &dyn Any) -> Option<&TcpStream> {
    let plain = connection.downcast_ref::<TcpStream>();
    plain.or_else(|| {
        let tls = connection.downcast_ref::<TlsStream<TcpStream>>()?;
        Some(tls.get_ref().0)
    })
}

/// Shuts down the connection with this file descriptor. Unsent data is lost.
pub fn cut(number: RawFd) {
    if let Err(error) = shutdown(number, Shutdown::Both) {
        let error = io::Error::from(error);
        tracing::debug!(%error, "a connection was already closed before it could be shut down");
    }
}

/// A handle to the connection of a response that is still being written.
#[derive(Clone, Debug)]
pub struct Wire {
    number: Option<Number>,
    /// The receiver of a channel whose sender is dropped with the response's body.
    answer: watch::Receiver<()>,
}

impl Wire {
    /// Creates the handle for a response to `request`.
    pub fn below(request: &HttpRequest, response: HttpResponse) -> (HttpResponse, Self) {
        let (sender, receiver) = watch::channel(());
        let wire = Self {
            number: request.conn_data().copied(),
            answer: receiver,
        };
        (hold(response, sender), wire)
    }

    /// Waits until the response is written or the client has disconnected.
    pub async fn done(&self) {
        // Nothing is ever sent. This waits until the sender is dropped.
        let _ = self.answer.clone().changed().await;
    }

    /// Shuts down the connection, even if the response is incomplete. Does nothing once the response is written or the
    /// client has disconnected.
    pub fn cut(&self) {
        // The same task on this thread owns the body and its connection. As long as the body exists, the file
        // descriptor still belongs to the connection.
        if let Some(Number(number)) = self.number.filter(|_| self.answer.has_changed().is_ok()) {
            cut(number);
        }
    }
}
