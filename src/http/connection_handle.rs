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
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, dev::Extensions, rt::net::TcpStream};
use nix::sys::socket::{Shutdown, shutdown};
use tokio::sync::watch;

use super::{guarded_body::with_guard, transport::StreamAbort};

/// The file descriptor of a connection's socket.
#[derive(Clone, Copy, Debug)]
struct SocketFd(RawFd);

/// Records the file descriptor of a new connection in its extensions.
pub fn record_fd(connection: &dyn Any, extensions: &mut Extensions) {
    if let Some(stream) = tcp_stream(connection) {
        extensions.insert(SocketFd(stream.as_raw_fd()));
    }
}

/// Returns the TCP stream of a connection, with or without TLS.
fn tcp_stream(connection: &dyn Any) -> Option<&TcpStream> {
    let plain = connection.downcast_ref::<TcpStream>();
    plain.or_else(|| {
        let tls = connection.downcast_ref::<TlsStream<TcpStream>>()?;
        Some(tls.get_ref().0)
    })
}

/// Shuts down the connection with this file descriptor. Unsent data is lost.
pub fn shut_down(fd: RawFd) {
    if let Err(error) = shutdown(fd, Shutdown::Both) {
        let error = io::Error::from(error);
        tracing::debug!(%error, "a connection was already closed before it could be shut down");
    }
}

/// A handle to the connection of a response that is still being written. With HTTP/2 it is a handle to the stream of the
/// response, because the connection may have others.
#[derive(Clone, Debug)]
pub struct ConnectionHandle {
    fd: Option<SocketFd>,
    stream: Option<StreamAbort>,
    /// The receiver of a channel whose sender is dropped with the response's body.
    body_alive: watch::Receiver<()>,
}

impl ConnectionHandle {
    /// Creates the handle for a response to `request`.
    pub fn for_response(request: &HttpRequest, response: HttpResponse) -> (HttpResponse, Self) {
        let (sender, receiver) = watch::channel(());
        let handle = Self {
            fd: request.conn_data().copied(),
            stream: request.extensions().get().cloned(),
            body_alive: receiver,
        };
        (with_guard(response, sender), handle)
    }

    /// Waits until the response is written or the client has disconnected.
    pub async fn response_sent(&self) {
        // Nothing is ever sent. This waits until the sender is dropped.
        let _ = self.body_alive.clone().changed().await;
    }

    /// Shuts down the connection, even if the response is incomplete. Does nothing once the response is written or the
    /// client has disconnected.
    pub fn shut_down(&self) {
        if let Some(stream) = &self.stream {
            stream.abort();
        }
        // The same task on this thread owns the body and its connection. As long as the body exists, the file
        // descriptor still belongs to the connection.
        if let Some(SocketFd(fd)) = self.fd.filter(|_| self.body_alive.has_changed().is_ok()) {
            shut_down(fd);
        }
    }
}
