//! Rate limits: a token bucket of cost units for each API token or JWT identity, and for each address without a token.
//!
//! A bucket is full at first, refills steadily, and each request takes out its cost. If a bucket holds less than the
//! cost, the error has the time until it holds enough. All workers of a process share the buckets.

pub mod bucket;
pub mod credentials;
pub mod table;

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use governor::clock::{Clock, DefaultClock};

use self::{bucket::Buckets, credentials::KnownCredentials};

/// The minimum cost of a request, whatever its outcome.
pub const LEAST: u32 = 1;

/// The cost of a request with a rejected document, for the work of reading it.
pub const REFUSED_DOCUMENT: u32 = 500;

/// The cost of invalid credentials. The address that sent them is charged.
pub const BAD_CREDENTIALS: u32 = 500;

/// The maximum burst, and the maximum refill per minute, in cost units. `governor` counts in nanoseconds, which larger
/// numbers would overflow.
pub const LARGEST: u32 = 100_000_000;

const MINUTE: Duration = Duration::from_mins(1);

/// The size and refill rate of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The name of the policy in response headers: a word of ASCII letters.
    pub name: &'static str,
    /// The number of cost units that are refilled per minute; at most [`LARGEST`].
    pub per_minute: NonZeroU32,
    /// The number of cost units in a full bucket; at most [`LARGEST`].
    pub burst: NonZeroU32,
}

impl Policy {
    /// Returns the time to refill one unit; at least a nanosecond.
    #[must_use]
    pub fn period(&self) -> Duration {
        MINUTE / self.per_minute.get()
    }

    /// Returns the time to refill a number of units.
    #[must_use]
    pub fn time_for(&self, units: u32) -> Duration {
        self.period().saturating_mul(units)
    }
}

/// The owner of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Payer {
    /// The clients without a token at an address.
    Address(IpAddr),
    /// An authenticated client, by the unique name of its principal.
    Token(String),
}

/// The state of a bucket after a charge or a rejected charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The policy of the bucket.
    pub policy: Policy,
    /// The number of cost units that are left.
    pub remaining: u32,
}

impl Standing {
    /// Returns the time until the bucket is full again.
    #[must_use]
    pub fn full_in(&self) -> Duration {
        let missing = self.policy.burst.get().saturating_sub(self.remaining);
        self.policy.time_for(missing)
    }
}

/// A rejected charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unpaid {
    /// The bucket holds less than the cost. It holds enough after `wait`.
    Later {
        /// The state of the bucket.
        standing: Standing,
        /// The time until the bucket holds enough.
        wait: Duration,
    },
    /// The cost is higher than the burst of the policy.
    Never(Policy),
}

/// All buckets of a process. `C` is the clock; outside of tests it is monotonic.
#[derive(Debug)]
pub struct Rates<C: Clock = DefaultClock> {
    addresses: Option<Buckets<C>>,
    tokens: Option<Buckets<C>>,
    /// The credentials that were valid recently.
    pub credentials: KnownCredentials,
}

impl Rates {
    /// Creates the buckets of addresses and of tokens. Without a policy there is no limit.
    #[must_use]
    pub fn new(addresses: Option<Policy>, tokens: Option<Policy>) -> Self {
        Self::with_clock(addresses, tokens, &DefaultClock::default())
    }
}

impl<C: Clock + Clone> Rates<C> {
    /// Creates the buckets with another clock.
    #[must_use]
    pub fn with_clock(addresses: Option<Policy>, tokens: Option<Policy>, clock: &C) -> Self {
        let buckets = |policy| Buckets::new(policy, clock.clone());
        Self {
            addresses: addresses.map(buckets),
            tokens: tokens.map(buckets),
            credentials: KnownCredentials::default(),
        }
    }

    /// Takes a cost out of a payer's bucket. Returns `None` if the payer has no limit.
    ///
    /// # Errors
    ///
    /// When the bucket holds less than the cost. Nothing is taken out then.
    pub fn charge(&self, payer: &Payer, cost: u32) -> Result<Option<Standing>, Unpaid> {
        let buckets = self.buckets(payer);
        let charged = buckets.map(|buckets| buckets.charge(payer, cost.max(LEAST)));
        charged.transpose()
    }

    /// Takes a cost, of which [`LEAST`] is paid already, out of a payer's bucket.
    ///
    /// # Errors
    ///
    /// When the bucket holds less than the rest. Nothing more is taken out then.
    pub fn charge_rest(&self, payer: &Payer, cost: u32) -> Result<Option<Standing>, Unpaid> {
        let buckets = self.buckets(payer);
        let charged = buckets.map(|buckets| buckets.charge_rest(payer, LEAST, cost));
        charged.transpose()
    }

    /// Takes the cost of work that is done already out of a payer's bucket, or all that the bucket holds if that is
    /// less.
    pub fn charge_afterwards(&self, payer: &Payer, cost: u32) -> Option<Standing> {
        let buckets = self.buckets(payer)?;
        buckets.charge_afterwards(payer, cost)
    }

    fn buckets(&self, payer: &Payer) -> Option<&Buckets<C>> {
        match payer {
            Payer::Address(_) => self.addresses.as_ref(),
            Payer::Token(_) => self.tokens.as_ref(),
        }
    }
}
