//! Invalidation by notifications, and fences by which a transaction waits for its own notifications.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_channel::oneshot;
use parking_lot::{Mutex, MutexGuard};
use prometheus_client::metrics::counter::Counter;
use tokio::time::timeout;

use super::{INVALIDATION_CHANNEL, invalidation_clock::InvalidationClock, tag::Tag};

/// The timeout of the wait for a fence. PostgreSQL usually delivers it in less than a millisecond.
const FENCE_TIMEOUT: Duration = Duration::from_millis(500);

/// The first character of a fence in a payload. No tag starts with it.
const FENCE_PREFIX: char = '!';

/// The word that says that any row may have changed.
const ANY_ROW: &str = "*";

/// The last character of a probe in a payload.
const PROBE_SUFFIX: char = '?';

/// Invalidates caches by the notifications on [`INVALIDATION_CHANNEL`].
///
/// A client expects to read its own writes, but the caches are invalidated only when a notification arrives. So each
/// transaction of this process sends a fence as its last notification. The fence arrives after the others, and the
/// writer waits for it.
#[derive(Debug)]
pub struct InvalidationListener {
    clock: Arc<InvalidationClock>,
    /// The number of received notifications.
    notifications: Counter,
    /// The prefix of the fences of this process.
    fence_prefix: String,
    next_fence: AtomicU64,
    /// The channel of the notifications.
    channel: Mutex<Arc<str>>,
    /// Those who wait for a fence.
    pending_fences: Mutex<HashMap<u64, oneshot::Sender<()>>>,
}

impl InvalidationListener {
    /// Creates a listener that counts as disconnected. `notifications` counts those that it receives
    /// while it is connected, without probes.
    #[must_use]
    pub fn new(clock: Arc<InvalidationClock>, notifications: Counter) -> Self {
        // If two processes had the same name, one could receive the other's fence early; nothing worse.
        let random = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), ());
        Self {
            clock,
            notifications,
            fence_prefix: format!("{FENCE_PREFIX}{random:016x}-"),
            next_fence: AtomicU64::new(0),
            channel: Mutex::new(INVALIDATION_CHANNEL.into()),
            pending_fences: Mutex::default(),
        }
    }

    /// Sets the channel of the notifications.
    pub fn set_channel(&self, channel: &str) {
        *self.channel.lock() = channel.into();
    }

    /// Records that the process receives notifications from now on.
    pub fn on_connect(&self) {
        self.clock.on_connect();
    }

    /// Records that the process does not receive notifications any more.
    pub fn on_disconnect(&self) {
        self.clock.on_disconnect();
        // No writer has to wait for a notification that can't arrive.
        self.pending_fences().clear();
    }

    /// Processes the payload of a notification.
    pub fn handle_notification(&self, payload: &str) {
        // A review's tag and those of its owners change together.
        let (mut tags, mut others) = (Vec::new(), Vec::new());
        for word in payload.split(' ') {
            match Tag::parse(word) {
                Some(tag) => tags.push(tag),
                None => others.push(word),
            }
        }
        if !tags.is_empty() {
            self.clock.invalidate(&tags);
        }
        let mut is_probe = tags.is_empty();
        for word in others {
            if word.starts_with(FENCE_PREFIX) {
                self.complete_fence(word);
                is_probe &= word.ends_with(PROBE_SUFFIX);
            } else {
                if word == ANY_ROW {
                    self.clock.invalidate_rows();
                } else {
                    // It is unknown to this version of Marquee: anything may have changed.
                    self.clock.invalidate_all();
                }
                is_probe = false;
            }
        }
        // Those before the first probe is received only make nothing stale that is used.
        if !is_probe && self.clock.now().is_some() {
            self.notifications.inc();
        }
    }

    fn complete_fence(&self, word: &str) {
        let number = word.strip_prefix(&self.fence_prefix);
        let number = number.map(|number| number.trim_end_matches(PROBE_SUFFIX));
        let number = number.and_then(|number| number.parse().ok());
        if let Some(waiter) = number.and_then(|number: u64| self.pending_fences().remove(&number)) {
            // A writer that was cancelled needs no result.
            let _ = waiter.send(());
        }
    }

    /// Returns a fence for a transaction. `None` while no notifications are received.
    #[must_use]
    pub fn fence(self: &Arc<Self>) -> Option<CommitFence> {
        self.clock.now()?;
        Some(self.next_fence())
    }

    /// Returns a probe, by which the listener finds out whether it receives notifications.
    #[must_use]
    pub fn probe(self: &Arc<Self>) -> Probe {
        Probe(self.next_fence())
    }

    fn next_fence(self: &Arc<Self>) -> CommitFence {
        let number = self.next_fence.fetch_add(1, Ordering::Relaxed);
        let (sender, received) = oneshot::channel();
        self.pending_fences().insert(number, sender);
        CommitFence {
            listener: Arc::clone(self),
            number,
            received,
        }
    }

    /// Records that any row may have changed: a transaction has ended without a fence. No notifications were received before
    /// it ended, and if LISTEN has begun since, its own may be missing.
    pub fn invalidate_all(&self) {
        self.clock.invalidate_all();
    }

    fn pending_fences(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<()>>> {
        self.pending_fences.lock()
    }
}

/// The last notification of a transaction.
#[derive(Debug)]
pub struct CommitFence {
    listener: Arc<InvalidationListener>,
    number: u64,
    received: oneshot::Receiver<()>,
}

impl CommitFence {
    /// Returns the statement that sends the fence.
    #[must_use]
    pub fn statement(&self) -> String {
        let channel = Arc::clone(&self.listener.channel.lock());
        format!("SELECT pg_notify('{channel}', '{}')", self.payload())
    }

    fn payload(&self) -> String {
        format!("{}{}", self.listener.fence_prefix, self.number)
    }

    /// Waits until the fence is received, and with it all notifications of the transaction. If it isn't received, because
    /// the connection was lost or nothing arrives in time, everything is invalidated: the connection may be there again,
    /// and have missed the notifications.
    pub async fn wait(mut self) {
        match timeout(FENCE_TIMEOUT, &mut self.received).await {
            Ok(Ok(())) => return,
            Ok(Err(oneshot::Canceled)) => {}
            Err(_) => tracing::warn!(
                "the notification of a commit did not arrive in time; all cached entries are invalidated"
            ),
        }
        self.listener.clock.invalidate_all();
    }
}

/// A notification that changes nothing. If it is sent over one connection and received over another, so are those of
/// other transactions.
#[derive(Debug)]
pub struct Probe(CommitFence);

impl Probe {
    /// Returns the payload of the notification.
    #[must_use]
    pub fn payload(&self) -> String {
        format!("{}{PROBE_SUFFIX}", self.0.payload())
    }

    /// Waits until the notification is received. Returns `false` if the connection of the listener is lost before.
    pub async fn received(mut self) -> bool {
        (&mut self.0.received).await.is_ok()
    }
}

impl Drop for CommitFence {
    fn drop(&mut self) {
        self.listener.pending_fences().remove(&self.number);
    }
}

#[cfg(test)]
mod tests;
