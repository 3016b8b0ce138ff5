//! The open streams of a connection and of a worker.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
    sync::{self, Arc},
};

use tokio::{sync::Notify, time::Instant};

use crate::http::{connection_limiter::ConnectionPermit, connections::Connections};

/// The slots for the streams of a worker.
#[derive(Debug)]
pub struct StreamSlots {
    free: Cell<usize>,
}

/// A slot. Dropping it frees it.
#[derive(Debug)]
pub struct StreamSlot(Rc<StreamSlots>);

/// The slots of a server's worker. The server is identified by its connections.
type SlotsOfServer = (sync::Weak<Connections>, Weak<StreamSlots>);

impl StreamSlots {
    /// Returns the slots of the worker on this thread, `count` at first. A worker that listens on several addresses has
    /// the same slots for all of them.
    pub fn of_thread(server: &Arc<Connections>, count: usize) -> Rc<Self> {
        thread_local! {
            static SLOTS: RefCell<Vec<SlotsOfServer>> = const { RefCell::new(Vec::new()) };
        }

        let server = Arc::downgrade(server);
        SLOTS.with_borrow_mut(|known| {
            known.retain(|(_, slots)| slots.strong_count() > 0);
            let of_server = known.iter().find(|(other, _)| other.ptr_eq(&server));
            let slots = of_server.and_then(|(_, slots)| slots.upgrade());
            slots.unwrap_or_else(|| {
                let slots = Self::new(count);
                known.push((server, Rc::downgrade(&slots)));
                slots
            })
        })
    }

    /// Creates `count` slots.
    fn new(count: usize) -> Rc<Self> {
        Rc::new(Self {
            free: Cell::new(count),
        })
    }

    /// Takes a slot, if one is free.
    pub fn try_acquire(self: &Rc<Self>) -> Option<StreamSlot> {
        self.free.set(self.free.get().checked_sub(1)?);
        Some(StreamSlot(Rc::clone(self)))
    }
}

impl Drop for StreamSlot {
    fn drop(&mut self) {
        self.0.free.set(self.0.free.get() + 1);
    }
}

/// The open streams of a connection.
#[derive(Debug)]
pub struct OpenStreams {
    count: Cell<usize>,
    /// The time at which the last stream was closed, or the connection was opened.
    idle_since: Cell<Instant>,
    last_closed: Notify,
}

/// An open stream of a connection. Dropping it closes the stream.
#[derive(Debug)]
pub struct StreamPermit {
    open: Weak<OpenStreams>,
    _slot: StreamSlot,
    _of_address: Option<ConnectionPermit>,
}

impl OpenStreams {
    /// Creates the streams of a new connection.
    pub fn new() -> Rc<Self> {
        Rc::new(Self {
            count: Cell::new(0),
            idle_since: Cell::new(Instant::now()),
            last_closed: Notify::new(),
        })
    }

    /// Returns whether no stream is open.
    pub fn is_empty(&self) -> bool {
        self.count.get() == 0
    }

    /// Returns since when no stream is open; `None` if one is.
    pub fn idle_since(&self) -> Option<Instant> {
        self.is_empty().then(|| self.idle_since.get())
    }

    /// Opens a stream.
    pub fn open(
        self: &Rc<Self>,
        slot: StreamSlot,
        of_address: Option<ConnectionPermit>,
    ) -> StreamPermit {
        self.count.set(self.count.get() + 1);
        StreamPermit {
            open: Rc::downgrade(self),
            _slot: slot,
            _of_address: of_address,
        }
    }

    /// Waits until the last open stream is closed.
    pub async fn last_closed(&self) {
        self.last_closed.notified().await;
    }
}

impl Drop for StreamPermit {
    fn drop(&mut self) {
        // The connection may have ended before its streams.
        let Some(open) = self.open.upgrade() else {
            return;
        };
        open.count.set(open.count.get() - 1);
        if open.is_empty() {
            open.idle_since.set(Instant::now());
            open.last_closed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::watch;

    use super::*;
    use crate::http::connections::ClientTimeouts;

    #[tokio::test]
    async fn the_listeners_of_a_worker_share_its_slots() {
        let timeouts = ClientTimeouts {
            request: Duration::from_secs(1),
            write: Duration::from_secs(1),
        };
        let server = || Connections::new(timeouts, None, watch::channel(false).1);
        let (one, other) = (server(), server());
        let [first, second] = [(); 2].map(|()| StreamSlots::of_thread(&one, 1));
        let of_other = StreamSlots::of_thread(&other, 1);
        let slot = first.try_acquire().unwrap();
        assert!(second.try_acquire().is_none());
        assert!(of_other.try_acquire().is_some());
        drop(slot);
        assert!(second.try_acquire().is_some());
        // The slots end with the services that use them.
        drop((first, second));
        assert!(StreamSlots::of_thread(&one, 0).try_acquire().is_none());
    }

    #[tokio::test]
    async fn a_connection_is_idle_once_its_last_stream_is_closed() {
        let slots = StreamSlots::new(2);
        let open = OpenStreams::new();
        assert!(open.idle_since().is_some());
        let first = open.open(slots.try_acquire().unwrap(), None);
        let second = open.open(slots.try_acquire().unwrap(), None);
        assert!(slots.try_acquire().is_none());
        drop(first);
        assert!(open.idle_since().is_none());
        assert!(slots.try_acquire().is_some());
        drop(second);
        open.last_closed().await;
        assert!(open.idle_since().is_some());
    }

    #[test]
    fn a_stream_may_outlive_its_connection() {
        let slots = StreamSlots::new(1);
        let open = OpenStreams::new();
        let permit = open.open(slots.try_acquire().unwrap(), None);
        drop(open);
        assert!(slots.try_acquire().is_none());
        drop(permit);
        assert!(slots.try_acquire().is_some());
    }
}
