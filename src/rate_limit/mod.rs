//! Rate limits: a token bucket of cost units for each API token or JWT identity, and for each address without a token.
//!
//! A bucket is full at first, refills steadily, and each request takes out its cost. If a bucket holds less than the
//! cost, the error has the time until it holds enough. All workers of a process share the buckets.

pub mod bucket;
pub mod known_credentials;
pub mod table;

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use governor::clock::{Clock, DefaultClock};

use self::{bucket::Buckets, known_credentials::KnownCredentials};

/// The minimum cost of a request, whatever its outcome.
pub const MIN_COST: u32 = 1;

/// The cost of a request with a rejected document, for the work of reading it.
pub const REJECTED_DOCUMENT_COST: u32 = 1_000;

/// The cost of invalid credentials. The address that sent them is charged.
pub const INVALID_CREDENTIALS_COST: u32 = 1_000;

/// The maximum burst, and the maximum refill per minute, in cost units. `governor` counts in nanoseconds, which larger
/// numbers would overflow.
pub const MAX_UNITS: u32 = 100_000_000;

/// The rejected requests of a key that are answered at once: 20, and as many a second. The others are answered later, by
/// a second at most, because a client that sends its next request after each response would keep the server busy with
/// rejections.
const REJECTIONS: RateLimitPolicy = RateLimitPolicy {
    name: "rejections",
    per_minute: NonZeroU32::new(1_200).unwrap(),
    burst: NonZeroU32::new(20).unwrap(),
};

const MINUTE: Duration = Duration::from_mins(1);

/// The size and refill rate of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimitPolicy {
    /// The name of the policy in response headers: a word of ASCII letters.
    pub name: &'static str,
    /// The number of cost units that are refilled per minute; at most [`MAX_UNITS`].
    pub per_minute: NonZeroU32,
    /// The number of cost units in a full bucket; at most [`MAX_UNITS`].
    pub burst: NonZeroU32,
}

impl RateLimitPolicy {
    /// Returns the time to refill one unit; at least a nanosecond.
    #[must_use]
    pub fn refill_period(&self) -> Duration {
        MINUTE / self.per_minute.get()
    }

    /// Returns the time to refill a number of units.
    #[must_use]
    pub fn refill_time(&self, units: u32) -> Duration {
        self.refill_period().saturating_mul(units)
    }
}

/// The owner of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RateLimitKey {
    /// The clients without a token at an address.
    Address(IpAddr),
    /// An authenticated client, by the unique name of its principal.
    Token(String),
}

/// The state of a bucket after a charge or a rejected charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimitStatus {
    /// The policy of the bucket.
    pub policy: RateLimitPolicy,
    /// The number of cost units that are left.
    pub remaining: u32,
}

impl RateLimitStatus {
    /// Returns the time until the bucket is full again.
    #[must_use]
    pub fn time_until_full(&self) -> Duration {
        let missing = self.policy.burst.get().saturating_sub(self.remaining);
        self.policy.refill_time(missing)
    }
}

/// A rejected charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateLimitError {
    /// The bucket holds less than the cost. It holds enough after `wait`.
    Exhausted {
        /// The state of the bucket.
        status: RateLimitStatus,
        /// The time until the bucket holds enough.
        wait: Duration,
        /// The time to wait before the response.
        delay: Duration,
    },
    /// The cost is higher than the burst of the policy.
    ExceedsBurst(RateLimitPolicy),
}

/// All buckets of a process. `C` is the clock; outside of tests it is monotonic.
#[derive(Debug)]
pub struct RateLimits<C: Clock = DefaultClock> {
    addresses: Option<Buckets<C>>,
    tokens: Option<Buckets<C>>,
    rejections: Buckets<C>,
    /// The credentials that were valid recently.
    pub known_credentials: KnownCredentials,
    /// The time in the database and on the worker that one cost unit pays for; zero if time is not charged.
    time_per_unit: Duration,
}

