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

use super::{CHANNEL, tag::Tag, versions::Versions};

/// The timeout of the wait for a fence. PostgreSQL usually delivers it in less than a millisecond.
const PATIENCE: Duration = Duration::from_millis(500);

/// The first character of a fence in a payload. No tag starts with it.
const MARK: char = '!';

/// Invalidates caches by the notifications on [`CHANNEL`].
///
/// A client expects to read its own writes, but the caches are invalidated only when a notification arrives. So each
/// transaction of this process sends a fence as its last notification. The fence arrives after the others, and the
/// writer waits for it.
#[derive(Debug)]
pub struct Hearing {
    versions: Arc<Versions>,
    /// The number of received notifications.
    heard: Counter,
    /// The prefix of the fences of this process.
    name: String,
    next: AtomicU64,
    /// The writers that wait for a fence. Empty while no notifications are received.
    waiting: Mutex<HashMap<u64, oneshot::Sender<()>>>,
}

impl Hearing {
    /// Creates a listener that counts as disconnected. `notifications` counts those that it receives.
    #[must_use]
    pub fn new(clock: Arc<Versions>, notifications: Counter) -> Self {
        // If two processes had the same name, one could receive the other's fence early; nothing worse.
        let scattered = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), ());
        Self {
            versions: clock,
            heard: notifications,
            name: format!("{MARK}{scattered:016x}-"),
            next: AtomicU64::new(0),
            waiting: Mutex::default(),
        }
    }

    /// Records that the process receives notifications from now on.
    pub fn begin(&self) {
        self.versions.hear();
    }

    /// Records that the process does not receive notifications any more.
    pub fn lose(&self) {
        self.versions.lose();
        // No writer has to wait, since no cached value is used now.
        self.waiting().clear();
    }

    /// Processes the payload of a notification.
    pub fn hear(&self, payload: &str) {
        for word in payload.split(' ') {
            if let Some(tag) = Tag::parse(word) {
                self.versions.change(tag);
            } else if word.starts_with(MARK) {
                self.hear_mark(word);
            } else {
                // It is "*", or unknown to this version of Marquee: any row may have changed.
                self.versions.change_everything();
            }
        }
        self.heard.inc();
    }

    fn hear_mark(&self, word: &str) {
        let number = word.strip_prefix(&self.name);
        let number = number.and_then(|number| number.parse().ok());
        if let Some(waiter) = number.and_then(|number: u64| self.waiting().remove(&number)) {
            // A writer that was cancelled needs no result.
            let _ = waiter.send(());
        }
    }

    /// Returns a fence for a transaction. `None` while no notifications are received.
    #[must_use]
    pub fn mark(self: &Arc<Self>) -> Option<Mark> {
        self.versions.now()?;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, received) = oneshot::channel();
        self.waiting().insert(number, sender);
        Some(Mark {
            hearing: Arc::clone(self),
            number,
            heard: received,
        })
    }

    /// Invalidates everything after a transaction without a fence. No notifications were received before it ended, and
    /// if LISTEN has begun since, its own may be missing.
    pub fn ended_unmarked(&self) {
        self.versions.change_everything();
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<()>>> {
        self.waiting.lock()
    }
}

/// The last notification of a transaction.
#[derive(Debug)]
pub struct Mark {
    hearing: Arc<Hearing>,
    number: u64,
    heard: oneshot::Receiver<()>,
}

impl Mark {
    /// Returns the statement that sends the fence.
    #[must_use]
    pub fn statement(&self) -> String {
        let (name, number) = (&self.hearing.name, self.number);
        format!("SELECT pg_notify('{CHANNEL}', '{name}{number}')")
    }

    /// Waits until the fence is received, and with it all notifications of the transaction. At the timeout, everything
    /// is invalidated.
    pub async fn heard(mut self) {
        if timeout(PATIENCE, &mut self.heard).await.is_err() {
            tracing::warn!(
                "the notification of a commit did not arrive in time; all cached entries are invalidated"
            );
            self.hearing.versions.change_everything();
        }
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        self.hearing.waiting().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::{super::tag::Kind, *};

    const FILM: Tag = Tag::of(Kind::Film, 12);

    fn listener() -> (Arc<Hearing>, Arc<Versions>) {
        let clock = Arc::<Versions>::default();
        let listener = Arc::new(Hearing::new(Arc::clone(&clock), Counter::default()));
        listener.begin();
        (listener, clock)
    }

    #[test]
    fn a_notification_invalidates_its_tags_and_nothing_else() {
        let (listener, clock) = listener();
        let before = clock.now().unwrap();
        listener.hear("f12 C3");
        let unchanged = |tag| clock.are_unchanged(before, [tag].into_iter());
        assert!(!unchanged(FILM) && !unchanged(Tag::of(Kind::CriticReviews, 3)));
        assert!(unchanged(Tag::of(Kind::Film, 13)) && unchanged(Tag::of(Kind::Critic, 3)));
    }

    #[test]
    fn an_unknown_payload_invalidates_everything() {
        for payload in ["*", "f12 zebra", "f0", ""] {
            let (listener, clock) = listener();
            let before = clock.now().unwrap();
            listener.hear(payload);
            assert!(
                !clock.are_unchanged(before, std::iter::empty()),
                "{payload}"
            );
        }
    }

    #[tokio::test]
    async fn a_writer_waits_until_its_fence_arrives_or_the_connection_is_lost() {
        let (listener, clock) = listener();
        let [fence, lost] = [listener.mark().unwrap(), listener.mark().unwrap()];
        let payload = fence.statement();
        let payload = payload.rsplit('\'').nth(1).unwrap().to_owned();
        let mut waits = Box::pin(fence.heard());
        assert!((&mut waits).now_or_never().is_none());
        let before = clock.now().unwrap();
        listener.hear(&payload);
        assert!(waits.now_or_never().is_some());
        assert!(clock.are_unchanged(before, [FILM].into_iter()));

        let mut waits = Box::pin(lost.heard());
        assert!((&mut waits).now_or_never().is_none());
        listener.lose();
        assert!(waits.now_or_never().is_some());
        assert!(listener.mark().is_none());
    }

    #[tokio::test]
    async fn a_fence_that_does_not_arrive_invalidates_everything() {
        let (listener, clock) = listener();
        let before = clock.now().unwrap();
        listener.mark().unwrap().heard().await;
        assert!(!clock.are_unchanged(before, std::iter::empty()));
        assert!(listener.waiting().is_empty());
    }
}
