use futures_util::FutureExt;

use super::{feed::TooSlow, *};
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
fn a_subscriber_with_many_pending_events_is_dropped_after_ten_seconds_only_if_it_receives_none() {
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
