//! The type `RateLimit`.

use async_graphql::{Context, SimpleObject};
use chrono::{DateTime as ChronoDateTime, Utc};

use crate::{
    graphql::{int, scalar::DateTime},
    rate_limit::RateLimitStatus,
};

/// The charge for a request. It is in the request data, unless the caller has no rate limit.
#[derive(Clone, Copy, Debug)]
pub struct RateLimitCharge {
    /// The cost of the request, in cost units.
    pub cost: u32,
    /// The state of the caller's bucket after the charge.
    pub status: RateLimitStatus,
    /// The time of the charge.
    pub charged_at: ChronoDateTime<Utc>,
}

/// The state of the caller's rate limit. Each token has a bucket of cost units, and so has each client address without
/// a token. A request takes its cost from the bucket, which refills steadily.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct RateLimit {
    /// The number of cost units in a full bucket. A request with a higher cost is always rejected.
    limit: i32,
    /// The cost of this request, in cost units.
    cost: i32,
    /// The number of cost units that are left after the cost of this request. The time that it takes beyond its cost is
    /// charged when it ends.
    remaining: i32,
    /// The time at which the bucket is full again, if there are no further requests.
    reset_at: DateTime,
}

/// Returns the state of the caller's rate limit; `None` if the caller has no rate limit.
#[must_use]
pub fn rate_limit(ctx: &Context<'_>) -> Option<RateLimit> {
    let charge = ctx.data_opt::<RateLimitCharge>()?;
    let RateLimitCharge {
        cost,
        status,
        charged_at,
    } = charge;
    Some(RateLimit {
        limit: int(status.policy.burst.get()),
        cost: int(*cost),
        remaining: int(status.remaining),
        reset_at: DateTime(*charged_at + status.time_until_full()),
    })
}
