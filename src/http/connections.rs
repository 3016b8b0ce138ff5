//! The open connections: their number per address, and the timeouts of slow clients.
//!
//! actix-web has timeouts for the first request head of a connection and for an idle connection. It has none for a
//! later head, once its first byte has arrived, and none for a client that reads a response slowly. So each connection
//! has a deadline here, and is closed when the deadline has passed.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    os::fd::{AsRawFd, RawFd},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    rt::net::TcpStream,
};
use nix::sys::socket::{SockaddrStorage, getpeername, setsockopt, sockopt::SndBuf};
use parking_lot::{Mutex, MutexGuard};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};

use super::{
    connection_handle::shut_down,
    connection_limiter::{ConnectionLimiter, ConnectionPermit},
    slow_client::PacedBody,
};

/// The interval at which the deadlines are checked.
const CHECK_INTERVAL: Duration = Duration::from_millis(250);

/// The time that a client has to read the rest of a response during shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(500);

/// The size of a socket's send buffer in bytes. By default the system buffers megabytes, and accepts more only after
/// the client has read many of them, which would hide the progress of a slow client.
const SEND_BUFFER_BYTES: usize = 128 << 10;

/// The deadline of a connection without a deadline.
const NO_DEADLINE: u64 = u64::MAX;

/// The timeouts of a client.
#[derive(Clone, Copy, Debug)]
pub struct ClientTimeouts {
    /// The timeout from the start of the connection or the end of a response to the end of the next request's head. It
    /// is the sum of the idle timeout and the timeout for a head.
    pub request: Duration,
    /// The write timeout for each part of a response.
    pub write: Duration,
}

/// The open connections of the server.
#[derive(Debug)]
pub struct Connections {
    started_at: Instant,
    timeouts: ClientTimeouts,
    /// The limiter of connections per address, if there is a limit.
    address_limiter: Option<Arc<ConnectionLimiter>>,
    shutdown_signal: watch::Receiver<bool>,
    open: Mutex<HashMap<u64, Arc<OpenConnection>>>,
    next_key: AtomicU64,
}

/// The state of a connection that all threads share.
#[derive(Debug)]
struct OpenConnection {
    /// The file descriptor of the socket.
    fd: RawFd,
    client: Option<SocketAddr>,
    /// The deadline, in milliseconds since the start of the server.
    deadline_ms: AtomicU64,
    /// Whether the deadline is for the next request.
    is_awaiting_request: AtomicBool,
}

/// A connection, as its worker owns it. It is dropped before the connection's socket is closed; after a TLS handshake
/// that failed, immediately afterwards.
#[derive(Debug)]
pub struct Connection {
    connections: Arc<Connections>,
    key: u64,
    open: Arc<OpenConnection>,
    _permit: Option<ConnectionPermit>,
}

impl Connections {
    /// Creates an empty set of connections.
    pub fn new(
        timeouts: ClientTimeouts,
        address_limiter: Option<Arc<ConnectionLimiter>>,
        shutdown_signal: watch::Receiver<bool>,
    ) -> Arc<Self> {
        Arc::new(Self {
            started_at: Instant::now(),
            timeouts,
            address_limiter,
            shutdown_signal,
            open: Mutex::default(),
            next_key: AtomicU64::new(0),
        })
    }

