//! The subscribers and the events that they have yet to receive.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use super::{ChangeFilter, feed::TooSlow};
use crate::{
    film::FilmId,
    subscriptions::{
        Change, FeedEvent,
        event_log::{EventLog, MIN_RETAINED_EVENTS},
    },
};

/// The time after which a subscriber with more than [`MIN_RETAINED_EVENTS`] pending events is dropped if it receives
/// none of them.
const STALL_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
pub(super) struct Subscribers {
    last_key: u64,
    /// The subscribers to changes of reviews, by film; `None` for all films.
    pub(super) reviews: HashMap<Option<FilmId>, HashMap<u64, Subscriber>>,
    pub(super) scores: HashMap<FilmId, HashMap<u64, watch::Sender<()>>>,
    pub(super) log: EventLog,
    /// The number of subscribers with pending events.
    with_pending_events: usize,
}

#[derive(Debug)]
pub(super) struct Subscriber {
    film: Option<FilmId>,
    pub(super) filter: ChangeFilter,
    wakeup: Arc<Notify>,
    /// The number of events in the log that the subscriber has yet to receive.
    pending: usize,
    /// The first position in the log at which one of them may be.
    position: u64,
    /// The time at which the first pending event was added, or the last event was received if that is later.
    pub(super) stalled_since: Instant,
    /// Whether the subscriber was dropped because it lost events.
    is_lagged: bool,
}

impl Subscribers {
    /// Adds a subscriber to changes of reviews, and returns its key.
    pub(super) fn add(
        &mut self,
        film: Option<FilmId>,
        filter: ChangeFilter,
        wakeup: Arc<Notify>,
    ) -> u64 {
        let key = self.next_key();
        let subscriber = Subscriber {
            film,
            filter,
            wakeup,
            pending: 0,
            position: 0,
            stalled_since: Instant::now(),
            is_lagged: false,
        };
        let of_film = self.reviews.entry(film).or_default();
        of_film.insert(key, subscriber);
        key
    }

    /// Adds a subscriber to the score of a film, and returns its key.
    pub(super) fn add_score(&mut self, film: FilmId, sender: watch::Sender<()>) -> u64 {
        let key = self.next_key();
        let of_film = self.scores.entry(film).or_default();
        of_film.insert(key, sender);
        key
    }

    fn next_key(&mut self) -> u64 {
        self.last_key += 1;
        self.last_key
    }

    /// Returns the subscribers to all films, to the film of the review, and to its previous film.
    pub(super) fn interested_in(&self, change: &Change) -> impl Iterator<Item = &Subscriber> {
        let of_film = |film: &Option<FilmId>| self.reviews.get(film);
        let each: Vec<_> = affected_films(change).iter().filter_map(of_film).collect();
        each.into_iter().flat_map(HashMap::values)
    }

    /// Adds an event to the log if it has a subscriber, and wakes its subscribers.
    pub(super) fn publish(&mut self, event: FeedEvent) {
        let position = self.log.end();
        let mut has_subscriber = false;
        let mut enqueue = |of_film: &mut HashMap<u64, Subscriber>| {
            for subscriber in of_film.values_mut() {
                if !subscriber.is_lagged && subscriber.filter.includes_event(&event) {
                    has_subscriber = true;
                    self.with_pending_events += usize::from(subscriber.pending == 0);
                    subscriber.enqueue(position);
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
        if has_subscriber {
            self.log.push(event);
        }
    }

    /// Drops subscribers that are too far behind or receive nothing, and removes the events from the log that all
    /// others have received.
    pub(super) fn drop_slow_and_trim_log(&mut self) {
        let mut first_needed = self.log.end();
        let first = self.log.first();
        for subscriber in self.reviews.values_mut().flat_map(HashMap::values_mut) {
            if subscriber.is_lagged || subscriber.pending == 0 {
                continue;
            }
            let is_stalled = subscriber.pending > MIN_RETAINED_EVENTS
                && subscriber.stalled_since.elapsed() > STALL_TIMEOUT;
            if is_stalled || subscriber.position < first {
                subscriber.is_lagged = true;
                self.with_pending_events -= 1;
                subscriber.wakeup.notify_one();
            } else {
                first_needed = first_needed.min(subscriber.position);
            }
        }
        self.log.trim_before(first_needed);
    }

    /// Returns the next event for a subscriber, or `None` if there is none yet.
    pub(super) fn next_event(
        &mut self,
        film: Option<FilmId>,
        key: u64,
    ) -> Result<Option<FeedEvent>, TooSlow> {
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
        let next = self
            .log
            .events_from(subscriber.position)
            .find(|(_, event)| subscriber.matches(event))
            .map(|(position, event)| (position, event.clone()));
        let Some((position, event)) = next else {
            // The log has evicted the event.
            subscriber.is_lagged = true;
            self.mark_caught_up();
            return Err(TooSlow);
        };
        subscriber.position = position + 1;
        subscriber.pending -= 1;
        subscriber.stalled_since = Instant::now();
        if subscriber.pending == 0 {
            self.mark_caught_up();
        }
        Ok(Some(event))
    }

    /// Notes that a subscriber has no pending events any more. Clears the log if no subscriber has any.
    fn mark_caught_up(&mut self) {
        self.with_pending_events -= 1;
        if self.with_pending_events == 0 {
            self.log.trim_before(self.log.end());
        }
    }

    pub(super) fn remove_score(&mut self, film: FilmId, key: u64) {
        if let Some(of_film) = self.scores.get_mut(&film) {
            of_film.remove(&key);
            if of_film.is_empty() {
                self.scores.remove(&film);
            }
        }
    }

    pub(super) fn remove(&mut self, film: Option<FilmId>, key: u64) {
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
    let previous_film = change
        .previous_film
        .filter(|previous_film| *previous_film != change.film);
    let mut films = vec![None, Some(change.film)];
    films.extend(previous_film.map(Some));
    films
}

impl Subscriber {
    fn enqueue(&mut self, position: u64) {
        if self.pending == 0 {
            self.position = position;
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
