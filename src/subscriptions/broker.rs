//! The subscribers of this process. All workers share one hub.
//!
//! Publishing never waits for a subscriber. Events stay in a log until every subscriber has received them. A subscriber
//! that falls too far behind is dropped with [`TooSlow`]. Scores need no log because only the latest one counts.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use parking_lot::{Mutex, MutexGuard};
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use super::{
    Change, ChangeKind, FeedEvent, ReviewEvent,
    event_log::{EventLog, MIN_RETAINED_EVENTS},
};
use crate::film::FilmId;

/// The timeout for a new subscriber to wait until the listener is connected. After the timeout the subscriber starts
/// anyway, and receives a resync once the listener connects.
const LISTENER_TIMEOUT: Duration = Duration::from_secs(5);

/// The time after which a subscriber with more than [`MIN_RETAINED_EVENTS`] pending events is dropped if it receives none of them.
const STALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The subscribers of a process.
#[derive(Debug)]
pub struct Broker {
    subscribers: Mutex<Subscribers>,
    listening: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Subscribers {
    last_key: u64,
    /// The subscribers to changes of reviews, by film; `None` for all films.
    reviews: HashMap<Option<FilmId>, HashMap<u64, Subscriber>>,
    scores: HashMap<FilmId, HashMap<u64, watch::Sender<()>>>,
    log: EventLog,
    /// The number of subscribers with pending events.
    pending_subscribers: usize,
}

#[derive(Debug)]
struct Subscriber {
    film: Option<FilmId>,
    filter: ChangeFilter,
    wakeup: Arc<Notify>,
    /// The number of events in the log that the subscriber has yet to receive.
    pending: usize,
    /// The first position in the log at which one of them may be.
    position: u64,
    /// The time at which the first pending event was added, or the last event was received if that is later.
    stalled_since: Instant,
    /// Whether the subscriber was dropped because it lost events.
    is_lagged: bool,
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
    /// Subscribes to changes of the reviews of one film, or of all films.
    #[must_use]
    pub fn subscribe_reviews(
        self: &Arc<Self>,
        film: Option<FilmId>,
        wants: ChangeFilter,
    ) -> ReviewFeed {
        let notify = Arc::new(Notify::new());
        let mut subscribers = self.subscribers();
        let key = subscribers.next_key();
        let subscriber = Subscriber {
            film,
            filter: wants,
            wakeup: Arc::clone(&notify),
            pending: 0,
            position: 0,
            stalled_since: Instant::now(),
            is_lagged: false,
        };
        let of_film = subscribers.reviews.entry(film).or_default();
        of_film.insert(key, subscriber);
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
        let mut subscribers = self.subscribers();
        let key = subscribers.next_key();
        let of_film = subscribers.scores.entry(film).or_default();
        of_film.insert(key, sender);
        ScoreFeed {
            broker: Arc::clone(self),
            film,
            key,
            changes,
        }
    }

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
        let wanted = |change: &Change| {
            let mut interested = subscribers.interested_in(change);
            interested.any(|subscriber| subscriber.filter.includes(change.kind))
        };
        changes.into_iter().filter(wanted).collect()
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

impl Subscribers {
    fn next_key(&mut self) -> u64 {
        self.last_key += 1;
        self.last_key
    }

    /// Returns the subscribers to all films, to the film of the review, and to its previous film.
    fn interested_in(&self, change: &Change) -> impl Iterator<Item = &Subscriber> {
        let of_film = |film: &Option<FilmId>| self.reviews.get(film);
        let each: Vec<_> = affected_films(change).iter().filter_map(of_film).collect();
        each.into_iter().flat_map(HashMap::values)
    }