    /// Registers a new connection. Closes it, and returns `None`, if the client's address has reached its limit.
    pub fn register(self: &Arc<Self>, stream: &TcpStream) -> Option<Rc<Connection>> {
        let client = stream.peer_addr().ok();
        let fd = stream.as_raw_fd();
        let permit = match (&self.address_limiter, client) {
            (Some(limiter), Some(client)) => {
                let permit = limiter.try_acquire(client.ip());
                if permit.is_none() {
                    shut_down(fd);
                    return None;
                }
                permit
            }
            _ => None,
        };
        if let Err(error) = setsockopt(stream, SndBuf, &SEND_BUFFER_BYTES) {
            let error = io::Error::from(error);
            tracing::debug!(%error, "the send buffer of a connection could not be limited");
        }
        // Otherwise the system sends the last part of a response only when the client has acknowledged the part before,
        // which it does after up to 40 ms.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection may delay parts of responses");
        }
        let open = Arc::new(OpenConnection {
            fd,
            client,
            deadline_ms: AtomicU64::new(self.millis_from_now(self.timeouts.request)),
            is_awaiting_request: AtomicBool::new(true),
        });
        let key = self.next_key.fetch_add(1, Ordering::Relaxed);
        self.lock_open().insert(key, Arc::clone(&open));
        Some(Rc::new(Connection {
            connections: Arc::clone(self),
            key,
            open,
            _permit: permit,
        }))
    }

    /// Closes connections after their deadline, as long as the server runs.
    pub async fn close_expired_connections(&self) {
        let mut ticks = interval(CHECK_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut stopping_at = None;
        loop {
            ticks.tick().await;
            if stopping_at.is_none() && *self.shutdown_signal.borrow() {
                stopping_at = Some(self.millis_from_now(Duration::ZERO));
            }
            self.close_expired(stopping_at);
        }
    }

    fn close_expired(&self, stopping_at: Option<u64>) {
        let now = self.millis_from_now(Duration::ZERO);
        // While the lock is held, no connection is removed, so no file descriptor is reused.
        for open in self.lock_open().values() {
            if self.deadline_of(open, stopping_at) < now && open.is_same_client() {
                tracing::debug!("a client is too slow; its connection is closed");
                open.deadline_ms.store(NO_DEADLINE, Ordering::Relaxed);
                shut_down(open.fd);
            }
        }
    }

    /// Returns the deadline of a connection. During shutdown the server accepts no further request, so a connection
    /// that waits for one only has to deliver the rest of its last response.
    fn deadline_of(&self, open: &OpenConnection, stopping_at: Option<u64>) -> u64 {
        let deadline = open.deadline_ms.load(Ordering::Relaxed);
        match stopping_at {
            Some(stopping_at)
                if deadline != NO_DEADLINE && open.is_awaiting_request.load(Ordering::Relaxed) =>
            {
                let started_at = deadline.saturating_sub(millis(self.timeouts.request));
                started_at
                    .max(stopping_at)
                    .saturating_add(millis(SHUTDOWN_TIMEOUT))
            }
            _ => deadline,
        }
    }

    fn millis_from_now(&self, time: Duration) -> u64 {
        millis(self.started_at.elapsed().saturating_add(time))
    }

    fn lock_open(&self) -> MutexGuard<'_, HashMap<u64, Arc<OpenConnection>>> {
        self.open.lock()
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(NO_DEADLINE)
}

impl OpenConnection {
    /// Returns whether the file descriptor still belongs to this client. A request that outlives its connection, or a
    /// TLS handshake that failed, could delay the removal of the entry.
    fn is_same_client(&self) -> bool {
        let peer = getpeername::<SockaddrStorage>(self.fd).ok();
        let peer = peer.and_then(|peer| {
            let v4 = peer.as_sockaddr_in().map(|v4| SocketAddr::from(*v4));
            v4.or_else(|| peer.as_sockaddr_in6().map(|v6| SocketAddr::from(*v6)))
        });
        peer.is_some() && peer == self.client
    }
}

impl Connection {
    /// Turns the deadline off while the server processes a request.
    pub fn suspend_timeout(&self) {
        self.open.deadline_ms.store(NO_DEADLINE, Ordering::Relaxed);
    }

    /// Starts the write timeout for the next part of the response.
    pub fn start_write_timeout(&self) {
        self.set_deadline(self.connections.timeouts.write, false);
    }

    /// Starts the timeout for the next request, after the response is written.
    pub fn start_request_timeout(&self) {
        self.set_deadline(self.connections.timeouts.request, true);
    }

    fn set_deadline(&self, time: Duration, is_awaiting_request: bool) {
        let deadline = self.connections.millis_from_now(time);
        self.open
            .is_awaiting_request
            .store(is_awaiting_request, Ordering::Relaxed);
        self.open.deadline_ms.store(deadline, Ordering::Relaxed);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.connections.lock_open().remove(&self.key);
    }
}

/// Updates the deadline of a connection as its requests are processed.
pub async fn track_connection<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(connection) = request.conn_data::<Rc<Connection>>().cloned() else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    connection.suspend_timeout();
    match next.call(request).await {
        Ok(response) => {
            Ok(response.map_body(|_, body| BoxBody::new(PacedBody::new(body.boxed(), connection))))
        }
        Err(error) => {
            // The response to an error is short and needs no write timeout.
            connection.start_request_timeout();
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn no_part_of_a_response_waits_for_an_acknowledgement() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (_client, (stream, _)) = (client.unwrap(), accepted.unwrap());
        let timeouts = ClientTimeouts {
            request: Duration::from_secs(1),
            write: Duration::from_secs(1),
        };
        let (_sender, shutdown_signal) = watch::channel(false);
        let connections = Connections::new(timeouts, None, shutdown_signal);
        assert!(connections.register(&stream).is_some());
        assert!(stream.nodelay().unwrap());
    }
}
