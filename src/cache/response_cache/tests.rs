use futures_util::FutureExt;
use proptest::prelude::*;

use super::{super::tag::TagKind, *};

const FILM: Tag = Tag::of(TagKind::Film, 1);

impl Cacheable for u32 {
    fn weight(&self) -> usize {
        size_of::<Self>()
    }

    fn tags(&self) -> &[Tag] {
        &[FILM]
    }
}

fn cache_of(bytes: u64) -> (Arc<InvalidationClock>, Arc<ResponseCache<u32>>) {
    let clock = Arc::<InvalidationClock>::default();
    clock.on_connect();
    let cache = ResponseCache::new(Arc::clone(&clock), bytes, CacheMetrics::default());
    (clock, Arc::new(cache))
}

fn key(text: &str) -> CacheKey {
    CacheKey::from_parts(&[text.as_bytes()])
}

fn expect_miss(cache: &Arc<ResponseCache<u32>>, text: &str) -> InFlight<u32> {
    match cache.lookup(key(text)).now_or_never() {
        Some(Lookup::Miss(in_flight)) => in_flight,
        other => panic!("{other:?}"),
    }
}

/// Returns the cached response, or caches and returns `row`.
fn lookup(cache: &Arc<ResponseCache<u32>>, row: u32) -> u32 {
    match cache.lookup(key("film")).now_or_never() {
        Some(Lookup::Hit(cached)) => *cached,
        Some(Lookup::Miss(in_flight)) => {
            in_flight.complete(&Arc::new(row));
            row
        }
        None => panic!("no response should be in flight"),
    }
}

#[test]
fn a_variant_has_a_key_of_its_own() {
    let english = CacheKey::from_parts(&[b"film", b"{}"]);
    let german = english.variant(b"de");
    assert!(german == CacheKey::from_parts(&[b"film", b"{}", b"de"]));
    let keys = [
        english.clone(),
        german,
        english.variant(b"fr"),
        CacheKey::from_parts(&[b"film", b"{}de"]),
    ];
    for (index, key) in keys.iter().enumerate() {
        assert_eq!(keys.iter().position(|other| other == key), Some(index));
    }
}

#[test]
fn a_response_that_the_caller_does_not_accept_is_no_hit() {
    let (_, cache) = cache_of(1 << 20);
    assert_eq!(lookup(&cache, 1), 1);
    assert_eq!(cache.get_if(&key("film"), |row| *row == 2), None);
    assert_eq!(
        cache.get_if(&key("film"), |row| *row == 1).as_deref(),
        Some(&1)
    );
}

#[test]
fn a_response_is_cached_until_one_of_its_tags_changes() {
    let (clock, cache) = cache_of(1 << 20);
    assert_eq!(lookup(&cache, 1), 1);
    assert_eq!(lookup(&cache, 2), 1);
    clock.invalidate(&[Tag::of(TagKind::Film, 2)]);
    assert_eq!(lookup(&cache, 3), 1);
    clock.invalidate(&[FILM]);
    assert_eq!(lookup(&cache, 4), 4);
    clock.on_disconnect();
    assert_eq!(lookup(&cache, 5), 5);
    assert_eq!(lookup(&cache, 6), 6);
    clock.on_connect();
    assert_eq!(lookup(&cache, 7), 7);
    assert_eq!(lookup(&cache, 8), 7);
}

/// The race of a cache that evicts entries on a change: read, change, evict, insert.
#[test]
fn a_response_that_was_read_before_a_change_and_inserted_after_it_is_never_returned() {
    let (clock, cache) = cache_of(1 << 20);
    let in_flight = expect_miss(&cache, "film");
    clock.invalidate(&[FILM]);
    in_flight.complete(&Arc::new(1));
    assert_eq!(cache.get(&key("film")), None);
    assert_eq!(lookup(&cache, 2), 2);
    assert_eq!(lookup(&cache, 3), 2);
}

#[test]
fn a_second_caller_of_the_same_key_waits_for_the_first() {
    let (clock, cache) = cache_of(1 << 20);
    let in_flight = expect_miss(&cache, "film");
    let mut second = Box::pin(cache.lookup(key("film")));
    assert!((&mut second).now_or_never().is_none());
    assert!(matches!(
        expect_miss(&cache, "other"),
        InFlight {
            is_leader: true,
            ..
        }
    ));
    in_flight.complete(&Arc::new(1));
    assert!(matches!(second.now_or_never(), Some(Lookup::Hit(cached)) if *cached == 1));

    // A caller after a change gets no response that was begun before it, and computes its own.
    clock.invalidate(&[FILM]);
    let in_flight = expect_miss(&cache, "film");
    clock.invalidate(&[FILM]);
    let mut second = Box::pin(cache.lookup(key("film")));
    assert!((&mut second).now_or_never().is_none());
    in_flight.complete(&Arc::new(2));
    assert!(matches!(second.now_or_never(), Some(Lookup::Miss(_))));
    assert!(cache.in_flight().is_empty());
}

