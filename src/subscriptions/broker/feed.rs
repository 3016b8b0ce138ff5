//! The subscriptions that subscribers receive events from.

use std::sync::Arc;

use tokio::sync::{Notify, watch};

use super::Broker;
use crate::{film::FilmId, subscriptions::FeedEvent};

/// The subscriber received events too slowly, and some were lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client received events too slowly, and some are lost")]
pub struct TooSlow;

/// A subscription to changes of reviews. Dropping it unsubscribes.
#[derive(Debug)]
pub struct ReviewFeed {
    pub(super) broker: Arc<Broker>,
    pub(super) film: Option<FilmId>,
    pub(super) key: u64,
    pub(super) wakeup: Arc<Notify>,
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
    pub(super) broker: Arc<Broker>,
    pub(super) film: FilmId,
    pub(super) key: u64,
    pub(super) changes: watch::Receiver<()>,
}

impl ScoreFeed {
    /// Waits until the score may have changed since the last call.
    pub async fn changed(&mut self) {
        // The hub holds the sender for as long as this feed exists.
        let _ = self.changes.changed().await;
    }
}

impl Drop for ScoreFeed {
    fn drop(&mut self) {
        let mut subscribers = self.broker.subscribers();
        if let Some(of_film) = subscribers.scores.get_mut(&self.film) {
            of_film.remove(&self.key);
            if of_film.is_empty() {
                subscribers.scores.remove(&self.film);
            }
        }
    }
}
