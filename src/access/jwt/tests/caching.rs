//! Tests of the key cache. The current time is an argument, so the tests need not wait.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use proptest::prelude::*;

use super::{key_set, signer::Signer};
use crate::access::jwt::{
    key_cache::{FetchId, FetchLimits, FetchOutcome, KeyCache, Plan, freshness},
    key_set::KeySet,
};

const FRESH: Duration = Duration::from_mins(10);

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn keys() -> Arc<KeySet> {
    Arc::new(key_set(&[Signer::ed().jwk("a")]))
}

/// Returns an empty cache and the current time.
fn cache() -> (KeyCache, Instant) {
    (KeyCache::new(FetchLimits::NETWORK), Instant::now())
}

fn fetch(plan: &Plan) -> FetchId {
    match plan {
        Plan::Fetch(fetch) => *fetch,
        plan => panic!("{plan:?}"),
    }
}

/// Returns a cache that has fetched its keys, and the time of the fetch.
fn filled() -> (KeyCache, Instant) {
    let (mut cache, start) = cache();
    let first = fetch(&cache.plan(|_| true, start));
    cache.complete(first, FetchOutcome::Keys(keys(), FRESH), start);
    (cache, start)
}

fn plan_known(cache: &mut KeyCache, now: Instant) -> Plan {
    cache.plan(|_| true, now)
}

fn plan_unknown(cache: &mut KeyCache, now: Instant) -> Plan {
    cache.plan(|_| false, now)
}

#[test]
fn fresh_keys_are_used_without_a_fetch() {
    let (mut cache, start) = filled();
    let last = start + seconds(599);
    assert!(matches!(plan_known(&mut cache, start), Plan::Use(_)));
    assert!(matches!(plan_known(&mut cache, last), Plan::Use(_)));
    let again = fetch(&plan_known(&mut cache, start + FRESH));
    // Other requests wait for the fetch.
    assert!(matches!(plan_known(&mut cache, start + FRESH), Plan::Wait));
    cache.complete(again, FetchOutcome::Unchanged(FRESH), start + FRESH);
    let last = start + seconds(1199);
    assert!(matches!(plan_known(&mut cache, last), Plan::Use(_)));
    fetch(&plan_known(&mut cache, start + 2 * FRESH));
}

#[test]
fn an_unknown_key_causes_a_fetch_at_most_every_30_seconds() {
    let (mut cache, start) = filled();
    let first = start + seconds(1);
    let fetching = fetch(&plan_unknown(&mut cache, first));
    assert!(matches!(plan_unknown(&mut cache, first), Plan::Wait));
    // Tokens with a known key do not wait.
    assert!(matches!(plan_known(&mut cache, first), Plan::Use(_)));
    cache.complete(fetching, FetchOutcome::Keys(keys(), FRESH), first);
    assert!(matches!(plan_unknown(&mut cache, first), Plan::Unknown));
    assert!(matches!(
        plan_unknown(&mut cache, first + seconds(29)),
        Plan::Unknown
    ));
    fetch(&plan_unknown(&mut cache, first + seconds(30)));
}

#[test]
fn an_unknown_key_with_stale_keys_causes_one_fetch() {
    let (mut cache, start) = filled();
    let later = start + FRESH;
    let fetching = fetch(&plan_unknown(&mut cache, later));
    cache.complete(fetching, FetchOutcome::Keys(keys(), FRESH), later);
    assert!(matches!(plan_unknown(&mut cache, later), Plan::Unknown));
}

#[test]
fn after_a_failed_fetch_stale_keys_are_used_and_the_fetch_is_retried() {
    let (mut cache, start) = filled();
    let later = start + FRESH;
    let fetching = fetch(&plan_known(&mut cache, later));
    cache.complete(fetching, FetchOutcome::Failed, later);
    assert!(matches!(plan_known(&mut cache, later), Plan::Use(_)));
    assert!(matches!(plan_unknown(&mut cache, later), Plan::Unknown));
    assert!(matches!(
        plan_known(&mut cache, later + seconds(29)),
        Plan::Use(_)
    ));
    let again = fetch(&plan_known(&mut cache, later + seconds(30)));
    cache.complete(
        again,
        FetchOutcome::Keys(keys(), FRESH),
        later + seconds(30),
    );
    assert!(matches!(
        plan_known(&mut cache, later + seconds(31)),
        Plan::Use(_)
    ));
}

#[test]
fn stale_keys_are_discarded_after_a_day() {
    let (mut cache, start) = filled();
    let mut now = start + FRESH;
    let end = start + Duration::from_hours(24);
    while now < end {
        if let Plan::Fetch(fetch) = plan_known(&mut cache, now) {
            cache.complete(fetch, FetchOutcome::Failed, now);
        }
        assert!(matches!(plan_known(&mut cache, now), Plan::Use(_)));
        now += seconds(30);
    }
    let last = fetch(&plan_known(&mut cache, end));
    cache.complete(last, FetchOutcome::Failed, end);
    assert!(matches!(plan_known(&mut cache, end), Plan::Unavailable));
}