    /// Adds an event to the log if it has a subscriber, and wakes its subscribers.
    fn publish(&mut self, event: FeedEvent) {
        let place = self.log.end();
        let mut wanted = false;
        let mut enqueue = |of_film: &mut HashMap<u64, Subscriber>| {
            for subscriber in of_film.values_mut() {
                if !subscriber.is_lagged && subscriber.filter.includes_event(&event) {
                    wanted = true;
                    self.pending_subscribers += usize::from(subscriber.pending == 0);
                    subscriber.enqueue(place);
                }
            }
        };
        match &event {
            FeedEvent::Review(event) => {
                for film in affected_films(&event.change) {
                    self.reviews.get_mut(&film).map(&mut enqueue);
                }
            }
            FeedEvent::Resync | FeedEvent::Reset => self.reviews.values_mut().for_each(enqueue),
        }
        if wanted {
            self.log.push(event);
        }
    }

    /// Drops subscribers that are too far behind or receive nothing, and removes the events from the log that all
    /// others have received.
    fn drop_slow_and_trim_log(&mut self) {
        let mut needed = self.log.end();
        let first = self.log.first();
        for subscriber in self.reviews.values_mut().flat_map(HashMap::values_mut) {
            if subscriber.is_lagged || subscriber.pending == 0 {
                continue;
            }
            let stuck = subscriber.pending > MIN_RETAINED_EVENTS
                && subscriber.stalled_since.elapsed() > STALL_TIMEOUT;
            if stuck || subscriber.position < first {
                subscriber.is_lagged = true;
                self.pending_subscribers -= 1;
                subscriber.wakeup.notify_one();
            } else {
                needed = needed.min(subscriber.position);
            }
        }
        self.log.trim_before(needed);
    }

    /// Returns the next event for a subscriber, or `None` if there is none yet.
    fn next_event(&mut self, film: Option<FilmId>, key: u64) -> Result<Option<FeedEvent>, TooSlow> {
        let of_film = self.reviews.get_mut(&film);
        let Some(subscriber) = of_film.and_then(|of_film| of_film.get_mut(&key)) else {
            return Ok(None);
        };
        if subscriber.is_lagged {
            return Err(TooSlow);
        }
        if subscriber.pending == 0 {
            return Ok(None);
        }
        let found = self
            .log
            .events_from(subscriber.position)
            .find(|(_, event)| subscriber.matches(event))
            .map(|(place, event)| (place, event.clone()));
        let Some((place, event)) = found else {
            // The log has evicted the event.
            subscriber.is_lagged = true;
            self.mark_caught_up();
            return Err(TooSlow);
        };
        subscriber.position = place + 1;
        subscriber.pending -= 1;
        subscriber.stalled_since = Instant::now();
        if subscriber.pending == 0 {
            self.mark_caught_up();
        }
        Ok(Some(event))
    }

    /// Notes that a subscriber has no pending events any more. Clears the log if no subscriber has any.
    fn mark_caught_up(&mut self) {
        self.pending_subscribers -= 1;
        if self.pending_subscribers == 0 {
            self.log.trim_before(self.log.end());
        }
    }

    fn remove(&mut self, film: Option<FilmId>, key: u64) {
        let Some(of_film) = self.reviews.get_mut(&film) else {
            return;
        };
        let removed = of_film.remove(&key);
        if of_film.is_empty() {
            self.reviews.remove(&film);
        }
        if removed.is_some_and(|subscriber| !subscriber.is_lagged && subscriber.pending > 0) {
            self.mark_caught_up();
        }
    }
}

/// Returns the keys of `Subscribers::reviews` whose subscribers a change concerns; `None` is the key of all films.
fn affected_films(change: &Change) -> Vec<Option<FilmId>> {
    let left = change.previous_film.filter(|left| *left != change.film);
    let mut films = vec![None, Some(change.film)];
    films.extend(left.map(Some));
    films
}

impl Subscriber {
    fn enqueue(&mut self, place: u64) {
        if self.pending == 0 {
            self.position = place;
            self.stalled_since = Instant::now();
        }
        self.pending += 1;
        self.wakeup.notify_one();
    }

    fn matches(&self, event: &FeedEvent) -> bool {
        let of_film = match event {
            FeedEvent::Review(event) => {
                let change = &event.change;
                self.film.is_none()
                    || self.film == Some(change.film)
                    || self.film == change.previous_film
            }
            FeedEvent::Resync | FeedEvent::Reset => true,
        };
        of_film && self.filter.includes_event(event)
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

#[cfg(test)]
mod tests;