#[test]
fn after_the_leader_is_cancelled_one_waiter_leads_and_the_others_wait_for_it() {
    let (_, cache) = cache_of(1 << 20);
    let in_flight = expect_miss(&cache, "film");
    let mut waiters: Vec<_> = (0..3)
        .map(|_| Box::pin(cache.lookup(key("film"))))
        .collect();
    for second in &mut waiters {
        assert!(second.now_or_never().is_none());
    }
    drop(in_flight);
    let in_flight = match waiters.remove(0).now_or_never() {
        Some(Lookup::Miss(in_flight)) => in_flight,
        other => panic!("{other:?}"),
    };
    for second in &mut waiters {
        assert!(second.now_or_never().is_none());
    }
    in_flight.complete(&Arc::new(1));
    for second in waiters {
        assert!(matches!(second.now_or_never(), Some(Lookup::Hit(cached)) if *cached == 1));
    }
    assert!(cache.in_flight().is_empty());
}

#[test]
fn no_caller_waits_for_a_private_response() {
    let (clock, cache) = cache_of(1 << 20);
    let in_flight = expect_miss(&cache, "viewer");
    let mut second = Box::pin(cache.lookup(key("viewer")));
    assert!((&mut second).now_or_never().is_none());
    in_flight.complete_private();
    assert!(matches!(second.now_or_never(), Some(Lookup::Miss(_))));
    let (one, other) = (expect_miss(&cache, "viewer"), expect_miss(&cache, "viewer"));
    assert!(!one.is_leader && !other.is_leader);
    // A failure doesn't make the key private.
    expect_miss(&cache, "film").abandon();
    assert!(expect_miss(&cache, "film").is_leader);
    clock.on_disconnect();
    assert!(!expect_miss(&cache, "film").is_leader);
}

#[test]
fn a_cache_of_zero_bytes_is_disabled() {
    let (_, cache) = cache_of(0);
    assert_eq!(lookup(&cache, 1), 1);
    assert_eq!(lookup(&cache, 2), 2);
    assert!(!cache.is_enabled() && cache.in_flight().is_empty());
}

#[test]
fn different_lists_of_parts_have_different_keys() {
    let key_of = |parts: &[&str]| {
        CacheKey::from_parts(&parts.iter().map(|part| part.as_bytes()).collect::<Vec<_>>())
    };
    assert_eq!(key_of(&["a", "b"]), key_of(&["a", "b"]));
    for other in [&["ab", ""][..], &["", "ab"], &["ab"], &["a", "b", ""]] {
        assert_ne!(key_of(&["a", "b"]), key_of(other));
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// A client looks up the key, and reads the row at a miss.
    Lookup(usize),
    /// The row changes. The notification arrives later.
    Write,
    Notify,
    /// A client completes the response from the row that it read.
    Complete(usize),
    Disconnect,
    Reconnect,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_usize..4).prop_map(Step::Lookup),
        2 => Just(Step::Write),
        2 => Just(Step::Notify),
        4 => (0_usize..4).prop_map(Step::Complete),
        1 => Just(Step::Disconnect),
        1 => Just(Step::Reconnect),
    ]
}

proptest! {
    /// Four clients, a writer and a listener in any order. A cached response is never older than the last change
    /// that was notified before the lookup.
    #[test]
    fn no_interleaving_returns_a_stale_response(steps in prop::collection::vec(step(), 1..80)) {
        let (clock, cache) = cache_of(1 << 20);
        // The row contains the number of its writes.
        let (mut row, mut notified) = (0, 0);
        let mut in_flights: [Option<(InFlight<u32>, u32)>; 4] = Default::default();
        for step in steps {
            match step {
                Step::Lookup(client) => {
                    in_flights[client] = None;
                    match cache.lookup(key("film")).now_or_never() {
                        Some(Lookup::Hit(cached)) => prop_assert!(*cached >= notified, "{cached} < {notified}"),
                        Some(Lookup::Miss(in_flight)) => in_flights[client] = Some((in_flight, row)),
                        None => {}
                    }
                }
                Step::Write => row += 1,
                Step::Notify => {
                    notified = row;
                    clock.invalidate(&[FILM]);
                }
                Step::Complete(client) => {
                    if let Some((in_flight, read)) = in_flights[client].take() {
                        in_flight.complete(&Arc::new(read));
                    }
                }
                Step::Disconnect => clock.on_disconnect(),
                Step::Reconnect => {
                    // Notifications from before the reconnection are lost.
                    notified = row;
                    clock.on_connect();
                }
            }
        }
    }
}