impl RateLimits {
    /// Creates the buckets of addresses and of tokens. Without a policy there is no limit.
    #[must_use]
    pub fn new(addresses: Option<RateLimitPolicy>, tokens: Option<RateLimitPolicy>) -> Self {
        Self::with_clock(addresses, tokens, &DefaultClock::default())
    }

    /// Sets the time in the database and on the worker that one cost unit pays for. Zero, the default, means that time
    /// is not charged.
    #[must_use]
    pub fn with_time_per_unit(self, time_per_unit: Duration) -> Self {
        Self {
            time_per_unit,
            ..self
        }
    }
}

impl<C: Clock + Clone> RateLimits<C> {
    /// Creates the buckets with another clock.
    #[must_use]
    pub fn with_clock(
        addresses: Option<RateLimitPolicy>,
        tokens: Option<RateLimitPolicy>,
        clock: &C,
    ) -> Self {
        let buckets = |policy| Buckets::new(policy, clock.clone());
        Self {
            addresses: addresses.map(buckets),
            tokens: tokens.map(buckets),
            rejections: buckets(REJECTIONS),
            known_credentials: KnownCredentials::default(),
            time_per_unit: Duration::ZERO,
        }
    }

    /// Returns the number of cost units that pay for a time, rounded down.
    #[must_use]
    pub fn units_of(&self, time: Duration) -> u32 {
        let units = time.as_nanos().checked_div(self.time_per_unit.as_nanos());
        u32::try_from(units.unwrap_or_default()).unwrap_or(u32::MAX)
    }

    /// Takes a cost out of the bucket of a key. Returns `None` if there is no limit.
    ///
    /// # Errors
    ///
    /// When the bucket holds less than the cost. Nothing is taken out then.
    pub fn charge(
        &self,
        key: &RateLimitKey,
        cost: u32,
    ) -> Result<Option<RateLimitStatus>, RateLimitError> {
        let buckets = self.buckets(key);
        let result = buckets.map(|buckets| buckets.charge(key, cost.max(MIN_COST)));
        result
            .transpose()
            .map_err(|error| self.delay_rejection(key, error))
    }

    /// Takes a cost minus [`MIN_COST`], which is charged already, out of the bucket of a key.
    ///
    /// # Errors
    ///
    /// When the bucket holds less than the rest. Nothing more is taken out then.
    pub fn charge_remainder(
        &self,
        key: &RateLimitKey,
        cost: u32,
    ) -> Result<Option<RateLimitStatus>, RateLimitError> {
        let buckets = self.buckets(key);
        let result = buckets.map(|buckets| buckets.charge_remainder(key, MIN_COST, cost));
        result
            .transpose()
            .map_err(|error| self.delay_rejection(key, error))
    }

    /// Takes the cost of work that is done already out of the bucket of a key, or all that the bucket holds if that is
    /// less.
    pub fn charge_up_to(&self, key: &RateLimitKey, cost: u32) -> Option<RateLimitStatus> {
        let buckets = self.buckets(key)?;
        buckets.charge_up_to(key, cost)
    }

    /// Takes the cost of work that is done already out of the bucket of a key, even if the bucket holds less.
    pub fn charge_with_debt(&self, key: &RateLimitKey, cost: u32) -> Option<RateLimitStatus> {
        let buckets = self.buckets(key)?;
        Some(buckets.charge_with_debt(key, cost))
    }

    /// Counts a rejected request of a key, and delays its response after many.
    fn delay_rejection(&self, key: &RateLimitKey, error: RateLimitError) -> RateLimitError {
        match error {
            RateLimitError::Exhausted { status, wait, .. } => RateLimitError::Exhausted {
                status,
                wait,
                delay: self.rejections.charge_and_delay(key, 1),
            },
            RateLimitError::ExceedsBurst(_) => error,
        }
    }

    fn buckets(&self, key: &RateLimitKey) -> Option<&Buckets<C>> {
        match key {
            RateLimitKey::Address(_) => self.addresses.as_ref(),
            RateLimitKey::Token(_) => self.tokens.as_ref(),
        }
    }
}
