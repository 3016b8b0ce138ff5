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
    Change, ChangeKind, Heard, ReviewEvent,
    log::{ALWAYS, Log},
};
use crate::film::FilmId;

/// The timeout for a new subscriber to wait until the listener is connected. After the timeout the subscriber starts
/// anyway, and receives a resync once the listener connects.
const LISTENER_PATIENCE: Duration = Duration::from_secs(5);

/// The time after which a subscriber with more than [`ALWAYS`] pending events is dropped if it receives none of them.
const TAKING_PATIENCE: Duration = Duration::from_secs(10);

/// The subscribers of a process.
#[derive(Debug)]
pub struct Hub {
    subscribers: Mutex<Subscribers>,
    listening: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Subscribers {
    last_key: u64,
    /// The subscribers to changes of reviews, by film; `None` for all films.
    reviews: HashMap<Option<FilmId>, HashMap<u64, Subscriber>>,
    scores: HashMap<FilmId, HashMap<u64, watch::Sender<()>>>,
    log: Log,
    /// The number of subscribers with pending events.
    behind: usize,
}

#[derive(Debug)]
struct Subscriber {
    film: Option<FilmId>,
    wants: Wants,
    told: Arc<Notify>,
    /// The number of events in the log that the subscriber has yet to receive.
    pending: usize,
    /// The first position in the log at which one of them may be.
    place: u64,
    /// The time at which the first pending event was added, or the last event was received if that is later.
    since: Instant,
    /// Whether the subscriber was dropped because it lost events.
    lost: bool,
}

/// The changes of reviews that a subscriber receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// Only added reviews, and resyncs.
    Added,
    /// All changes, resyncs and resets.
    Changes,
}

impl Wants {
    fn includes(self, kind: ChangeKind) -> bool {
        self == Self::Changes || kind == ChangeKind::Added
    }

    fn includes_event(self, event: &Heard) -> bool {
        match event {
            Heard::Review(event) => self.includes(event.change.kind),
            Heard::Resync => true,
            Heard::Reset => self == Self::Changes,
        }
    }
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            subscribers: Mutex::default(),
            listening: watch::Sender::new(false),
        }
    }
}

impl Hub {
    /// Subscribes to changes of the reviews of one film, or of all films.
    #[must_use]
    pub fn reviews(self: &Arc<Self>, film: Option<FilmId>, wants: Wants) -> ReviewFeed {
        let notify = Arc::new(Notify::new());
        let mut subscribers = self.subscribers();
        let key = subscribers.next_key();
        let subscriber = Subscriber {
            film,
            wants,
            told: Arc::clone(&notify),
            pending: 0,
            place: 0,
            since: Instant::now(),
            lost: false,
        };
        let of_film = subscribers.reviews.entry(film).or_default();
        of_film.insert(key, subscriber);
        ReviewFeed {
            hub: Arc::clone(self),
            film,
            key,
            told: notify,
        }
    }

    /// Subscribes to changes of a film's score.
    #[must_use]
    pub fn score(self: &Arc<Self>, film: FilmId) -> ScoreFeed {
        let sender = watch::Sender::new(());
        let changes = sender.subscribe();
        let mut subscribers = self.subscribers();
        let key = subscribers.next_key();
        let of_film = subscribers.scores.entry(film).or_default();
        of_film.insert(key, sender);
        ScoreFeed {
            hub: Arc::clone(self),
            film,
            key,
            changes,
        }
    }

    /// Waits until the listener is connected, or `LISTENER_PATIENCE` has passed.
    pub async fn ready(&self) {
        let mut listening = self.listening.subscribe();
        let listening = listening.wait_for(|listening| *listening);
        // After a timeout the subscriber receives a resync once the listener connects.
        let _ = tokio::time::timeout(LISTENER_PATIENCE, listening).await;
    }

    /// Sets whether the listener is connected.
    pub fn set_listening(&self, listening: bool) {
        self.listening.send_replace(listening);
    }

    /// Returns those of `changes` that have a subscriber, in their order.
    #[must_use]
    pub fn wanted(&self, changes: Vec<Change>) -> Vec<Change> {
        let subscribers = self.subscribers();
        let wanted = |change: &Change| {
            let mut interested = subscribers.interested_in(change);
            interested.any(|subscriber| subscriber.wants.includes(change.kind))
        };
        changes.into_iter().filter(wanted).collect()
    }

    /// Delivers events to their subscribers.
    pub fn deliver(&self, events: impl IntoIterator<Item = ReviewEvent>) {
        let mut subscribers = self.subscribers();
        for event in events {
            subscribers.tell(Heard::Review(Arc::new(event)));
        }
        subscribers.give_up_and_forget();
    }

