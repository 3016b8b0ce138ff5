//! The subscriptions that subscribers receive events from.

use std::sync::Arc;

use tokio::sync::{Notify, watch};

use super::{Broker, ChangeFilter};
use crate::{film::FilmId, subscriptions::FeedEvent};

impl Broker {
    /// Subscribes to changes of the reviews of one film, or of all films.
    #[must_use]
    pub fn subscribe_reviews(
        self: &Arc<Self>,
        film: Option<FilmId>,
        filter: ChangeFilter,
    ) -> ReviewFeed {
        let notify = Arc::new(Notify::new());
        let key = self.subscribers().add(film, filter, Arc::clone(&notify));
        ReviewFeed {
            broker: Arc::clone(self),
            film,
            key,
            wakeup: notify,
        }
    }

    /// Subscribes to changes of a film's score.
    #[must_use]
    pub fn subscribe_score(self: &Arc<Self>, film: FilmId) -> ScoreFeed {
        let sender = watch::Sender::new(());
        let changes = sender.subscribe();
        let key = self.subscribers().add_score(film, sender);
        ScoreFeed {
            broker: Arc::clone(self),
            film,
            key,
            changes,
        }
    }
}

/// The subscriber received events too slowly, and some were lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client received events too slowly, and some are lost")]
pub struct TooSlow;

/// A subscription to changes of reviews. Dropping it unsubscribes.
#[derive(Debug)]
pub struct ReviewFeed {
    broker: Arc<Broker>,
    film: Option<FilmId>,
    key: u64,
    wakeup: Arc<Notify>,
}

impl ReviewFeed {
    /// Waits for the next event.
    ///
    /// # Errors
    ///
    /// When an event was lost. Pending events are discarded, because they are outdated by then.
    pub async fn next(&mut self) -> Result<FeedEvent, TooSlow> {
        loop {
            let taken = self.broker.subscribers().next_event(self.film, self.key)?;
            if let Some(event) = taken {
                return Ok(event);
            }
            self.wakeup.notified().await;
        }
    }
}

impl Drop for ReviewFeed {
    fn drop(&mut self) {
        self.broker.subscribers().remove(self.film, self.key);
    }
}

/// A subscription to changes of a film's score. Dropping it unsubscribes.
#[derive(Debug)]
pub struct ScoreFeed {
    broker: Arc<Broker>,
    film: FilmId,
    key: u64,
    changes: watch::Receiver<()>,
}

impl ScoreFeed {
    /// Waits until the score may have changed since the last call.
    pub async fn changed(&mut self) {
        // The broker holds the sender for as long as this feed exists.
        let _ = self.changes.changed().await;
    }
}

impl Drop for ScoreFeed {
    fn drop(&mut self) {
        self.broker.subscribers().remove_score(self.film, self.key);
    }
}
