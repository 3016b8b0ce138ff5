use governor::clock::FakeRelativeClock;
use proptest::prelude::*;

use super::*;
use crate::rate_limit::{MAX_UNITS, RateLimits};

fn policy(per_minute: u32, burst: u32) -> RateLimitPolicy {
    RateLimitPolicy {
        name: "address",
        per_minute: NonZeroU32::new(per_minute).unwrap(),
        burst: NonZeroU32::new(burst).unwrap(),
    }
}

fn buckets(per_minute: u32, burst: u32) -> (Buckets<FakeRelativeClock>, FakeRelativeClock) {
    let clock = FakeRelativeClock::default();
    let buckets = Buckets::new(policy(per_minute, burst), clock.clone());
    (buckets, clock)
}

fn key(name: &str) -> RateLimitKey {
    RateLimitKey::Token(name.to_owned())
}

#[test]
fn a_bucket_holds_its_burst_and_refills_steadily() {
    let (buckets, clock) = buckets(60, 10);
    let remaining = |cost| buckets.charge(&key("one"), cost).unwrap().remaining;
    assert_eq!(remaining(4), 6);
    assert_eq!(remaining(6), 0);
    let Err(RateLimitError::Exhausted { status, wait, .. }) = buckets.charge(&key("one"), 3) else {
        panic!("the bucket should be empty");
    };
    assert_eq!((status.remaining, wait), (0, Duration::from_secs(3)));
    assert_eq!(status.time_until_full(), Duration::from_secs(10));
    clock.advance(Duration::from_secs(2));
    let Err(RateLimitError::Exhausted { status, wait, .. }) = buckets.charge(&key("one"), 3) else {
        panic!("the bucket should hold two units");
    };
    assert_eq!((status.remaining, wait), (2, Duration::from_secs(1)));
    clock.advance(Duration::from_secs(1));
    assert_eq!(remaining(3), 0);
    clock.advance(Duration::from_hours(1));
    assert_eq!(remaining(1), 9);
    // Each key has its own bucket.
    assert_eq!(buckets.charge(&key("other"), 1).unwrap().remaining, 9);
}

#[test]
fn a_cost_above_the_burst_is_rejected_without_a_wait() {
    let (buckets, _) = buckets(60, 10);
    for cost in [11, u32::MAX] {
        let rejected = buckets.charge(&key("one"), cost);
        assert_eq!(rejected, Err(RateLimitError::ExceedsBurst(policy(60, 10))));
    }
    assert_eq!(buckets.charge(&key("one"), 10).unwrap().remaining, 0);
}

#[test]
fn after_the_wait_of_an_error_the_whole_cost_can_be_charged() {
    let (buckets, clock) = buckets(60, 10);
    let one = key("one");
    let charge_in_two_steps = |cost| {
        buckets.charge(&one, 1)?;
        buckets.charge_remainder(&one, 1, cost)
    };
    assert_eq!(charge_in_two_steps(10).unwrap().remaining, 0);
    for cost in [2, 7, 10] {
        clock.advance(Duration::from_secs(1));
        let Err(RateLimitError::Exhausted { wait, .. }) = charge_in_two_steps(cost) else {
            panic!("the bucket should hold one unit");
        };
        assert_eq!(wait, Duration::from_secs(cost.into()));
        clock.advance(wait);
        assert_eq!(charge_in_two_steps(cost).unwrap().remaining, 0);
    }
    clock.advance(Duration::from_hours(1));
    // The rest of 10 would fit into a full bucket, but the whole cost does not.
    assert_eq!(
        charge_in_two_steps(11),
        Err(RateLimitError::ExceedsBurst(policy(60, 10)))
    );
}

#[test]
fn a_charge_afterwards_takes_no_more_than_the_bucket_holds() {
    let (buckets, _) = buckets(60, 10);
    for (cost, remaining) in [(4, 6), (7, 0), (1, 0), (u32::MAX, 0)] {
        let status = buckets.charge_up_to(&key("one"), cost).unwrap();
        assert_eq!(status.remaining, remaining);
    }
}

#[test]
fn nothing_overflows_at_the_extremes_of_the_settings() {
    for per_minute in [1, MAX_UNITS] {
        let (buckets, clock) = buckets(per_minute, MAX_UNITS);
        for _ in 0..3 {
            assert_eq!(buckets.charge(&key("one"), MAX_UNITS).unwrap().remaining, 0);
            let Err(RateLimitError::Exhausted { wait, .. }) =
                buckets.charge(&key("one"), MAX_UNITS)
            else {
                panic!("the bucket should be empty");
            };
            assert_eq!(wait, buckets.policy.refill_time(MAX_UNITS));
            clock.advance(wait.min(Duration::from_nanos(u64::MAX / 8)));
            if wait > Duration::from_nanos(u64::MAX / 8) {
                break;
            }
        }
    }
}

