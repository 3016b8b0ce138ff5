//! The cache of an identity provider's keys: a state machine without clock or network, which decides when to fetch keys
//! and how long to use them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::key_set::KeySet;

/// The limits of how often keys are fetched and how long they are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The minimum time between a failed fetch and the next fetch.
    pub retry: Duration,
    /// The minimum time between two fetches for unknown keys. Without it, tokens with invented key IDs would cause a
    /// fetch for each request.
    pub unknown: Duration,
    /// The time after the last successful fetch at which the keys are discarded.
    pub oldest: Duration,
}

impl Pace {
    /// The limits for keys that are fetched over the network.
    pub const NETWORK: Self = Self {
        retry: Duration::from_secs(30),
        unknown: Duration::from_secs(30),
        oldest: Duration::from_hours(24),
    };
    /// The limits for keys in a file, which is cheap to check.
    pub const FILE: Self = Self {
        retry: Duration::from_secs(1),
        unknown: Duration::from_secs(1),
        oldest: Duration::from_hours(24),
    };
}

/// The time after which a fetch that has not completed counts as lost. The fetch itself times out long before.
const LOST: Duration = Duration::from_mins(1);

/// The default freshness of keys.
const FRESH: Duration = Duration::from_mins(10);
const LEAST_FRESH: Duration = Duration::from_mins(1);
const MOST_FRESH: Duration = Duration::from_hours(24);

/// Returns how long keys with this `Cache-Control` header are fresh: by default 10 minutes, at least a minute, and at
/// most a day.
#[must_use]
pub fn freshness(cache_control: Option<&str>) -> Duration {
    let directives = cache_control.unwrap_or_default().split(',').map(str::trim);
    let mut fresh = FRESH;
    for directive in directives {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" => return LEAST_FRESH,
            "max-age" => {
                let digits = value.trim().trim_matches('"');
                // An overflow means a very long time, which is clamped below.
                if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    fresh = Duration::from_secs(digits.parse().unwrap_or(u64::MAX));
                }
            }
            _ => {}
        }
    }
    fresh.clamp(LEAST_FRESH, MOST_FRESH)
}

/// The next step in the verification of a token.
#[derive(Clone, Debug)]
pub enum Plan {
    /// Verify the token with these keys.
    Use(Arc<KeySet>),
    /// Fetch the keys, pass the outcome to [`Cache::done`], and plan again.
    Fetch(Fetch),
    /// Wait until the fetch under way completes, and plan again.
    Wait,
    /// Reject the token: its key is not among the keys.
    Unknown,
    /// Fail: there are no keys, and it is too early for another fetch.
    Unavailable,
}

/// The identification of a fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetch {
    number: u64,
}

/// The outcome of a fetch.
#[derive(Debug)]
pub enum Outcome {
    /// The keys, and how long they are fresh.
    Keys(Arc<KeySet>, Duration),
    /// The keys have not changed; contains how long they are fresh from now on.
    Unchanged(Duration),
    /// The fetch failed. The cause is logged.
    Failed,
}

struct Held {
    keys: Arc<KeySet>,
    fresh_until: Instant,
    confirmed: Instant,
}

/// The cached keys, and the state of their fetches.
pub struct Cache {
    pace: Pace,
    held: Option<Held>,
    /// The number and the start of the fetch under way.
    fetching: Option<(u64, Instant)>,
    fetches: u64,
    /// The time of the last fetch if it failed.
    failed: Option<Instant>,
    /// The start of the last fetch for an unknown key.
    sought: Option<Instant>,
}

impl Cache {
    /// Creates an empty cache.
    #[must_use]
    pub fn new(pace: Pace) -> Self {
        Self {
            pace,
            held: None,
            fetching: None,
            fetches: 0,
            failed: None,
            sought: None,
        }
    }

    /// Returns the next step for a token. `is_known` returns whether a key set contains the token's key.
    pub fn plan(&mut self, is_known: impl Fn(&KeySet) -> bool, now: Instant) -> Plan {
        let oldest = self.pace.oldest;
        self.held.take_if(|held| now >= held.confirmed + oldest);
        self.fetching.take_if(|(_, since)| now >= *since + LOST);
        let may_fetch = self
            .failed
            .is_none_or(|failed| now >= failed + self.pace.retry);
        let Some(held) = &self.held else {
            return match (self.fetching, may_fetch) {
                (Some(_), _) => Plan::Wait,
                (None, true) => self.fetch(now),
                (None, false) => Plan::Unavailable,
            };
        };
        let keys = held.keys.clone();
        let is_fresh = now < held.fresh_until;
        let is_known = is_known(&keys);
        if is_fresh && is_known {
            return Plan::Use(keys);
        }
        // A key that the provider has withdrawn must not be used for longer than keys are fresh. So requests wait for a
        // fetch under way, and use stale keys only if a fetch fails.
        if self.fetching.is_some() {
            return Plan::Wait;
        }
        let may_seek = self
            .sought
            .is_none_or(|sought| now >= sought + self.pace.unknown);
        if may_fetch && (!is_fresh || may_seek) {
            if !is_known {
                self.sought = Some(now);
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
        self.fetches += 1;
        self.fetching = Some((self.fetches, now));
        Plan::Fetch(Fetch {
            number: self.fetches,
        })
    }

    /// Completes a fetch. The outcome of a fetch that counts as lost is ignored.
    pub fn done(&mut self, fetch: Fetch, outcome: Outcome, now: Instant) {
        if self
            .fetching
            .is_none_or(|(number, _)| number != fetch.number)
        {
            return;
        }
        self.fetching = None;
        self.failed = None;
        match outcome {
            Outcome::Keys(keys, fresh) => {
                self.held = Some(Held {
                    keys,
                    fresh_until: now + fresh,
                    confirmed: now,
                });
            }
            Outcome::Unchanged(fresh) => {
                if let Some(held) = &mut self.held {
                    held.fresh_until = now + fresh;
                    held.confirmed = now;
                }
            }
            Outcome::Failed => self.failed = Some(now),
        }
    }
}
