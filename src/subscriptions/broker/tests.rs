use futures_util::FutureExt;

use super::{
    feed::{ReviewFeed, TooSlow},
    *,
};
use crate::{
    review::{Review, ReviewId},
    subscriptions::event_log::MAX_EVENTS,
};

fn event(kind: ChangeKind, review: i64, film: i64, previous_film: Option<i64>) -> ReviewEvent {
    let change = Change {
        kind,
        review: ReviewId(review),
        film: FilmId(film),
        previous_film: previous_film.map(FilmId),
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
fn advance_time(broker: &Broker, time: Duration) {
    let mut subscribers = broker.subscribers();
    let feeds = subscribers.reviews.values_mut();
    for subscriber in feeds.flat_map(HashMap::values_mut) {
        subscriber.stalled_since = subscriber.stalled_since.checked_sub(time).unwrap();
    }
}

/// Returns the number of events in the log of the broker.
fn log_length(broker: &Broker) -> u64 {
    let subscribers = broker.subscribers();
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
    let broker = Arc::new(Broker::default());
    let mut all = broker.subscribe_reviews(None, ChangeFilter::All);
    let mut added = broker.subscribe_reviews(None, ChangeFilter::Added);
    let mut first_film = broker.subscribe_reviews(Some(FilmId(1)), ChangeFilter::All);
    let mut second_film = broker.subscribe_reviews(Some(FilmId(2)), ChangeFilter::All);
    broker.publish_reviews([
        event(ChangeKind::Added, 1, 1, None),
        event(ChangeKind::Updated, 2, 1, Some(2)),
        event(ChangeKind::Updated, 3, 1, Some(1)),
        event(ChangeKind::Deleted, 4, 2, None),
        event(ChangeKind::Added, 5, 3, None),
    ]);
    broker.publish_reset();
    broker.publish_resync();
    assert_eq!(received_reviews(&mut all), [1, 2, 3, 4, 5, -1, 0]);
    assert_eq!(received_reviews(&mut added), [1, 5, 0]);
    assert_eq!(received_reviews(&mut first_film), [1, 2, 3, -1, 0]);
    assert_eq!(received_reviews(&mut second_film), [2, 4, -1, 0]);
}

#[test]
fn only_changes_with_a_subscriber_are_read() {
    let broker = Arc::new(Broker::default());
    let changes = || {
        let events = [
            event(ChangeKind::Added, 1, 1, None),
            event(ChangeKind::Updated, 2, 1, None),
            event(ChangeKind::Updated, 3, 2, Some(1)),
        ];
        events.map(|event| event.change).to_vec()
    };
    let with_subscribers = |broker: &Broker| {
        let with_subscribers = broker.with_subscribers(changes());
        with_subscribers
            .iter()
            .map(|change| change.review.0)
            .collect::<Vec<_>>()
    };
    assert_eq!(with_subscribers(&broker), [0; 0]);
    let added = broker.subscribe_reviews(None, ChangeFilter::Added);
    assert_eq!(with_subscribers(&broker), [1]);
    let second_film = broker.subscribe_reviews(Some(FilmId(2)), ChangeFilter::All);
    assert_eq!(with_subscribers(&broker), [1, 3]);
    drop((added, second_film));
    assert_eq!(with_subscribers(&broker), [0; 0]);
    assert!(broker.subscribers().reviews.is_empty());
}

#[test]
fn a_slow_subscriber_is_dropped_when_the_log_evicts_its_next_event() {
    let broker = Arc::new(Broker::default());
    let mut slow = broker.subscribe_reviews(None, ChangeFilter::All);
    let mut quick = broker.subscribe_reviews(None, ChangeFilter::All);
    let reviews = i64::try_from(MAX_EVENTS).unwrap();
    for review in 1..=reviews {
        broker.publish_reviews([event(ChangeKind::Added, review, 1, None)]);
        assert_eq!(received_reviews(&mut quick), [review]);
    }
    assert!(matches!(slow.next().now_or_never(), Some(Ok(_))));
    for review in 1..=2 {
        broker.publish_reviews([event(ChangeKind::Added, review, 1, None)]);
        assert_eq!(received_reviews(&mut quick), [review]);
    }
    assert_eq!(slow.next().now_or_never(), Some(Err(TooSlow)));
    // No other subscriber has pending events, so the log is empty.
    assert_eq!(log_length(&broker), 0);
}

#[test]
fn a_subscriber_with_many_pending_events_is_dropped_after_ten_seconds_only_if_it_receives_none() {
    let broker = Arc::new(Broker::default());
    let mut stuck = broker.subscribe_reviews(None, ChangeFilter::All);
    let mut slow = broker.subscribe_reviews(None, ChangeFilter::All);
    let mut other_film = broker.subscribe_reviews(Some(FilmId(2)), ChangeFilter::All);
    broker.publish_reviews((1..=2_000).map(|review| event(ChangeKind::Added, review, 1, None)));
    broker.publish_reviews([event(ChangeKind::Added, 2_001, 2, None)]);
    for taken in 1..=2 {
        advance_time(&broker, Duration::from_secs(6));
        let next = slow.next().now_or_never().unwrap();
        assert!(matches!(next, Ok(FeedEvent::Review(event)) if event.change.review.0 == taken));
    }
    broker.publish_resync();
    assert_eq!(stuck.next().now_or_never(), Some(Err(TooSlow)));
    assert_eq!(received_reviews(&mut slow).len(), 2_000);
    assert_eq!(received_reviews(&mut other_film), [2_001, 0]);
    assert_eq!(log_length(&broker), 0);
}

#[test]
fn the_log_is_bounded_by_bytes_but_always_retains_a_thousand_events() {
    let broker = Arc::new(Broker::default());
    let mut feed = broker.subscribe_reviews(None, ChangeFilter::All);
    let large = |n| ReviewEvent {
        review: Some(Arc::new(large_review())),
        ..event(ChangeKind::Added, n, 1, None)
    };
    broker.publish_reviews((1..=1_000).map(large));
    assert_eq!(received_reviews(&mut feed).len(), 1_000);
    broker.publish_reviews((1..=1_001).map(large));
    assert_eq!(feed.next().now_or_never(), Some(Err(TooSlow)));
}

#[test]
fn dropping_the_last_subscriber_with_pending_events_clears_the_log() {
    let broker = Arc::new(Broker::default());
    let pending = broker.subscribe_reviews(None, ChangeFilter::All);
    let mut other = broker.subscribe_reviews(Some(FilmId(1)), ChangeFilter::All);
    broker.publish_reviews([event(ChangeKind::Added, 1, 2, None)]);
    broker.publish_reviews([event(ChangeKind::Added, 2, 1, None)]);
    assert_eq!(log_length(&broker), 2);
    assert_eq!(received_reviews(&mut other), [2]);
    drop(pending);
    assert_eq!(log_length(&broker), 0);
}

#[test]
fn large_batches_that_are_received_in_time_are_complete() {
    let broker = Arc::new(Broker::default());
    let mut feeds = [
        broker.subscribe_reviews(None, ChangeFilter::All),
        broker.subscribe_reviews(Some(FilmId(1)), ChangeFilter::Added),
    ];
    let all: Vec<i64> = (1..=20_000).collect();
    for _ in 0..3 {
        broker.publish_reviews(all.iter().map(|n| event(ChangeKind::Added, *n, 1, None)));
        for feed in &mut feeds {
            assert_eq!(received_reviews(feed), all);
        }
        assert_eq!(log_length(&broker), 0);
    }
}

#[test]
fn several_score_changes_are_coalesced_into_one() {
    let broker = Arc::new(Broker::default());
    let mut feed = broker.subscribe_score(FilmId(1));
    assert_eq!(feed.changed().now_or_never(), None);
    for _ in 0..5_000 {
        broker.publish_scores(&[FilmId(1), FilmId(2), FilmId(1)]);
    }
    assert_eq!(feed.changed().now_or_never(), Some(()));
    assert_eq!(feed.changed().now_or_never(), None);
    broker.publish_resync();
    assert_eq!(feed.changed().now_or_never(), Some(()));
    drop(feed);
    assert!(broker.subscribers().scores.is_empty());
}
