//! The buckets of one policy, implemented with the crate `governor`.

use std::{convert::Infallible, num::NonZeroU32, time::Duration};

use governor::{
    NotUntil, Quota, RateLimiter,
    clock::{Clock, Reference as _},
    middleware::StateInformationMiddleware,
    nanos::Nanos,
    state::StateStore as _,
};

use super::{RateLimitError, RateLimitKey, RateLimitPolicy, RateLimitStatus, table::BucketTable};

/// The buckets of all keys to which a policy applies.
#[derive(Debug)]
pub struct Buckets<C: Clock> {
    policy: RateLimitPolicy,
    limiter: RateLimiter<RateLimitKey, BucketTable<RateLimitKey>, C, StateInformationMiddleware>,
    /// The table of the limiter.
    table: BucketTable<RateLimitKey>,
    /// The time at which the limiter was created.
    started_at: C::Instant,
}

impl<C: Clock> Buckets<C> {
    /// Creates the buckets. All of them are full.
    pub fn new(policy: RateLimitPolicy, clock: C) -> Self {
        let period = policy.refill_period().max(Duration::from_nanos(1));
        // `governor` rejects only a period of zero, and the period is at least a nanosecond.
        let quota = Quota::with_period(period).unwrap_or(Quota::per_minute(policy.per_minute));
        let quota = quota.allow_burst(policy.burst);
        let table = BucketTable::default();
        let started_at = clock.now();
        Self {
            policy,
            limiter: RateLimiter::new(quota, table.clone(), clock),
            table,
            started_at,
        }
    }

    /// Takes the cost of a request out of the bucket of a key. A cost of 0 counts as 1.
    ///
    /// # Errors
    ///
    /// When the bucket holds less than the cost. Nothing is taken out then.
    pub fn charge(&self, key: &RateLimitKey, cost: u32) -> Result<RateLimitStatus, RateLimitError> {
        let cost = NonZeroU32::new(cost).unwrap_or(NonZeroU32::MIN);
        // `governor` computes with the cost before it compares it with the burst, and could overflow.
        if cost > self.policy.burst {
            return Err(RateLimitError::ExceedsBurst(self.policy));
        }
        match self.limiter.check_key_n(key, cost) {
            Ok(Ok(snapshot)) => Ok(self.status(snapshot.remaining_burst_capacity())),
            Ok(Err(not_until)) => Err(self.exhausted(&not_until, cost)),
            Err(_) => Err(RateLimitError::ExceedsBurst(self.policy)),
        }
    }

    /// Takes out the cost of a request minus the part that is `charged` already. A retry is charged the whole cost
    /// again, so the wait of an error is the time until the bucket holds the whole cost.
    ///
    /// # Errors
    ///
    /// When the bucket holds less than the rest of the cost. Nothing more is taken out then.
    pub fn charge_remainder(
        &self,
        key: &RateLimitKey,
        charged: u32,
        cost: u32,
    ) -> Result<RateLimitStatus, RateLimitError> {
        if cost > self.policy.burst.get() {
            return Err(RateLimitError::ExceedsBurst(self.policy));
        }
        self.charge(key, cost.saturating_sub(charged))
            .map_err(|error| match error {
                RateLimitError::Exhausted {
                    status,
                    wait,
                    delay,
                } => RateLimitError::Exhausted {
                    status,
                    wait: wait.saturating_add(self.policy.refill_time(charged)),
                    delay,
                },
                RateLimitError::ExceedsBurst(policy) => RateLimitError::ExceedsBurst(policy),
            })
    }

    /// Takes out the cost of work that is done already, even if the bucket holds less. The rest is a debt, which later
    /// refills pay first. A debt is at most a full bucket, so that a database that is slow for a while doesn't lock out
    /// its clients for long.
    pub fn charge_with_debt(&self, key: &RateLimitKey, cost: u32) -> RateLimitStatus {
        let missing = self.take_with_debt(key, cost);
        self.status(self.policy.burst.get().saturating_sub(missing))
    }

    /// Takes out a cost as [`charge_with_debt`](Self::charge_with_debt) does. Returns the time in which the debt is paid;
    /// zero if the bucket held enough. It is at most the time in which a bucket is refilled.
    pub fn charge_and_delay(&self, key: &RateLimitKey, cost: u32) -> Duration {
        let missing = self.take_with_debt(key, cost);
        let debt = missing.saturating_sub(self.policy.burst.get());
        self.policy.refill_time(debt)
    }

    /// Takes out a cost even if the bucket holds less. Returns the number of units that are missing in a full bucket.
    fn take_with_debt(&self, key: &RateLimitKey, cost: u32) -> u32 {
        let period = u64::try_from(self.policy.refill_period().as_nanos()).unwrap_or(u64::MAX);
        let period = period.max(1);
        let burst = period.saturating_mul(self.policy.burst.get().into());
        let now = self.elapsed();
        let charged = self.table.measure_and_replace(key, |full_at| {
            // The bucket is full at this time, and empty a whole burst before.
            let full_at = full_at.map_or(0, Nanos::as_u64).max(now);
            let full_at = full_at.saturating_add(period.saturating_mul(cost.into()));
            let full_at = full_at.min(now.saturating_add(2 * burst));
            let missing = full_at.saturating_sub(now).div_ceil(period);
            Ok::<_, Infallible>((missing, Nanos::new(full_at)))
        });
        let Ok(missing) = charged;
        u32::try_from(missing).unwrap_or(u32::MAX)
    }

    /// Returns the time since the start of the limiter, in nanoseconds. The levels of buckets are relative to it.
    fn elapsed(&self) -> u64 {
        self.limiter
            .clock()
            .now()
            .duration_since(self.started_at)
            .as_u64()
    }

    /// Takes out the cost of work that is done already, or all that the bucket holds if that is less.
    pub fn charge_up_to(&self, key: &RateLimitKey, cost: u32) -> Option<RateLimitStatus> {
        let error = match self.charge(key, cost.min(self.policy.burst.get())) {
            Ok(status) => return Some(status),
            Err(error) => error,
        };
        match error {
            RateLimitError::Exhausted { status, .. } if status.remaining > 0 => {
                let result = self.charge(key, status.remaining);
                Some(result.unwrap_or(status))
            }
            RateLimitError::Exhausted { status, .. } => Some(status),
            RateLimitError::ExceedsBurst(_) => None,
        }
    }

    fn exhausted(&self, not_until: &NotUntil<C::Instant>, cost: NonZeroU32) -> RateLimitError {
        let wait = not_until.wait_time_from(self.limiter.clock().now());
        let period = self.policy.refill_period().as_nanos().max(1);
        let missing = u32::try_from(wait.as_nanos().div_ceil(period)).unwrap_or(u32::MAX);
        RateLimitError::Exhausted {
            status: self.status(cost.get().saturating_sub(missing.max(1))),
            wait,
            delay: Duration::ZERO,
        }
    }

    fn status(&self, remaining: u32) -> RateLimitStatus {
        RateLimitStatus {
            policy: self.policy,
            remaining,
        }
    }
}

#[cfg(test)]
mod tests;
