//! Who in this process wants to hear what. One hub for all workers.
//!
//! Nobody waits for a subscriber: each has a bounded queue, and who lets it fill up is dropped and told so. Scores need no queue: only
//! the last one counts.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::{mpsc, watch};

use super::{Change, ChangeKind, Heard, ReviewEvent};
use crate::film::FilmId;

/// How many events wait for a subscriber that is busy with earlier ones. Each is a few bytes and shares its review with all others.
pub const QUEUE: usize = 1_000;

/// How long a new subscriber waits for the listener to be there. Afterwards it hears a resync once the listener comes.
const LISTENER_PATIENCE: Duration = Duration::from_secs(5);

/// The subscribers of a process.
#[derive(Debug)]
pub struct Hub {
    subscribers: Mutex<Subscribers>,
    listening: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Subscribers {
    last_key: u64,
    /// By the film that they want to hear of; `None` for all films.
    reviews: HashMap<Option<FilmId>, HashMap<u64, Subscriber>>,
    scores: HashMap<FilmId, HashMap<u64, watch::Sender<()>>>,
}

#[derive(Debug)]
struct Subscriber {
    wants: Wants,
    queue: mpsc::Sender<Heard>,
    lost: Arc<AtomicBool>,
}

/// Which changes of reviews somebody wants to hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// Only those that add one, and whether any may have been missed.
    Added,
    /// All.
    Changes,
}

