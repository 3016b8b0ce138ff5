//! How who asks stands with the rate limit, as the API tells it.

use async_graphql::{Context, SimpleObject};
use chrono::{DateTime as ChronoDateTime, Utc};

use crate::{graphql::scalar::DateTime, rate::Standing};

/// What the request that is executed was charged; beside it in its data, unless there is no limit.
#[derive(Clone, Copy, Debug)]
pub struct Charged {
    /// What it cost, in cost units.
    pub cost: u32,
    /// How who asks stands since.
    pub standing: Standing,
    /// When it was charged.
    pub at: ChronoDateTime<Utc>,
}

/// How much who asks may still ask for. Every token has a bucket of cost units, and every address of clients without one; requests take
/// out what they cost, and it refills steadily.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct RateLimit {
    /// How many cost units the bucket holds when it is full. A request that costs more is never executed.
    limit: i32,
    /// What this request cost, in cost units.
    cost: i32,
    /// How many cost units are left after this request.
    remaining: i32,
    /// When the bucket is full again, if nothing more is asked for.
    reset_at: DateTime,
}

/// How who asks stands, if there is a limit for them.
#[must_use]
pub fn rate_limit(ctx: &Context<'_>) -> Option<RateLimit> {
    let charged = ctx.data_opt::<Charged>()?;
    let Charged { cost, standing, at } = charged;
    let int = |units: u32| i32::try_from(units).unwrap_or(i32::MAX);
    Some(RateLimit {
        limit: int(standing.policy.burst.get()),
        cost: int(*cost),
        remaining: int(standing.remaining),
        reset_at: DateTime(*at + standing.full_in()),
    })
}