#[test]
fn without_keys_all_requests_wait_for_the_first_fetch() {
    let (mut cache, start) = cache();
    let first = fetch(&plan_unknown(&mut cache, start));
    assert!(matches!(plan_known(&mut cache, start), Plan::Wait));
    cache.complete(first, FetchOutcome::Failed, start);
    assert!(matches!(plan_known(&mut cache, start), Plan::Unavailable));
    assert!(matches!(
        plan_known(&mut cache, start + seconds(29)),
        Plan::Unavailable
    ));
    let again = fetch(&plan_known(&mut cache, start + seconds(30)));
    cache.complete(
        again,
        FetchOutcome::Keys(keys(), FRESH),
        start + seconds(30),
    );
    assert!(matches!(
        plan_known(&mut cache, start + seconds(30)),
        Plan::Use(_)
    ));
}

#[test]
fn a_fetch_that_does_not_complete_is_replaced_after_a_minute() {
    let (mut cache, start) = cache();
    let lost = fetch(&plan_known(&mut cache, start));
    assert!(matches!(
        plan_known(&mut cache, start + seconds(59)),
        Plan::Wait
    ));
    let second = fetch(&plan_known(&mut cache, start + seconds(60)));
    // A late completion of the lost fetch is ignored.
    cache.complete(lost, FetchOutcome::Keys(keys(), FRESH), start + seconds(61));
    assert!(matches!(
        plan_known(&mut cache, start + seconds(61)),
        Plan::Wait
    ));
    cache.complete(
        second,
        FetchOutcome::Keys(keys(), FRESH),
        start + seconds(62),
    );
    assert!(matches!(
        plan_known(&mut cache, start + seconds(62)),
        Plan::Use(_)
    ));
}

#[test]
fn cache_control_determines_the_freshness() {
    for (header, expected) in [
        (None, 600),
        (Some(""), 600),
        (Some("public"), 600),
        (Some("max-age=120"), 120),
        (Some("public, MAX-AGE = \"120\", must-revalidate"), 120),
        (Some("max-age=0"), 60),
        (Some("max-age=59"), 60),
        (Some("max-age=86401"), 86400),
        (Some("max-age=99999999999999999999999"), 86400),
        (Some("max-age=-5"), 600),
        (Some("max-age=x"), 600),
        (Some("max-age"), 600),
        (Some("s-maxage=5"), 600),
        (Some("max-age=3600, no-store"), 60),
        (Some("no-cache, max-age=3600"), 60),
    ] {
        assert_eq!(freshness(header), seconds(expected), "{header:?}");
    }
}

proptest! {
    /// For any sequence of steps: there are never two fetches at once, never two fetches for unknown keys within 30
    /// seconds, and never keys that are older than a day.
    #[test]
    fn fetches_are_never_too_frequent(steps in prop::collection::vec((0..3_u8, 0..2000_u64, 0..3_u8), 1..200)) {
        let keys = keys();
        let (mut cache, mut now) = cache();
        let mut in_flight: Option<(FetchId, Instant)> = None;
        let mut confirmed: Option<Instant> = None;
        let mut unknown_key_fetched_at: Option<Instant> = None;
        for (step, wait, outcome) in steps {
            now += seconds(wait / if step == 0 { 1 } else { 100 });
            let is_known = step != 1;
            let has_keys = confirmed.is_some_and(|confirmed| now < confirmed + Duration::from_hours(24));
            match cache.plan(|_| is_known, now) {
                Plan::Fetch(fetch) => {
                    prop_assert!(in_flight.is_none_or(|(_, started_at)| now >= started_at + seconds(60)));
                    if !is_known && has_keys {
                        prop_assert!(unknown_key_fetched_at.is_none_or(|fetched_at| now >= fetched_at + seconds(30)));
                        unknown_key_fetched_at = Some(now);
                    }
                    in_flight = Some((fetch, now));
                }
                Plan::Use(_) => prop_assert!(has_keys && is_known),
                Plan::Unknown => prop_assert!(has_keys && !is_known),
                Plan::Unavailable => prop_assert!(!has_keys),
                Plan::Wait => prop_assert!(in_flight.is_some()),
            }
            if step == 2 && let Some((fetch, _)) = in_flight.take() {
                let outcome = match outcome {
                    0 => FetchOutcome::Failed,
                    1 => FetchOutcome::Unchanged(FRESH),
                    _ => FetchOutcome::Keys(Arc::clone(&keys), FRESH),
                };
                let succeeded = match outcome {
                    FetchOutcome::Failed => false,
                    FetchOutcome::Unchanged(_) => has_keys,
                    FetchOutcome::Keys(..) => true,
                };
                cache.complete(fetch, outcome, now);
                if succeeded {
                    confirmed = Some(now);
                }
            }
        }
    }
}
