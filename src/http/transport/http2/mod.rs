//! HTTP/2: the streams of a connection, within bounds.
//!
//! A stream is bounded like a connection of HTTP/1.1: it counts to the limits of its address and of its worker, its
//! request has timeouts, and a client that does not read its response loses the stream, not the connection. A client that
//! reads nothing loses the connection.

mod request;
mod response;
mod streams;

use std::{net::SocketAddr, rc::Rc, sync::Arc, time::Duration};

use actix_http::Request;
use actix_service::Service;
use actix_web::{Error, body::MessageBody, dev::ServiceResponse, rt, web::Bytes};
use h2::{
    Reason, RecvStream,
    server::{Builder, Connection as H2Connection, SendResponse},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
    time::{Instant, sleep_until, timeout},
};
use tokio_io_timeout::TimeoutStream;

pub use self::request::StreamAbort;
use self::{
    request::{Body, client_reset, to_request},
    streams::{OpenStreams, StreamPermit, StreamSlots},
};
use super::{Transport, TransportTimeouts};
use crate::http::{
    connection_limiter::{ConnectionLimiter, wait_for_shutdown},
    connections::Connection,
};

/// The maximum number of streams of a connection that are open at the same time. It is the least that the standard
/// recommends (RFC 9113, 6.5.2).
const MAX_STREAMS: u32 = 100;

/// The maximum size of a request's headers in bytes, as with HTTP/1.1.
const MAX_HEAD_BYTES: u32 = 128 << 10;

/// The number of bytes that a client may send before the server has read them, per stream and per connection.
const STREAM_WINDOW_BYTES: u32 = 64 << 10;
const CONNECTION_WINDOW_BYTES: u32 = 1 << 20;

/// The maximum number of bytes of a response that wait to be written.
const SEND_BUFFER_BYTES: usize = 16 << 10;

/// The time that a client has to close its connection after it was asked to.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

/// Serves the connections of HTTP/2 of a worker.
pub struct Http2<S> {
    app: Rc<S>,
    timeouts: TransportTimeouts,
    address_limiter: Option<Arc<ConnectionLimiter>>,
    slots: Rc<StreamSlots>,
    shutdown_signal: watch::Receiver<bool>,
}

impl<S, B> Http2<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    /// Creates the service of an application.
    pub fn new(app: Rc<S>, transport: &Transport) -> Self {
        Self {
            app,
            timeouts: transport.timeouts,
            address_limiter: transport.address_limiter.clone(),
            slots: StreamSlots::of_thread(&transport.connections, transport.max_connections),
            shutdown_signal: transport.shutdown_signal.clone(),
        }
    }

    /// Serves a connection until it ends.
    ///
    /// # Errors
    ///
    /// When the client violates the protocol, or the connection breaks.
    pub async fn serve<T>(
        &self,
        stream: T,
        client: Option<SocketAddr>,
        connection: Rc<Connection>,
    ) -> Result<(), h2::Error>
    where
        T: AsyncRead + AsyncWrite + Unpin,
    {
        // This module has timeouts for each stream.
        connection.suspend_timeout();
        // A client that reads nothing at all loses the connection, with the responses that wait to be written.
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.timeouts.write));
        let handshake = builder().handshake::<_, Bytes>(Box::pin(stream));
        let Ok(established) = timeout(self.timeouts.head, handshake).await else {
            return Ok(());
        };
        let mut established = established?;
        let open = OpenStreams::new();
        let mut shutdown_signal = self.shutdown_signal.clone();
        let mut closing_since = None;
        loop {
            let idle_until = open.idle_since().map(|since| match closing_since {
                Some(closing) => since.max(closing) + CLOSE_TIMEOUT,
                None => since + self.timeouts.idle,
            });
            tokio::select! {
                accepted = established.accept() => match accepted {
                    Some(accepted) => {
                        let (request, respond) = accepted?;
                        self.accept(request, respond, client, &open);
                    }
                    None => return Ok(()),
                },
                () = wait_until(idle_until) => {
                    if closing_since.is_some() {
                        return Ok(());
                    }
                    close(&mut established, &mut closing_since);
                }
                () = wait_for_shutdown(&mut shutdown_signal), if closing_since.is_none() => {
                    close(&mut established, &mut closing_since);
                }
                () = open.last_closed() => {}
            }
        }
    }

    /// Starts to process the request of a stream. Refuses the stream if there are too many; the client may send its
    /// request again.
    fn accept(
        &self,
        request: http::Request<RecvStream>,
        mut respond: SendResponse<Bytes>,
        client: Option<SocketAddr>,
        open: &Rc<OpenStreams>,
    ) {
        let Some(permit) = self.permit(client, open) else {
            return respond.send_reset(Reason::REFUSED_STREAM);
        };
        let (app, write_timeout) = (Rc::clone(&self.app), self.timeouts.write);
        rt::spawn(async move {
            exchange(&app, request, respond, client, write_timeout).await;
            drop(permit);
        });
    }

    /// The connection itself is the permit of its first stream.
    fn permit(&self, client: Option<SocketAddr>, open: &Rc<OpenStreams>) -> Option<StreamPermit> {
        let of_address = match (&self.address_limiter, client) {
            (Some(limiter), Some(client)) if !open.is_empty() => {
                Some(limiter.try_acquire(client.ip())?)
            }
            _ => None,
        };
        let slot = self.slots.try_acquire()?;
        Some(open.open(slot, of_address))
    }
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEAD_BYTES)
        .initial_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_send_buffer_size(SEND_BUFFER_BYTES);
    builder
}

/// Asks the client to open no further stream.
fn close<T>(connection: &mut H2Connection<T, Bytes>, closing_since: &mut Option<Instant>)
where
    T: AsyncRead + AsyncWrite + Unpin,
{
    connection.graceful_shutdown();
    *closing_since = Some(Instant::now());
}

async fn wait_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Processes a request and sends its response. A request whose client has reset the stream is dropped and cancelled.
async fn exchange<S, B>(
    app: &S,
    request: http::Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    client: Option<SocketAddr>,
    write_timeout: Duration,
) where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
{
    let is_head = request.method() == http::Method::HEAD;
    let abort = StreamAbort::default();
    let Some(request) = to_request(request.map(Body), client, &abort) else {
        return respond.send_reset(Reason::PROTOCOL_ERROR);
    };
    let response = tokio::select! {
        response = app.call(request) => response,
        () = client_reset(&mut respond) => return,
    };
    let response = match response {
        Ok(response) => actix_http::Response::from(response).map_into_boxed_body(),
        Err(error) => error.into(),
    };
    response::send(response, respond, is_head, &abort, write_timeout).await;
}
