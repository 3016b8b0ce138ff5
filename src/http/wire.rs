//! The connection below an answer that goes on for long.
//!
//! actix-web writes what a client takes, and asks for more when it has taken that. A client that takes nothing any more would so keep its
//! connection for ever, and the server from stopping. So what feeds such an answer can cut the connection off.

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

/// The number of a connection's socket among the process's files.
#[derive(Clone, Copy, Debug)]
struct Number(RawFd);

/// Notes on a new connection by which number it goes.
pub fn note(connection: &dyn Any, notes: &mut Extensions) {
    if let Some(stream) = tcp(connection) {
        notes.insert(Number(stream.as_raw_fd()));
    }
}

/// The connection itself, below TLS if it has that.
pub fn tcp(connection: &dyn Any) -> Option<&TcpStream> {
    let plain = connection.downcast_ref::<TcpStream>();
    plain.or_else(|| {
        let tls = connection.downcast_ref::<TlsStream<TcpStream>>()?;
        Some(tls.get_ref().0)
    })
}

/// Ends the connection of this number, whatever is still on its way.
pub fn cut(number: RawFd) {
    if let Err(error) = shutdown(number, Shutdown::Both) {
        let error = io::Error::from(error);
        tracing::debug!(%error, "a connection was gone before it could be cut off");
    }
}

/// The connection that an answer goes over, known while the answer isn't written to its end.
#[derive(Clone, Debug)]
pub struct Wire {
    number: Option<Number>,
    /// The other end goes with the answer's body.
    answer: watch::Receiver<()>,
}

impl Wire {
    /// Watches over an answer to `request`.
    pub fn below(request: &HttpRequest, answer: HttpResponse) -> (HttpResponse, Self) {
        let (there, watching) = watch::channel(());
        let wire = Self {
            number: request.conn_data().copied(),
            answer: watching,
        };
        (hold(answer, there), wire)
    }

    /// Waits until the answer is written, or the client gone.
    pub async fn done(&self) {
        // Nothing is ever sent: what is waited for is that the other end goes.
        let _ = self.answer.clone().changed().await;
    }

    /// Ends the connection, whatever of the answer is still on its way. Does nothing once the answer is written or the client gone.
    pub fn cut(&self) {
        // While the answer's body is there, so is its connection: the same task owns both, on this thread. So the number can't
        // have become another file's.
        if let Some(Number(number)) = self.number.filter(|_| self.answer.has_changed().is_ok()) {
            cut(number);
        }
    }
}
