//! How much one may ask for in a time: a bucket of cost units for each token, and for each address that shows none.
//!
//! A bucket is full in the beginning, refills steadily, and each request takes out what it costs. Whoever's bucket doesn't hold that much is
//! told when it will. There is one set of buckets a process, whichever worker answers.

pub mod bucket;
pub mod credentials;
pub mod table;

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use governor::clock::{Clock, DefaultClock};

use self::{bucket::Buckets, credentials::KnownCredentials};

/// What each request costs at least, whatever becomes of it.
pub const LEAST: u32 = 1;

/// What a request costs whose document is refused: reading it was work.
pub const REFUSED_DOCUMENT: u32 = 500;

/// What credentials cost that turn out to be bad, which the address pays that showed them.
pub const BAD_CREDENTIALS: u32 = 500;

/// The most that a bucket may hold, and the most that may be refilled in a minute: what governor's nanoseconds can count.
pub const LARGEST: u32 = 100_000_000;

const MINUTE: Duration = Duration::from_mins(1);

/// How large a bucket is and how fast it refills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What it is called in headers: a word of ASCII letters.
    pub name: &'static str,
    /// The cost units that come back in a minute; at most [`LARGEST`].
    pub per_minute: NonZeroU32,
    /// The cost units that it holds when it is full; at most [`LARGEST`].
    pub burst: NonZeroU32,
}

impl Policy {
    /// How long one unit takes to come back; at least a nanosecond.
    #[must_use]
    pub fn period(&self) -> Duration {
        MINUTE / self.per_minute.get()
    }

    /// How long so many units take to come back.
    #[must_use]
    pub fn time_for(&self, units: u32) -> Duration {
        self.period().saturating_mul(units)
    }
}

/// Who pays.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Payer {
    /// Whoever asks from an address, as clients are counted by it.
    Address(IpAddr),
    /// Somebody known by a token, in the words that no two have in common.
    Token(String),
}

/// How a payer stands once a request was charged, or wasn't.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Of which kind the bucket is.
    pub policy: Policy,
    /// The cost units that are left.
    pub remaining: u32,
}

impl Standing {
    /// In how long the bucket is full again.
    #[must_use]
    pub fn full_in(&self) -> Duration {
        let missing = self.policy.burst.get().saturating_sub(self.remaining);
        self.policy.time_for(missing)
    }
}

/// Why a request isn't paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unpaid {
    /// The bucket holds too little, and will hold enough after `wait`.
    Later {
        /// How it stands.
        standing: Standing,
        /// How long that takes.
        wait: Duration,
    },
    /// Even a full bucket doesn't hold that much.
    Never(Policy),
}

/// All buckets of a process. `C` is the clock, monotonic outside of tests.
#[derive(Debug)]
pub struct Rates<C: Clock = DefaultClock> {
    addresses: Option<Buckets<C>>,
    tokens: Option<Buckets<C>>,
    /// Credentials that were good lately.
    pub credentials: KnownCredentials,
}

impl Rates {
    /// For addresses and for tokens; without a limit where there is no policy.
    #[must_use]
    pub fn new(addresses: Option<Policy>, tokens: Option<Policy>) -> Self {
        Self::with_clock(addresses, tokens, &DefaultClock::default())
    }
}

impl<C: Clock + Clone> Rates<C> {
    /// The same by another clock.
    #[must_use]
    pub fn with_clock(addresses: Option<Policy>, tokens: Option<Policy>, clock: &C) -> Self {
        let buckets = |policy| Buckets::new(policy, clock.clone());
        Self {
            addresses: addresses.map(buckets),
            tokens: tokens.map(buckets),
            credentials: KnownCredentials::default(),
        }
    }

    /// Takes a cost out of a payer's bucket. `None` if there is no limit for them.
    ///
    /// # Errors
    ///
    /// When the bucket doesn't hold that much; then nothing is taken out.
    pub fn charge(&self, payer: &Payer, cost: u32) -> Result<Option<Standing>, Unpaid> {
        let buckets = self.buckets(payer);
        let charged = buckets.map(|buckets| buckets.charge(payer, cost.max(LEAST)));
        charged.transpose()
    }

    /// Takes a cost out of a payer's bucket of which [`LEAST`] is paid already.
    ///
    /// # Errors
    ///
    /// When the bucket doesn't hold the rest; then nothing more is taken out.
    pub fn charge_rest(&self, payer: &Payer, cost: u32) -> Result<Option<Standing>, Unpaid> {
        let buckets = self.buckets(payer);
        let charged = buckets.map(|buckets| buckets.charge_rest(payer, LEAST, cost));
        charged.transpose()
    }

    /// Takes a cost out of a payer's bucket for what was done already; only what is there, if that is less.
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
