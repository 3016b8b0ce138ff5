//! The cache of an identity provider's keys: a state machine without clock or network, which decides when to fetch keys
//! and how long to use them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::key_set::KeySet;

/// The limits of how often keys are fetched and how long they are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchLimits {
    /// The minimum time between a failed fetch and the next fetch.
    pub retry_interval: Duration,
    /// The minimum time between two fetches for unknown keys. Without it, tokens with invented key IDs would cause a
    /// fetch for each request.
    pub unknown_key_interval: Duration,
    /// The time after the last successful fetch at which the keys are discarded.
    pub max_age: Duration,
}

impl FetchLimits {
    /// The limits for keys that are fetched over the network.
    pub const NETWORK: Self = Self {
        retry_interval: Duration::from_secs(30),
        unknown_key_interval: Duration::from_secs(30),
        max_age: Duration::from_hours(24),
    };
    /// The limits for keys in a file, which is cheap to check.
    pub const FILE: Self = Self {
        retry_interval: Duration::from_secs(1),
        unknown_key_interval: Duration::from_secs(1),
        max_age: Duration::from_hours(24),
    };
}

/// The time after which a fetch that has not completed counts as lost. The fetch itself times out long before.
const LOST_FETCH_TIMEOUT: Duration = Duration::from_mins(1);

/// The default freshness of keys.
const DEFAULT_FRESHNESS: Duration = Duration::from_mins(10);
const MIN_FRESHNESS: Duration = Duration::from_mins(1);
const MAX_FRESHNESS: Duration = Duration::from_hours(24);

/// Returns how long keys with this `Cache-Control` header are fresh: by default 10 minutes, at least a minute, and at
/// most a day.
#[must_use]
pub fn freshness(cache_control: Option<&str>) -> Duration {
    let directives = cache_control.unwrap_or_default().split(',').map(str::trim);
    let mut duration = DEFAULT_FRESHNESS;
    for directive in directives {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" => return MIN_FRESHNESS,
            "max-age" => {
                let digits = value.trim().trim_matches('"');
                // An overflow means a very long time, which is clamped below.
                if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    duration = Duration::from_secs(digits.parse().unwrap_or(u64::MAX));
                }
            }
            _ => {}
        }
    }
    duration.clamp(MIN_FRESHNESS, MAX_FRESHNESS)
}

/// The next step in the verification of a token.
#[derive(Clone, Debug)]
pub enum Plan {
    /// Verify the token with these keys.
    Use(Arc<KeySet>),
    /// Fetch the keys, pass the outcome to [`KeyCache::complete`], and plan again.
    Fetch(FetchId),
    /// Wait until the fetch under way completes, and plan again.
    Wait,
    /// Reject the token: its key is not among the keys.
    Unknown,
    /// Fail: there are no keys, and it is too early for another fetch.
    Unavailable,
}

/// The identification of a fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchId {
    number: u64,
}

/// The outcome of a fetch.
#[derive(Debug)]
pub enum FetchOutcome {
    /// The keys, and how long they are fresh.
    Keys(Arc<KeySet>, Duration),
    /// The keys have not changed; contains how long they are fresh from now on.
    Unchanged(Duration),
    /// The fetch failed. The cause is logged.
    Failed,
}

struct CachedKeys {
    keys: Arc<KeySet>,
    fresh_until: Instant,
    confirmed_at: Instant,
}

/// The cached keys, and the state of their fetches.
pub struct KeyCache {
    limits: FetchLimits,
    cached: Option<CachedKeys>,
    /// The number and the start of the fetch under way.
    fetching: Option<(u64, Instant)>,
    fetch_count: u64,
    /// The time of the last fetch if it failed.
    failed_at: Option<Instant>,
    /// The start of the last fetch for an unknown key.
    unknown_key_fetched_at: Option<Instant>,
}

impl KeyCache {
    /// Creates an empty cache.
    #[must_use]
    pub fn new(limits: FetchLimits) -> Self {
        Self {
            limits,
            cached: None,
            fetching: None,
            fetch_count: 0,
            failed_at: None,
            unknown_key_fetched_at: None,
        }
    }

    /// Returns the next step for a token. `is_known` returns whether a key set contains the token's key.
    pub fn plan(&mut self, is_known: impl Fn(&KeySet) -> bool, now: Instant) -> Plan {
        let max_age = self.limits.max_age;
        self.cached
            .take_if(|cached| now >= cached.confirmed_at + max_age);
        self.fetching
            .take_if(|(_, started_at)| now >= *started_at + LOST_FETCH_TIMEOUT);
        let may_fetch = self
            .failed_at
            .is_none_or(|failed_at| now >= failed_at + self.limits.retry_interval);
        let Some(cached) = &self.cached else {
            return match (self.fetching, may_fetch) {
                (Some(_), _) => Plan::Wait,
                (None, true) => self.fetch(now),
                (None, false) => Plan::Unavailable,
            };
        };
        let keys = cached.keys.clone();
        let is_fresh = now < cached.fresh_until;
        let is_known = is_known(&keys);
        if is_fresh && is_known {
            return Plan::Use(keys);
        }
        // A key that the provider has withdrawn must not be used for longer than keys are fresh. So requests wait for a
        // fetch under way, and use stale keys only if a fetch fails.
        if self.fetching.is_some() {
            return Plan::Wait;
        }
        let may_fetch_unknown_key = self
            .unknown_key_fetched_at
            .is_none_or(|fetched_at| now >= fetched_at + self.limits.unknown_key_interval);
        if may_fetch && (!is_fresh || may_fetch_unknown_key) {
            if !is_known {
                self.unknown_key_fetched_at = Some(now);
            }
            return self.fetch(now);
        }
        if is_known {
            Plan::Use(keys)
        } else {
            Plan::Unknown
        }
    }

    fn fetch(&mut self, now: Instant) -> Plan {
        self.fetch_count += 1;
        self.fetching = Some((self.fetch_count, now));
        Plan::Fetch(FetchId {
            number: self.fetch_count,
        })
    }

    /// Completes a fetch. The outcome of a fetch that counts as lost is ignored.
    pub fn complete(&mut self, fetch: FetchId, outcome: FetchOutcome, now: Instant) {
        if self
            .fetching
            .is_none_or(|(number, _)| number != fetch.number)
        {
            return;
        }
        self.fetching = None;
        self.failed_at = None;
        match outcome {
            FetchOutcome::Keys(keys, freshness) => {
                self.cached = Some(CachedKeys {
                    keys,
                    fresh_until: now + freshness,
                    confirmed_at: now,
                });
            }
            FetchOutcome::Unchanged(freshness) => {
                if let Some(cached) = &mut self.cached {
                    cached.fresh_until = now + freshness;
                    cached.confirmed_at = now;
                }
            }
            FetchOutcome::Failed => self.failed_at = Some(now),
        }
    }
}