impl Wants {
    fn includes(self, kind: ChangeKind) -> bool {
        self == Self::Changes || kind == ChangeKind::Added
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
    /// Begins to hear of changes of reviews: of one film, or of all.
    #[must_use]
    pub fn reviews(self: &Arc<Self>, film: Option<FilmId>, wants: Wants) -> ReviewFeed {
        let (queue, events) = mpsc::channel(QUEUE);
        let lost = Arc::new(AtomicBool::new(false));
        let mut subscribers = self.subscribers();
        let key = subscribers.next_key();
        let subscriber = Subscriber {
            wants,
            queue,
            lost: Arc::clone(&lost),
        };
        let of_film = subscribers.reviews.entry(film).or_default();
        of_film.insert(key, subscriber);
        ReviewFeed {
            hub: Arc::clone(self),
            film,
            key,
            events,
            lost,
        }
    }

    /// Begins to hear when a film's score may be another.
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

    /// Waits until what changes is heard, or for some seconds.
    pub async fn ready(&self) {
        let mut listening = self.listening.subscribe();
        let listening = listening.wait_for(|listening| *listening);
        // Whoever waited in vain hears a resync later.
        let _ = tokio::time::timeout(LISTENER_PATIENCE, listening).await;
    }

    /// Notes whether what changes is heard.
    pub fn set_listening(&self, listening: bool) {
        self.listening.send_replace(listening);
    }

    /// Those of `changes` that somebody wants to hear of, in their order.
    #[must_use]
    pub fn wanted(&self, changes: Vec<Change>) -> Vec<Change> {
        let subscribers = self.subscribers();
        let wanted = |change: &Change| {
            let mut interested = subscribers.interested_in(change);
            interested.any(|subscriber| subscriber.wants.includes(change.kind))
        };
        changes.into_iter().filter(wanted).collect()
    }

    /// Hands events to those who want them.
    pub fn deliver(&self, events: impl IntoIterator<Item = ReviewEvent>) {
        let subscribers = self.subscribers();
        for event in events {
            let event = Arc::new(event);
            for subscriber in subscribers.interested_in(&event.change) {
                if subscriber.wants.includes(event.change.kind) {
                    subscriber.tell(Heard::Review(Arc::clone(&event)));
                }
            }
        }
    }

    /// Tells that the scores of these films may be others.
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

    /// Tells everyone that changes may have been missed.
    pub fn resync(&self) {
        let subscribers = self.subscribers();
        for subscriber in subscribers.reviews.values().flat_map(HashMap::values) {
            subscriber.tell(Heard::Resync);
        }
        subscribers.scores_may_be_others();
    }

    /// Tells everyone that everything was deleted at once. Nothing was added by that, so who hears of additions alone missed none.
    pub fn reset(&self) {
        let subscribers = self.subscribers();
        for subscriber in subscribers.reviews.values().flat_map(HashMap::values) {
            if subscriber.wants == Wants::Changes {
                subscriber.tell(Heard::Reset);
            }
        }
        subscribers.scores_may_be_others();
    }

    fn subscribers(&self) -> MutexGuard<'_, Subscribers> {
        self.subscribers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscribers {
    fn next_key(&mut self) -> u64 {
        self.last_key += 1;
        self.last_key
    }

    fn scores_may_be_others(&self) {
        for sender in self.scores.values().flat_map(HashMap::values) {
            sender.send_replace(());
        }
    }

    /// Those of all films, of the film, and of the one that the review has left.
    fn interested_in(&self, change: &Change) -> impl Iterator<Item = &Subscriber> {
        let films = [
            None,
            Some(change.film),
            change.left.filter(|left| *left != change.film),
        ];
        let films = if films[2].is_some() {
            &films[..]
        } else {
            &films[..2]
        };
        let each: Vec<_> = films
            .iter()
            .filter_map(|film| self.reviews.get(film))
            .collect();
        each.into_iter().flat_map(HashMap::values)
    }
}

impl Subscriber {
    /// A queue that is full is given up: what would come now can't be told any more.
    fn tell(&self, heard: Heard) {
        if self.lost.load(Ordering::Acquire) {
            return;
        }
        if let Err(mpsc::error::TrySendError::Full(_)) = self.queue.try_send(heard) {
            self.lost.store(true, Ordering::Release);
        }
    }
}

/// Events were lost, since they were taken too slowly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("events came faster than they were taken, and some are lost")]
pub struct TooSlow;

/// The changes of reviews that one subscriber hears. It is forgotten when this is dropped.
#[derive(Debug)]
pub struct ReviewFeed {
    hub: Arc<Hub>,
    film: Option<FilmId>,
    key: u64,
    events: mpsc::Receiver<Heard>,
    lost: Arc<AtomicBool>,
}

impl ReviewFeed {
    /// The next event.
    ///
    /// # Errors
    ///
    /// When one was lost: at once, for what waits in the queue is old by then.
    pub async fn next(&mut self) -> Result<Heard, TooSlow> {
        if self.lost.load(Ordering::Acquire) {
            return Err(TooSlow);
        }
        // The hub keeps the other end for as long as this feed is there.
        self.events.recv().await.ok_or(TooSlow)
    }
}

impl Drop for ReviewFeed {
    fn drop(&mut self) {
        let mut subscribers = self.hub.subscribers();
        if let Some(of_film) = subscribers.reviews.get_mut(&self.film) {
            of_film.remove(&self.key);
            if of_film.is_empty() {
                subscribers.reviews.remove(&self.film);
            }
        }
    }
}

/// The changes of a film's score that one subscriber hears. It is forgotten when this is dropped.
#[derive(Debug)]
pub struct ScoreFeed {
    hub: Arc<Hub>,
    film: FilmId,
    key: u64,
    changes: watch::Receiver<()>,
}

impl ScoreFeed {
    /// Waits until the score may be another than when this was called last.
    pub async fn changed(&mut self) {
        // The hub keeps the other end for as long as this feed is there.
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
    use crate::review::ReviewId;

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

    fn heard(feed: &mut ReviewFeed) -> Vec<i64> {
        let mut reviews = Vec::new();
        while let Some(Ok(heard)) = feed.next().now_or_never() {
            reviews.push(match heard {
                Heard::Review(event) => event.change.review.0,
                Heard::Resync => 0,
                Heard::Reset => -1,
            });
        }
        reviews
    }

    #[test]
    fn everyone_hears_what_they_want_once_and_in_order() {
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
    fn only_what_somebody_wants_is_read() {
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
    fn who_is_too_slow_is_told_so_and_costs_no_more_than_the_queue() {
        let hub = Arc::new(Hub::default());
        let mut slow = hub.reviews(None, Wants::Changes);
        let mut quick = hub.reviews(None, Wants::Changes);
        for review in 1..=2_000 {
            hub.deliver([event(ChangeKind::Added, review, 1, None)]);
            assert_eq!(heard(&mut quick), [review]);
        }
        assert_eq!(slow.events.len(), QUEUE);
        assert_eq!(slow.next().now_or_never(), Some(Err(TooSlow)));
    }

    #[test]
    fn a_full_queue_that_is_taken_in_time_loses_nothing() {
        let hub = Arc::new(Hub::default());
        let mut feed = hub.reviews(None, Wants::Changes);
        let all: Vec<i64> = (1..=1_000).collect();
        for _ in 0..3 {
            hub.deliver(all.iter().map(|n| event(ChangeKind::Added, *n, 1, None)));
            assert_eq!(heard(&mut feed), all);
        }
    }

    #[test]
    fn of_scores_only_that_they_changed_is_remembered() {
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
