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

/// The timeout for a new subscriber to wait until the listener is connected.
const LISTENER_TIMEOUT: Duration = Duration::from_secs(5);

/// The subscribers of a process.
#[derive(Debug)]
pub struct Broker {
    subscribers: Mutex<Subscribers>,
    listening: watch::Sender<Listening>,
}

/// Whether the process receives notifications of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listening {
    Yes,
    NotNow,
    Never,
}

/// No notifications of changes are received, so that a subscriber would receive no events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotListening {
    /// At the moment: the database can't be reached, or is a standby.
    #[error("no notifications of changes are received at the moment")]
    NotNow,
    /// The server is configured to receive none.
    #[error("the server does not receive notifications of changes")]
    Disabled,
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
            listening: watch::Sender::new(Listening::NotNow),
        }
    }
}

impl Broker {
    /// Creates a broker without subscribers. If notifications are not enabled, there can be none.
    #[must_use]
    pub fn new(has_notifications: bool) -> Self {
        let broker = Self::default();
        if !has_notifications {
            broker.listening.send_replace(Listening::Never);
        }
        broker
    }

    /// Waits until the listener is connected.
    ///
    /// # Errors
    ///
    /// Fails when notifications are disabled, or when the listener is not connected within `LISTENER_TIMEOUT`.
    pub async fn wait_until_listening(&self) -> Result<(), NotListening> {
        let mut listening = self.listening.subscribe();
        let known = listening.wait_for(|listening| *listening != Listening::NotNow);
        let known = tokio::time::timeout(LISTENER_TIMEOUT, known).await;
        match known {
            Ok(Ok(listening)) if *listening == Listening::Yes => Ok(()),
            Ok(Ok(_)) => Err(NotListening::Disabled),
            // The sender is never dropped.
            Ok(Err(_)) | Err(_) => Err(NotListening::NotNow),
        }
    }

    /// Sets whether the listener is connected.
    pub fn set_listening(&self, listening: bool) {
        self.listening.send_replace(if listening {
            Listening::Yes
        } else {
            Listening::NotNow
        });
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