    /// Notifies the subscribers of these films that the scores may have changed.
    pub fn scores_changed(&self, films: &[FilmId]) {
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
    pub fn resync(&self) {
        self.tell_all(Heard::Resync);
    }

    /// Notifies the subscribers to all changes, and to scores, that all reviews were deleted at once. Subscribers to
    /// added reviews do not receive it because nothing was added.
    pub fn reset(&self) {
        self.tell_all(Heard::Reset);
    }

    fn tell_all(&self, event: Heard) {
        let mut subscribers = self.subscribers();
        subscribers.tell(event);
        subscribers.give_up_and_forget();
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
        let each: Vec<_> = films(change).iter().filter_map(of_film).collect();
        each.into_iter().flat_map(HashMap::values)
    }

    /// Adds an event to the log if it has a subscriber, and wakes its subscribers.
    fn tell(&mut self, event: Heard) {
        let place = self.log.end();
        let mut wanted = false;
        let mut enqueue = |of_film: &mut HashMap<u64, Subscriber>| {
            for subscriber in of_film.values_mut() {
                if !subscriber.lost && subscriber.wants.includes_event(&event) {
                    wanted = true;
                    self.behind += usize::from(subscriber.pending == 0);
                    subscriber.tell(place);
                }
            }
        };
        match &event {
            Heard::Review(event) => {
                for film in films(&event.change) {
                    self.reviews.get_mut(&film).map(&mut enqueue);
                }
            }
            Heard::Resync | Heard::Reset => self.reviews.values_mut().for_each(enqueue),
        }
        if wanted {
            self.log.push(event);
        }
    }

    /// Drops subscribers that are too far behind or receive nothing, and removes the events from the log that all
    /// others have received.
    fn give_up_and_forget(&mut self) {
        let mut needed = self.log.end();
        let first = self.log.first();
        for subscriber in self.reviews.values_mut().flat_map(HashMap::values_mut) {
            if subscriber.lost || subscriber.pending == 0 {
                continue;
            }
            let stuck = subscriber.pending > ALWAYS && subscriber.since.elapsed() > TAKING_PATIENCE;
            if stuck || subscriber.place < first {
                subscriber.lost = true;
                self.behind -= 1;
                subscriber.told.notify_one();
            } else {
                needed = needed.min(subscriber.place);
            }
        }
        self.log.forget_before(needed);
    }

    /// Returns the next event for a subscriber, or `None` if there is none yet.
    fn take(&mut self, film: Option<FilmId>, key: u64) -> Result<Option<Heard>, TooSlow> {
        let of_film = self.reviews.get_mut(&film);
        let Some(subscriber) = of_film.and_then(|of_film| of_film.get_mut(&key)) else {
            return Ok(None);
        };
        if subscriber.lost {
            return Err(TooSlow);
        }
        if subscriber.pending == 0 {
            return Ok(None);
        }
        let found = self
            .log
            .since(subscriber.place)
            .find(|(_, event)| subscriber.wants_to_hear(event))
            .map(|(place, event)| (place, event.clone()));
        let Some((place, event)) = found else {
            // The log has evicted the event.
            subscriber.lost = true;
            self.caught_up();
            return Err(TooSlow);
        };
        subscriber.place = place + 1;
        subscriber.pending -= 1;
        subscriber.since = Instant::now();
        if subscriber.pending == 0 {
            self.caught_up();
        }
        Ok(Some(event))
    }

    /// Notes that a subscriber has no pending events any more. Clears the log if no subscriber has any.
    fn caught_up(&mut self) {
        self.behind -= 1;
        if self.behind == 0 {
            self.log.forget_before(self.log.end());
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
        if removed.is_some_and(|subscriber| !subscriber.lost && subscriber.pending > 0) {
            self.caught_up();
        }
    }
}

/// Returns the keys of `Subscribers::reviews` whose subscribers a change concerns; `None` is the key of all films.
fn films(change: &Change) -> Vec<Option<FilmId>> {
    let left = change.left.filter(|left| *left != change.film);
    let mut films = vec![None, Some(change.film)];
    films.extend(left.map(Some));
    films
}

impl Subscriber {
    fn tell(&mut self, place: u64) {
        if self.pending == 0 {
            self.place = place;
            self.since = Instant::now();
        }
        self.pending += 1;
        self.told.notify_one();
    }

    fn wants_to_hear(&self, event: &Heard) -> bool {
        let of_film = match event {
            Heard::Review(event) => {
                let change = &event.change;
                self.film.is_none() || self.film == Some(change.film) || self.film == change.left
            }
            Heard::Resync | Heard::Reset => true,
        };
        of_film && self.wants.includes_event(event)
    }
}

/// The subscriber received events too slowly, and some were lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client received events too slowly, and some are lost")]
pub struct TooSlow;

/// A subscription to changes of reviews. Dropping it unsubscribes.
#[derive(Debug)]
pub struct ReviewFeed {
    hub: Arc<Hub>,
    film: Option<FilmId>,
    key: u64,
    told: Arc<Notify>,
}

impl ReviewFeed {
    /// Waits for the next event.
    ///
    /// # Errors
    ///
    /// When an event was lost. Pending events are discarded, because they are outdated by then.
    pub async fn next(&mut self) -> Result<Heard, TooSlow> {
        loop {
            let taken = self.hub.subscribers().take(self.film, self.key)?;
            if let Some(event) = taken {
                return Ok(event);
            }
            self.told.notified().await;
        }
    }
}

impl Drop for ReviewFeed {
    fn drop(&mut self) {
        self.hub.subscribers().remove(self.film, self.key);
    }
}

/// A subscription to changes of a film's score. Dropping it unsubscribes.
#[derive(Debug)]
pub struct ScoreFeed {
    hub: Arc<Hub>,
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
        let mut subscribers = self.hub.subscribers();
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
        live::log::MOST,
        review::{Review, ReviewId},
    };

    fn event(kind: ChangeKind, review: i64, film: i64, left: Option<i64>) -> ReviewEvent {
        let change = Change {
            kind,
            review: ReviewId(review),
            film: FilmId(film),
            left: left.map(FilmId),
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
    fn pass(hub: &Hub, time: Duration) {
        let mut subscribers = hub.subscribers();
        let each = subscribers.reviews.values_mut();
        for subscriber in each.flat_map(HashMap::values_mut) {
            subscriber.since = subscriber.since.checked_sub(time).unwrap();
        }
    }

    /// Returns the number of events in the log of the hub.
    fn kept(hub: &Hub) -> u64 {
        let subscribers = hub.subscribers();
        subscribers.log.end() - subscribers.log.first()
    }

    fn heard(feed: &mut ReviewFeed) -> Vec<i64> {
        let mut reviews = Vec::new();
        while let Some(Ok(event)) = feed.next().now_or_never() {
            reviews.push(match event {
                Heard::Review(event) => event.change.review.0,
                Heard::Resync => 0,
                Heard::Reset => -1,
            });
        }
        reviews
    }

    #[test]
    fn each_subscriber_receives_matching_events_once_and_in_order() {
        let hub = Arc::new(Hub::default());
        let mut all = hub.reviews(None, Wants::Changes);
        let mut added = hub.reviews(None, Wants::Added);
        let mut of_one = hub.reviews(Some(FilmId(1)), Wants::Changes);
        let mut of_two = hub.reviews(Some(FilmId(2)), Wants::Changes);
        hub.deliver([
            event(ChangeKind::Added, 1, 1, None),
            event(ChangeKind::Updated, 2, 1, Some(2)),
            event(ChangeKind::Updated, 3, 1, Some(1)),
            event(ChangeKind::Deleted, 4, 2, None),
            event(ChangeKind::Added, 5, 3, None),
        ]);
        hub.reset();
        hub.resync();
        assert_eq!(heard(&mut all), [1, 2, 3, 4, 5, -1, 0]);
        assert_eq!(heard(&mut added), [1, 5, 0]);
        assert_eq!(heard(&mut of_one), [1, 2, 3, -1, 0]);
        assert_eq!(heard(&mut of_two), [2, 4, -1, 0]);
    }

    #[test]
    fn only_changes_with_a_subscriber_are_wanted() {
        let hub = Arc::new(Hub::default());
        let changes = || {
            let events = [
                event(ChangeKind::Added, 1, 1, None),
                event(ChangeKind::Updated, 2, 1, None),
                event(ChangeKind::Updated, 3, 2, Some(1)),
            ];
            events.map(|event| event.change).to_vec()
        };
        let wanted = |hub: &Hub| {
            let wanted = hub.wanted(changes());
            wanted
                .iter()
                .map(|change| change.review.0)
                .collect::<Vec<_>>()
        };
        assert_eq!(wanted(&hub), [0; 0]);
        let added = hub.reviews(None, Wants::Added);
        assert_eq!(wanted(&hub), [1]);
        let of_two = hub.reviews(Some(FilmId(2)), Wants::Changes);
        assert_eq!(wanted(&hub), [1, 3]);
        drop((added, of_two));
        assert_eq!(wanted(&hub), [0; 0]);
        assert!(hub.subscribers().reviews.is_empty());
    }

    #[test]
    fn a_slow_subscriber_is_dropped_when_the_log_evicts_its_next_event() {
        let hub = Arc::new(Hub::default());
        let mut slow = hub.reviews(None, Wants::Changes);
        let mut quick = hub.reviews(None, Wants::Changes);
        let reviews = i64::try_from(MOST).unwrap();
        for review in 1..=reviews {
            hub.deliver([event(ChangeKind::Added, review, 1, None)]);
            assert_eq!(heard(&mut quick), [review]);
        }
        assert!(matches!(slow.next().now_or_never(), Some(Ok(_))));
        for review in 1..=2 {
            hub.deliver([event(ChangeKind::Added, review, 1, None)]);
            assert_eq!(heard(&mut quick), [review]);
        }
        assert_eq!(slow.next().now_or_never(), Some(Err(TooSlow)));
        // No other subscriber has pending events, so the log is empty.
        assert_eq!(kept(&hub), 0);
    }

    #[test]
    fn a_subscriber_with_many_pending_events_is_dropped_after_ten_seconds_only_if_it_receives_none()
    {
        let hub = Arc::new(Hub::default());
        let mut stuck = hub.reviews(None, Wants::Changes);
        let mut slow = hub.reviews(None, Wants::Changes);
        let mut of_little = hub.reviews(Some(FilmId(2)), Wants::Changes);
        hub.deliver((1..=2_000).map(|review| event(ChangeKind::Added, review, 1, None)));
        hub.deliver([event(ChangeKind::Added, 2_001, 2, None)]);
        for taken in 1..=2 {
            pass(&hub, Duration::from_secs(6));
            let next = slow.next().now_or_never().unwrap();
            assert!(matches!(next, Ok(Heard::Review(event)) if event.change.review.0 == taken));
        }
        hub.resync();
        assert_eq!(stuck.next().now_or_never(), Some(Err(TooSlow)));
        assert_eq!(heard(&mut slow).len(), 2_000);
        assert_eq!(heard(&mut of_little), [2_001, 0]);
        assert_eq!(kept(&hub), 0);
    }

    #[test]
    fn the_log_is_bounded_by_bytes_but_always_retains_a_thousand_events() {
        let hub = Arc::new(Hub::default());
        let mut feed = hub.reviews(None, Wants::Changes);
        let large = |n| ReviewEvent {
            review: Some(Arc::new(large_review())),
            ..event(ChangeKind::Added, n, 1, None)
        };
        hub.deliver((1..=1_000).map(large));
        assert_eq!(heard(&mut feed).len(), 1_000);
        hub.deliver((1..=1_001).map(large));
        assert_eq!(feed.next().now_or_never(), Some(Err(TooSlow)));
    }

    #[test]
    fn dropping_the_last_subscriber_with_pending_events_clears_the_log() {
        let hub = Arc::new(Hub::default());
        let pending = hub.reviews(None, Wants::Changes);
        let mut other = hub.reviews(Some(FilmId(1)), Wants::Changes);
        hub.deliver([event(ChangeKind::Added, 1, 2, None)]);
        hub.deliver([event(ChangeKind::Added, 2, 1, None)]);
        assert_eq!(kept(&hub), 2);
        assert_eq!(heard(&mut other), [2]);
        drop(pending);
        assert_eq!(kept(&hub), 0);
    }

    #[test]
    fn large_batches_that_are_received_in_time_are_complete() {
        let hub = Arc::new(Hub::default());
        let mut feeds = [
            hub.reviews(None, Wants::Changes),
            hub.reviews(Some(FilmId(1)), Wants::Added),
        ];
        let all: Vec<i64> = (1..=20_000).collect();
        for _ in 0..3 {
            hub.deliver(all.iter().map(|n| event(ChangeKind::Added, *n, 1, None)));
            for feed in &mut feeds {
                assert_eq!(heard(feed), all);
            }
            assert_eq!(kept(&hub), 0);
        }
    }

    #[test]
    fn several_score_changes_are_coalesced_into_one() {
        let hub = Arc::new(Hub::default());
        let mut feed = hub.score(FilmId(1));
        assert_eq!(feed.changed().now_or_never(), None);
        for _ in 0..5_000 {
            hub.scores_changed(&[FilmId(1), FilmId(2), FilmId(1)]);
        }
        assert_eq!(feed.changed().now_or_never(), Some(()));
        assert_eq!(feed.changed().now_or_never(), None);
        hub.resync();
        assert_eq!(feed.changed().now_or_never(), Some(()));
        drop(feed);
        assert!(hub.subscribers().scores.is_empty());
    }
}
