//! The open connections: how many an address has, and how long each may wait for its client.
//!
//! actix-web bounds how long the first head of a connection may take, and how long a connection may be idle. It bounds neither how long
//! a later head may take, once its first byte is there, nor how long a client may take for an answer. So each connection has a moment here
//! until which something has to happen, and is cut off when that is past.

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

/// How often connections whose time is over are looked for.
const ROUND: Duration = Duration::from_millis(250);

/// How long what is left of an answer may take to go out once the server stops.
const STOP_PATIENCE: Duration = Duration::from_millis(500);

/// How much of an answer the system may hold that the client hasn't taken. Left to itself it holds megabytes of each, and asks for more only
/// when many of them are taken, so that nobody would see a slow client go on.
const SEND_BUFFER: usize = 128 << 10;

/// The moment of a connection that may take as long as it takes.
const NEVER: u64 = u64::MAX;

/// How long a connection may wait for its client.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From the end of an answer, or the connection's begin, to the end of the next request's head: the time that it may be idle, and the
    /// time that a head may take.
    pub request: Duration,
    /// For a stretch of an answer.
    pub answer: Duration,
}

/// Every open connection of the server.
#[derive(Debug)]
pub struct Connections {
    begin: Instant,
    patience: Patience,
    /// Counts the connections of each address, if they are bounded.
    places: Option<Arc<Sockets>>,
    stopping: watch::Receiver<bool>,
    open: Mutex<HashMap<u64, Arc<Open>>>,
    next: AtomicU64,
}

/// What all workers see of a connection.
#[derive(Debug)]
struct Open {
    /// The number of its socket among the process's files.
    number: RawFd,
    client: Option<SocketAddr>,
    /// Until when something has to happen, in milliseconds since the server's begin.
    until: AtomicU64,
    /// Whether that is the next request.
    waits: AtomicBool,
}

/// A connection, as its worker has it. It goes before the connection's socket does.
#[derive(Debug)]
pub struct Connection {
    all: Arc<Connections>,
    key: u64,
    open: Arc<Open>,
    _place: Option<Place>,
}

impl Connections {
    /// None yet.
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

    /// Notes a new connection, on itself too, or cuts it off if its client's address has as many as it may.
    pub fn note(self: &Arc<Self>, connection: &dyn Any, notes: &mut Extensions) {
        wire::note(connection, notes);
        let Some(stream) = tcp(connection) else {
            return;
        };
        let client = stream.peer_addr().ok();
        let number = stream.as_raw_fd();
        let place = match (&self.places, client) {
            (Some(places), Some(client)) => {
                let place = places.take_place(client.ip());
                if place.is_none() {
                    return cut(number);
                }
                place
            }
            _ => None,
        };
        if let Err(error) = setsockopt(stream, SndBuf, &SEND_BUFFER) {
            let error = io::Error::from(error);
            tracing::debug!(%error, "the send buffer of a connection can't be bounded");
        }
        let open = Arc::new(Open {
            number,
            client,
            until: AtomicU64::new(self.in_time(self.patience.request)),
            waits: AtomicBool::new(true),
        });
        let key = self.next.fetch_add(1, Ordering::Relaxed);
        self.open().insert(key, Arc::clone(&open));
        notes.insert(Rc::new(Connection {
            all: Arc::clone(self),
            key,
            open,
            _place: place,
        }));
    }

    /// Cuts off the connections whose time is over, for as long as the server runs.
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
        // While this is locked no connection can go, and so no number become another file's.
        for open in self.open().values() {
            if self.end(open, stops_at) < now && open.is_there() {
                tracing::debug!("a client takes too long; its connection is cut off");
                open.until.store(NEVER, Ordering::Relaxed);
                cut(open.number);
            }
        }
    }

    /// Until when something has to happen on a connection. Once the server stops it takes no request any more, so all that one can wait for
    /// that waits for the next is that the client takes the end of its answer.
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
    /// Whether the socket of this number is still this client's. A request that outlived its connection could keep the note of it.
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
    /// A request came, and it is for us to do something.
    pub fn is_served(&self) {
        self.open.until.store(NEVER, Ordering::Relaxed);
    }

    /// The client has time for a stretch of the answer.
    pub fn writes(&self) {
        self.has(self.all.patience.answer, false);
    }

    /// The answer is written, and the client has time for the next request.
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

/// Tells a connection what becomes of its requests.
pub async fn serve<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(connection) = request.conn_data::<Rc<Connection>>().cloned() else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    connection.is_served();
    match next.call(request).await {
        Ok(answer) => {
            Ok(answer.map_body(|_, body| BoxBody::new(Paced::new(body.boxed(), connection))))
        }
        Err(error) => {
            // Its answer is short.
            connection.waits();
            Err(error)
        }
    }
}
