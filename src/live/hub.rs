//! Who in this process wants to hear what. One hub for all workers.
//!
//! Nobody waits for a subscriber: events lie in a log until everyone has come to them, and who is too far behind is dropped and told so.
//! Scores need no log: only the last one counts.

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

/// How long a new subscriber waits for the listener to be there. Afterwards it hears a resync once the listener comes.
const LISTENER_PATIENCE: Duration = Duration::from_secs(5);

/// How long a subscriber for which much lies ready may take nothing.
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
    /// By the film that they want to hear of; `None` for all films.
    reviews: HashMap<Option<FilmId>, HashMap<u64, Subscriber>>,
    scores: HashMap<FilmId, HashMap<u64, watch::Sender<()>>>,
    log: Log,
    /// How many subscribers have something to take.
    behind: usize,
}

#[derive(Debug)]
struct Subscriber {
    film: Option<FilmId>,
    wants: Wants,
    told: Arc<Notify>,
    /// How many events of the log it has to take.
    pending: usize,
    /// The first place at which one of them may lie.
    place: u64,
    /// Since when it has taken nothing though there was something.
    since: Instant,
    lost: bool,
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

    fn includes_event(self, heard: &Heard) -> bool {
        match heard {
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
    /// Begins to hear of changes of reviews: of one film, or of all.
    #[must_use]
    pub fn reviews(self: &Arc<Self>, film: Option<FilmId>, wants: Wants) -> ReviewFeed {
        let told = Arc::new(Notify::new());
        let mut subscribers = self.subscribers();
        let key = subscribers.next_key();
        let subscriber = Subscriber {
            film,
            wants,
            told: Arc::clone(&told),
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
            told,
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
        let mut subscribers = self.subscribers();
        for event in events {
            subscribers.tell(Heard::Review(Arc::new(event)));
        }
        subscribers.give_up_and_forget();
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
        self.tell_all(Heard::Resync);
    }

    /// Tells everyone that everything was deleted at once. Nothing was added by that, so who hears of additions alone missed none.
    pub fn reset(&self) {
        self.tell_all(Heard::Reset);
    }

    fn tell_all(&self, heard: Heard) {
        let mut subscribers = self.subscribers();
        subscribers.tell(heard);
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

    /// Those of all films, of the film, and of the one that the review has left.
    fn interested_in(&self, change: &Change) -> impl Iterator<Item = &Subscriber> {
        let of_film = |film: &Option<FilmId>| self.reviews.get(film);
        let each: Vec<_> = films(change).iter().filter_map(of_film).collect();
        each.into_iter().flat_map(HashMap::values)
    }

    /// Puts an event into the log, if anybody wants it.
    fn tell(&mut self, heard: Heard) {
        let place = self.log.end();
        let mut wanted = false;
        let mut tell = |of_film: &mut HashMap<u64, Subscriber>| {
            for subscriber in of_film.values_mut() {
                if !subscriber.lost && subscriber.wants.includes_event(&heard) {
                    wanted = true;
                    self.behind += usize::from(subscriber.pending == 0);
                    subscriber.tell(place);
                }
            }
        };
        match &heard {
            Heard::Review(event) => {
                for film in films(&event.change) {
                    self.reviews.get_mut(&film).map(&mut tell);
                }
            }
            Heard::Resync | Heard::Reset => self.reviews.values_mut().for_each(tell),
        }
        if wanted {
            self.log.push(heard);
        }
    }

    /// Gives up who is too far behind or takes nothing, and forgets what all others have taken.
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

    /// The next event for a subscriber, if there is one by now.
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
            .find(|(_, heard)| subscriber.wants_to_hear(heard))
            .map(|(place, heard)| (place, heard.clone()));
        let Some((place, heard)) = found else {
            // The log has gone on without it.
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
        Ok(Some(heard))
    }

    /// One less is behind. What the last one has taken nobody needs any more.
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

/// By which films a change is looked for; `None` for all films.
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

    fn wants_to_hear(&self, heard: &Heard) -> bool {
        let of_film = match heard {
            Heard::Review(event) => {
                let change = &event.change;
                self.film.is_none() || self.film == Some(change.film) || self.film == change.left
            }
            Heard::Resync | Heard::Reset => true,
        };
        of_film && self.wants.includes_event(heard)
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
    told: Arc<Notify>,
}

impl ReviewFeed {
    /// The next event.
    ///
    /// # Errors
    ///
    /// When one was lost: at once, for what waits is old by then.
    pub async fn next(&mut self) -> Result<Heard, TooSlow> {
        loop {
            let taken = self.hub.subscribers().take(self.film, self.key)?;
            if let Some(heard) = taken {
                return Ok(heard);
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

    /// Makes what has happened so far lie longer in the past.
    fn pass(hub: &Hub, time: Duration) {
        let mut subscribers = hub.subscribers();
        let each = subscribers.reviews.values_mut();
        for subscriber in each.flat_map(HashMap::values_mut) {
            subscriber.since = subscriber.since.checked_sub(time).unwrap();
        }
    }

    /// How many events the hub keeps.
    fn kept(hub: &Hub) -> u64 {
        let subscribers = hub.subscribers();
        subscribers.log.end() - subscribers.log.first()
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
    fn who_is_too_slow_is_told_so_and_costs_no_more_than_the_log_may() {
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
        // Nobody needs what it didn't take.
        assert_eq!(kept(&hub), 0);
    }

    #[test]
    fn who_takes_nothing_of_much_for_ten_seconds_is_given_up_and_who_takes_a_little_is_not() {
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
    fn what_is_large_is_kept_only_so_far_but_a_thousand_always_are() {
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
    fn who_goes_leaves_nothing_behind() {
        let hub = Arc::new(Hub::default());
        let gone = hub.reviews(None, Wants::Changes);
        let mut there = hub.reviews(Some(FilmId(1)), Wants::Changes);
        hub.deliver([event(ChangeKind::Added, 1, 2, None)]);
        hub.deliver([event(ChangeKind::Added, 2, 1, None)]);
        assert_eq!(kept(&hub), 2);
        assert_eq!(heard(&mut there), [2]);
        drop(gone);
        assert_eq!(kept(&hub), 0);
    }

    #[test]
    fn many_at_once_that_are_taken_in_time_are_all_heard() {
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
