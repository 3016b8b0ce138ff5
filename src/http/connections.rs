//! The open connections: their number per address, and the timeouts of slow clients.
//!
//! actix-web has timeouts for the first request head of a connection and for an idle connection. It has none for a
//! later head, once its first byte has arrived, and none for a client that reads a response slowly. So each connection
//! has a deadline here, and is closed when the deadline has passed.

use std::{
    any::Any,
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
    dev::{Extensions, ServiceRequest, ServiceResponse},
    middleware::Next,
};
use nix::sys::socket::{SockaddrStorage, getpeername, setsockopt, sockopt::SndBuf};
use parking_lot::{Mutex, MutexGuard};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};

use super::{
    paced::Paced,
    sockets::{Place, Sockets},
    wire::{self, cut, tcp},
};

/// The interval at which the deadlines are checked.
const ROUND: Duration = Duration::from_millis(250);

/// The time that a client has to read the rest of a response during shutdown.
const STOP_PATIENCE: Duration = Duration::from_millis(500);

/// The size of a socket's send buffer in bytes. By default the system buffers megabytes, and accepts more only after
/// the client has read many of them, which would hide the progress of a slow client.
const SEND_BUFFER: usize = 128 << 10;

/// The deadline of a connection without a deadline.
const NEVER: u64 = u64::MAX;

/// The timeouts of a client.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The timeout from the start of the connection or the end of a response to the end of the next request's head. It
    /// is the sum of the idle timeout and the timeout for a head.
    pub request: Duration,
    /// The write timeout for each part of a response.
    pub answer: Duration,
}

/// The open connections of the server.
#[derive(Debug)]
pub struct Connections {
    begin: Instant,
    patience: Patience,
    /// The limiter of connections per address, if there is a limit.
    places: Option<Arc<Sockets>>,
    stopping: watch::Receiver<bool>,
    open: Mutex<HashMap<u64, Arc<Open>>>,
    next: AtomicU64,
}

/// The state of a connection that all threads share.
#[derive(Debug)]
struct Open {
    /// The file descriptor of the socket.
    number: RawFd,
    client: Option<SocketAddr>,
    /// The deadline, in milliseconds since the start of the server.
    until: AtomicU64,
    /// Whether the deadline is for the next request.
    waits: AtomicBool,
}

/// A connection, as its worker owns it. It is dropped before the connection's socket is closed.
#[derive(Debug)]
pub struct Connection {
    all: Arc<Connections>,
    key: u64,
    open: Arc<Open>,
    _place: Option<Place>,
}

impl Connections {
    /// Creates an empty set of connections.
    pub fn new(
        patience: Patience,
        places: Option<Arc<Sockets>>,
        stopping: watch::Receiver<bool>,
    ) -> Arc<Self> {
        Arc::new(Self {
            begin: Instant::now(),
            patience,
            places,
            stopping,
            open: Mutex::default(),
            next: AtomicU64::new(0),
        })
    }

    /// Registers a new connection, also in its own extensions. Closes it if the client's address has reached its limit.
    pub fn note(self: &Arc<Self>, connection: &dyn Any, extensions: &mut Extensions) {
        wire::note(connection, extensions);
        let Some(stream) = tcp(connection) else {
            return;
        };
        let client = stream.peer_addr().ok();
        let number = stream.as_raw_fd();
        let permit = match (&self.places, client) {
            (Some(limiter), Some(client)) => {
                let permit = limiter.take_place(client.ip());
                if permit.is_none() {
                    return cut(number);
                }
                permit
            }
            _ => None,
        };
        if let Err(error) = setsockopt(stream, SndBuf, &SEND_BUFFER) {
            let error = io::Error::from(error);
            tracing::debug!(%error, "the send buffer of a connection could not be limited");
        }
        let open = Arc::new(Open {
            number,
            client,
            until: AtomicU64::new(self.in_time(self.patience.request)),
            waits: AtomicBool::new(true),
        });
        let key = self.next.fetch_add(1, Ordering::Relaxed);
        self.open().insert(key, Arc::clone(&open));
        extensions.insert(Rc::new(Connection {
            all: Arc::clone(self),
            key,
            open,
            _place: permit,
        }));
    }

    /// Closes connections after their deadline, as long as the server runs.
    pub async fn watch(&self) {
        let mut rounds = interval(ROUND);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut stops_at = None;
        loop {
            rounds.tick().await;
            if stops_at.is_none() && *self.stopping.borrow() {
                stops_at = Some(self.in_time(Duration::ZERO));
            }
            self.cut_late(stops_at);
        }
    }

    fn cut_late(&self, stops_at: Option<u64>) {
        let now = self.in_time(Duration::ZERO);
        // While the lock is held, no connection is removed, so no file descriptor is reused.
        for open in self.open().values() {
            if self.end(open, stops_at) < now && open.is_there() {
                tracing::debug!("a client is too slow; its connection is closed");
                open.until.store(NEVER, Ordering::Relaxed);
                cut(open.number);
            }
        }
    }

    /// Returns the deadline of a connection. During shutdown the server accepts no further request, so a connection
    /// that waits for one has only to deliver the rest of its last response.
    fn end(&self, open: &Open, stops_at: Option<u64>) -> u64 {
        let until = open.until.load(Ordering::Relaxed);
        match stops_at {
            Some(stops_at) if until != NEVER && open.waits.load(Ordering::Relaxed) => {
                let since = until.saturating_sub(millis(self.patience.request));
                since.max(stops_at).saturating_add(millis(STOP_PATIENCE))
            }
            _ => until,
        }
    }

    fn in_time(&self, time: Duration) -> u64 {
        millis(self.begin.elapsed().saturating_add(time))
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, Arc<Open>>> {
        self.open.lock()
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(NEVER)
}

impl Open {
    /// Returns whether the file descriptor still belongs to this client. A request that outlives its connection could
    /// delay the removal of the entry.
    fn is_there(&self) -> bool {
        let peer = getpeername::<SockaddrStorage>(self.number).ok();
        let peer = peer.and_then(|peer| {
            let v4 = peer.as_sockaddr_in().map(|v4| SocketAddr::from(*v4));
            v4.or_else(|| peer.as_sockaddr_in6().map(|v6| SocketAddr::from(*v6)))
        });
        peer.is_some() && peer == self.client
    }
}

impl Connection {
    /// Turns the deadline off while the server processes a request.
    pub fn is_served(&self) {
        self.open.until.store(NEVER, Ordering::Relaxed);
    }

    /// Starts the write timeout for the next part of the response.
    pub fn writes(&self) {
        self.has(self.all.patience.answer, false);
    }

    /// Starts the timeout for the next request, after the response is written.
    pub fn waits(&self) {
        self.has(self.all.patience.request, true);
    }

    fn has(&self, time: Duration, waits: bool) {
        let until = self.all.in_time(time);
        self.open.waits.store(waits, Ordering::Relaxed);
        self.open.until.store(until, Ordering::Relaxed);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.all.open().remove(&self.key);
    }
}

/// Updates the deadline of a connection as its requests are processed.
pub async fn serve<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(connection) = request.conn_data::<Rc<Connection>>().cloned() else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    connection.is_served();
    match next.call(request).await {
        Ok(response) => {
            Ok(response.map_body(|_, body| BoxBody::new(Paced::new(body.boxed(), connection))))
        }
        Err(error) => {
            // The response to an error is short and needs no write timeout.
            connection.waits();
            Err(error)
        }
    }
}
