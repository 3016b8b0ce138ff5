//! When to fetch an identity provider's keys, and how long to go by those that there are: a state machine without clock or network.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::key_set::KeySet;

/// How often keys are fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How long after a fetch that failed the next may follow.
    pub retry: Duration,
    /// How long after a fetch for an unknown key the next of that kind may follow, so that made-up keys don't make us call the provider
    /// with every request.
    pub unknown: Duration,
    /// How long keys are gone by that could not be confirmed again.
    pub oldest: Duration,
}

impl Pace {
    /// For keys that are fetched over the network.
    pub const NETWORK: Self = Self {
        retry: Duration::from_secs(30),
        unknown: Duration::from_secs(30),
        oldest: Duration::from_hours(24),
    };
    /// For keys in a file, which costs next to nothing to look at.
    pub const FILE: Self = Self {
        retry: Duration::from_secs(1),
        unknown: Duration::from_secs(1),
        oldest: Duration::from_hours(24),
    };
}

/// After how long a fetch that has not reported back counts as lost. Each ends by itself long before.
const LOST: Duration = Duration::from_mins(1);

/// How long keys are fresh that don't say it.
const FRESH: Duration = Duration::from_mins(10);
const LEAST_FRESH: Duration = Duration::from_mins(1);
const MOST_FRESH: Duration = Duration::from_hours(24);

/// For how long keys are fresh that came with this `Cache-Control`: 10 minutes unless it says otherwise, at least a minute and at most a
/// day.
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
                // A number too large for us is a long time all the same.
                if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    fresh = Duration::from_secs(digits.parse().unwrap_or(u64::MAX));
                }
            }
            _ => {}
        }
    }
    fresh.clamp(LEAST_FRESH, MOST_FRESH)
}

/// What is to be done for a token.
#[derive(Clone, Debug)]
pub enum Plan {
    /// Go by these keys.
    Use(Arc<KeySet>),
    /// Fetch the keys, report with [`Cache::done`], and ask again.
    Fetch(Fetch),
    /// Somebody else is fetching; ask again when they have reported.
    Wait,
    /// There are keys, and the token's is none of them.
    Unknown,
    /// There are no keys, and it is too early to try again.
    Unavailable,
}

/// A fetch that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetch {
    number: u64,
}

/// What came of a fetch.
#[derive(Debug)]
pub enum Outcome {
    /// These keys, fresh for so long.
    Keys(Arc<KeySet>, Duration),
    /// The keys are those that were there before, fresh for so long again.
    Unchanged(Duration),
    /// Nothing; the log says why.
    Failed,
}

struct Held {
    keys: Arc<KeySet>,
    fresh_until: Instant,
    confirmed: Instant,
}

/// The keys that there are, and the fetches of them.
pub struct Cache {
    pace: Pace,
    held: Option<Held>,
    /// The fetch under way, and since when.
    fetching: Option<(u64, Instant)>,
    fetches: u64,
    /// When the last fetch failed, unless one succeeded since.
    failed: Option<Instant>,
    /// When a fetch was last begun for a key that wasn't known.
    sought: Option<Instant>,
}

impl Cache {
    /// Without any keys yet.
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

    /// What to do for a token, of which `is_known` tells whether its key is among some keys.
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
        // A key that is gone from the provider must not be good for longer than keys are fresh. So whoever comes later waits for the
        // new ones, unless they can't be had.
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

    /// Takes what came of a fetch. One that counted as lost is not heard any more.
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
