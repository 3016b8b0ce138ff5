//! The subscribers of this process. All workers share one broker.
//!
//! Publishing never waits for a subscriber. Events stay in a log until every subscriber has received them. A subscriber
//! that falls too far behind is dropped with [`TooSlow`](feed::TooSlow). Scores need no log because only the latest one
//! counts.

pub mod feed;
mod subscribers;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::watch;

use self::subscribers::Subscribers;
use super::{Change, ChangeKind, FeedEvent, ReviewEvent};
use crate::film::FilmId;

/// The timeout for a new subscriber to wait until the listener is connected. After the timeout the subscriber starts
/// anyway, and receives a resync once the listener connects.
const LISTENER_TIMEOUT: Duration = Duration::from_secs(5);

/// The subscribers of a process.
#[derive(Debug)]
pub struct Broker {
    subscribers: Mutex<Subscribers>,
    listening: watch::Sender<bool>,
}

/// The changes of reviews that a subscriber receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeFilter {
    /// Only added reviews, and resyncs.
    Added,
    /// All changes, resyncs and resets.
    All,
}

impl ChangeFilter {
    fn includes(self, kind: ChangeKind) -> bool {
        self == Self::All || kind == ChangeKind::Added
    }

    fn includes_event(self, event: &FeedEvent) -> bool {
        match event {
            FeedEvent::Review(event) => self.includes(event.change.kind),
            FeedEvent::Resync => true,
            FeedEvent::Reset => self == Self::All,
        }
    }
}

impl Default for Broker {
    fn default() -> Self {
        Self {
            subscribers: Mutex::default(),
            listening: watch::Sender::new(false),
        }
    }
}

impl Broker {
    /// Waits until the listener is connected, or `LISTENER_TIMEOUT` has passed.
    pub async fn wait_until_listening(&self) {
        let mut listening = self.listening.subscribe();
        let listening = listening.wait_for(|listening| *listening);
        // After a timeout the subscriber receives a resync once the listener connects.
        let _ = tokio::time::timeout(LISTENER_TIMEOUT, listening).await;
    }

    /// Sets whether the listener is connected.
    pub fn set_listening(&self, listening: bool) {
        self.listening.send_replace(listening);
    }

    /// Returns those of `changes` that have a subscriber, in their order.
    #[must_use]
    pub fn with_subscribers(&self, changes: Vec<Change>) -> Vec<Change> {
        let subscribers = self.subscribers();
        let has_subscriber = |change: &Change| {
            let mut interested = subscribers.interested_in(change);
            interested.any(|subscriber| subscriber.filter.includes(change.kind))
        };
        changes.into_iter().filter(has_subscriber).collect()
    }

    /// Delivers events to their subscribers.
    pub fn publish_reviews(&self, events: impl IntoIterator<Item = ReviewEvent>) {
        let mut subscribers = self.subscribers();
        for event in events {
            subscribers.publish(FeedEvent::Review(Arc::new(event)));
        }
        subscribers.drop_slow_and_trim_log();
    }

    /// Notifies the subscribers of these films that the scores may have changed.
    pub fn publish_scores(&self, films: &[FilmId]) {
        let subscribers = self.subscribers();
        for film in films.iter().collect::<HashSet<_>>() {
            for sender in subscribers
                .scores
                .get(film)
                .into_iter()
                .flat_map(HashMap::values)
            {
                sender.send_replace(());
            }
        }
    }

    /// Notifies all subscribers that changes may have been missed.
    pub fn publish_resync(&self) {
        self.publish_to_all(FeedEvent::Resync);
    }

    /// Notifies the subscribers to all changes, and to scores, that all reviews were deleted at once. Subscribers to
    /// added reviews do not receive it because nothing was added.
    pub fn publish_reset(&self) {
        self.publish_to_all(FeedEvent::Reset);
    }

    fn publish_to_all(&self, event: FeedEvent) {
        let mut subscribers = self.subscribers();
        subscribers.publish(event);
        subscribers.drop_slow_and_trim_log();
        for sender in subscribers.scores.values().flat_map(HashMap::values) {
            sender.send_replace(());
        }
    }

    fn subscribers(&self) -> MutexGuard<'_, Subscribers> {
        self.subscribers.lock()
    }
}

#[cfg(test)]
mod tests;
