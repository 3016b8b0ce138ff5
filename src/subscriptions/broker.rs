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
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::{
        review::{Review, ReviewId},
        subscriptions::event_log::MAX_EVENTS,
    };

    fn event(kind: ChangeKind, review: i64, film: i64, left: Option<i64>) -> ReviewEvent {
        let change = Change {
            kind,
            review: ReviewId(review),
            film: FilmId(film),
            previous_film: left.map(FilmId),
            version: 1,
        };
        ReviewEvent {
            change,
            review: None,
        }
    }

    fn large_review() -> Review {
        let now = chrono::Utc::now();
        Review {
            id: ReviewId(1),
            film: FilmId(1),
            critic: None,
            publication: None,
            score: None,
            original_score: None,
            score_rule: None,
            declared_sentiment: None,
            recommended: None,
            top_critic: false,
            byline: None,
            excerpt: Some("x".repeat(70_000)),
            url: None,
            reviewed_on: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// Simulates that `time` passes, by moving the timestamps of all subscribers into the past.
    fn advance_time(hub: &Broker, time: Duration) {
        let mut subscribers = hub.subscribers();
        let each = subscribers.reviews.values_mut();
        for subscriber in each.flat_map(HashMap::values_mut) {
            subscriber.stalled_since = subscriber.stalled_since.checked_sub(time).unwrap();
        }
    }

    /// Returns the number of events in the log of the hub.
    fn log_length(hub: &Broker) -> u64 {
        let subscribers = hub.subscribers();
        subscribers.log.end() - subscribers.log.first()
    }

    fn received_reviews(feed: &mut ReviewFeed) -> Vec<i64> {
        let mut reviews = Vec::new();
        while let Some(Ok(event)) = feed.next().now_or_never() {
            reviews.push(match event {
                FeedEvent::Review(event) => event.change.review.0,
                FeedEvent::Resync => 0,
                FeedEvent::Reset => -1,
            });
        }
        reviews
    }

    #[test]
    fn each_subscriber_receives_matching_events_once_and_in_order() {
        let hub = Arc::new(Broker::default());
        let mut all = hub.subscribe_reviews(None, ChangeFilter::All);
        let mut added = hub.subscribe_reviews(None, ChangeFilter::Added);
        let mut of_one = hub.subscribe_reviews(Some(FilmId(1)), ChangeFilter::All);
        let mut of_two = hub.subscribe_reviews(Some(FilmId(2)), ChangeFilter::All);
        hub.publish_reviews([
            event(ChangeKind::Added, 1, 1, None),
            event(ChangeKind::Updated, 2, 1, Some(2)),
            event(ChangeKind::Updated, 3, 1, Some(1)),
            event(ChangeKind::Deleted, 4, 2, None),
            event(ChangeKind::Added, 5, 3, None),
        ]);
        hub.publish_reset();
        hub.publish_resync();
        assert_eq!(received_reviews(&mut all), [1, 2, 3, 4, 5, -1, 0]);
        assert_eq!(received_reviews(&mut added), [1, 5, 0]);
        assert_eq!(received_reviews(&mut of_one), [1, 2, 3, -1, 0]);
        assert_eq!(received_reviews(&mut of_two), [2, 4, -1, 0]);
    }

    #[test]
    fn only_changes_with_a_subscriber_are_wanted() {
        let hub = Arc::new(Broker::default());
        let changes = || {
            let events = [
                event(ChangeKind::Added, 1, 1, None),
                event(ChangeKind::Updated, 2, 1, None),
                event(ChangeKind::Updated, 3, 2, Some(1)),
            ];
            events.map(|event| event.change).to_vec()
        };
        let wanted = |hub: &Broker| {
            let wanted = hub.with_subscribers(changes());
            wanted
                .iter()
                .map(|change| change.review.0)
                .collect::<Vec<_>>()
        };
        assert_eq!(wanted(&hub), [0; 0]);
        let added = hub.subscribe_reviews(None, ChangeFilter::Added);
        assert_eq!(wanted(&hub), [1]);
        let of_two = hub.subscribe_reviews(Some(FilmId(2)), ChangeFilter::All);
        assert_eq!(wanted(&hub), [1, 3]);
        drop((added, of_two));
        assert_eq!(wanted(&hub), [0; 0]);
        assert!(hub.subscribers().reviews.is_empty());
    }

    #[test]
    fn a_slow_subscriber_is_dropped_when_the_log_evicts_its_next_event() {
        let hub = Arc::new(Broker::default());
        let mut slow = hub.subscribe_reviews(None, ChangeFilter::All);
        let mut quick = hub.subscribe_reviews(None, ChangeFilter::All);
        let reviews = i64::try_from(MAX_EVENTS).unwrap();
        for review in 1..=reviews {
            hub.publish_reviews([event(ChangeKind::Added, review, 1, None)]);
            assert_eq!(received_reviews(&mut quick), [review]);
        }
        assert!(matches!(slow.next().now_or_never(), Some(Ok(_))));
        for review in 1..=2 {
            hub.publish_reviews([event(ChangeKind::Added, review, 1, None)]);
            assert_eq!(received_reviews(&mut quick), [review]);
        }
        assert_eq!(slow.next().now_or_never(), Some(Err(TooSlow)));
        // No other subscriber has pending events, so the log is empty.
        assert_eq!(log_length(&hub), 0);
    }

    #[test]
    fn a_subscriber_with_many_pending_events_is_dropped_after_ten_seconds_only_if_it_receives_none()
    {
        let hub = Arc::new(Broker::default());
        let mut stuck = hub.subscribe_reviews(None, ChangeFilter::All);
        let mut slow = hub.subscribe_reviews(None, ChangeFilter::All);
        let mut of_little = hub.subscribe_reviews(Some(FilmId(2)), ChangeFilter::All);
        hub.publish_reviews((1..=2_000).map(|review| event(ChangeKind::Added, review, 1, None)));
        hub.publish_reviews([event(ChangeKind::Added, 2_001, 2, None)]);
        for taken in 1..=2 {
            advance_time(&hub, Duration::from_secs(6));
            let next = slow.next().now_or_never().unwrap();
            assert!(matches!(next, Ok(FeedEvent::Review(event)) if event.change.review.0 == taken));
        }
        hub.publish_resync();
        assert_eq!(stuck.next().now_or_never(), Some(Err(TooSlow)));
        assert_eq!(received_reviews(&mut slow).len(), 2_000);
        assert_eq!(received_reviews(&mut of_little), [2_001, 0]);
        assert_eq!(log_length(&hub), 0);
    }

    #[test]
    fn the_log_is_bounded_by_bytes_but_always_retains_a_thousand_events() {
        let hub = Arc::new(Broker::default());
        let mut feed = hub.subscribe_reviews(None, ChangeFilter::All);
        let large = |n| ReviewEvent {
            review: Some(Arc::new(large_review())),
            ..event(ChangeKind::Added, n, 1, None)
        };
        hub.publish_reviews((1..=1_000).map(large));
        assert_eq!(received_reviews(&mut feed).len(), 1_000);
        hub.publish_reviews((1..=1_001).map(large));
        assert_eq!(feed.next().now_or_never(), Some(Err(TooSlow)));
    }

    #[test]
    fn dropping_the_last_subscriber_with_pending_events_clears_the_log() {
        let hub = Arc::new(Broker::default());
        let pending = hub.subscribe_reviews(None, ChangeFilter::All);
        let mut other = hub.subscribe_reviews(Some(FilmId(1)), ChangeFilter::All);
        hub.publish_reviews([event(ChangeKind::Added, 1, 2, None)]);
        hub.publish_reviews([event(ChangeKind::Added, 2, 1, None)]);
        assert_eq!(log_length(&hub), 2);
        assert_eq!(received_reviews(&mut other), [2]);
        drop(pending);
        assert_eq!(log_length(&hub), 0);
    }

    #[test]
    fn large_batches_that_are_received_in_time_are_complete() {
        let hub = Arc::new(Broker::default());
        let mut feeds = [
            hub.subscribe_reviews(None, ChangeFilter::All),
            hub.subscribe_reviews(Some(FilmId(1)), ChangeFilter::Added),
        ];
        let all: Vec<i64> = (1..=20_000).collect();
        for _ in 0..3 {
            hub.publish_reviews(all.iter().map(|n| event(ChangeKind::Added, *n, 1, None)));
            for feed in &mut feeds {
                assert_eq!(received_reviews(feed), all);
            }
            assert_eq!(log_length(&hub), 0);
        }
    }

    #[test]
    fn several_score_changes_are_coalesced_into_one() {
        let hub = Arc::new(Broker::default());
        let mut feed = hub.subscribe_score(FilmId(1));
        assert_eq!(feed.changed().now_or_never(), None);
        for _ in 0..5_000 {
            hub.publish_scores(&[FilmId(1), FilmId(2), FilmId(1)]);
        }
        assert_eq!(feed.changed().now_or_never(), Some(()));
        assert_eq!(feed.changed().now_or_never(), None);
        hub.publish_resync();
        assert_eq!(feed.changed().now_or_never(), Some(()));
        drop(feed);
        assert!(hub.subscribers().scores.is_empty());
    }
}