proptest! {
    /// For any costs at any times: no key gets more than the burst and the refill, and the wait of an error is long
    /// enough.
    #[test]
    fn no_key_gets_more_than_the_policy_allows(
        per_minute in 60_u32..=MAX_UNITS,
        burst in 1_u32..=MAX_UNITS,
        charges in prop::collection::vec((any::<u32>(), 0_u64..100_000_000_000), 1..40),
    ) {
        let (buckets, clock) = buckets(per_minute, burst);
        let (mut taken, mut elapsed) = (0_u128, 0_u128);
        for (cost, pause) in charges {
            clock.advance(Duration::from_nanos(pause));
            elapsed += u128::from(pause);
            match buckets.charge(&key("one"), cost) {
                Ok(_) => taken += u128::from(cost.max(1)),
                Err(RateLimitError::ExceedsBurst(_)) => prop_assert!(cost > burst),
                Err(RateLimitError::Exhausted { status, wait, .. }) => {
                    prop_assert!(status.remaining < cost);
                    clock.advance(wait);
                    elapsed += wait.as_nanos();
                    prop_assert!(buckets.charge(&key("one"), cost).is_ok());
                    taken += u128::from(cost.max(1));
                }
            }
            let period = buckets.policy.refill_period().as_nanos();
            prop_assert!(taken <= u128::from(burst) + elapsed / period);
        }
    }
}

#[test]
fn work_that_is_done_already_makes_a_debt_of_at_most_a_full_bucket() {
    let (buckets, clock) = buckets(60, 10);
    let wait = || match buckets.charge(&key("one"), 1) {
        Err(RateLimitError::Exhausted { status, wait, .. }) => (status.remaining, wait.as_secs()),
        other => panic!("the bucket should be empty: {other:?}"),
    };
    assert_eq!(buckets.charge_with_debt(&key("one"), 14).remaining, 0);
    assert_eq!(wait(), (0, 5));
    clock.advance(Duration::from_secs(5));
    assert_eq!(buckets.charge(&key("one"), 1).unwrap().remaining, 0);
    assert_eq!(buckets.charge_with_debt(&key("one"), 1_000).remaining, 0);
    assert_eq!(
        buckets.charge_with_debt(&key("one"), MAX_UNITS).remaining,
        0
    );
    assert_eq!(wait(), (0, 11));
    clock.advance(Duration::from_secs(10 + 10));
    assert_eq!(buckets.charge(&key("one"), 10).unwrap().remaining, 0);
    assert_eq!(buckets.charge_with_debt(&key("two"), 3).remaining, 7);
}

proptest! {
    /// As long as the bucket holds enough, both charges have the same result.
    #[test]
    fn a_charge_with_debt_equals_a_charge_that_the_bucket_can_pay(
        per_minute in 1..=MAX_UNITS, burst in 1..=MAX_UNITS, costs in prop::collection::vec((1u32..1_000, 0u64..100_000), 1..20),
    ) {
        let ((one, clock), (other, other_clock)) = (buckets(per_minute, burst), buckets(per_minute, burst));
        for (cost, milliseconds) in costs {
            let Ok(charged) = one.charge(&key("one"), cost) else { break };
            prop_assert_eq!(other.charge_with_debt(&key("one"), cost), charged);
            for clock in [&clock, &other_clock] {
                clock.advance(Duration::from_millis(milliseconds));
            }
        }
    }
}

#[test]
fn many_rejections_are_delayed_by_a_second_at_most() {
    let clock = FakeRelativeClock::default();
    let limits = RateLimits::with_clock(Some(policy(60, 1)), None, &clock);
    let address = RateLimitKey::Address([192, 0, 2, 1].into());
    let other = RateLimitKey::Address([192, 0, 2, 2].into());
    assert!(limits.charge(&address, 1).is_ok());
    let delay = |key| match limits.charge(key, 1) {
        Err(RateLimitError::Exhausted { delay, .. }) => delay,
        other => panic!("{other:?}"),
    };
    for _ in 0..20 {
        assert_eq!(delay(&address), Duration::ZERO);
    }
    let delays: Vec<Duration> = (0..30).map(|_| delay(&address)).collect();
    assert_eq!(delays[0], Duration::from_millis(50));
    assert_eq!(delays[1], Duration::from_millis(100));
    assert_eq!(delays[29], Duration::from_secs(1));
    assert!(limits.charge(&other, 1).is_ok());
    assert_eq!(delay(&other), Duration::ZERO, "others are not delayed");
    clock.advance(Duration::from_millis(900));
    assert_eq!(delay(&address), Duration::from_millis(150));
}
