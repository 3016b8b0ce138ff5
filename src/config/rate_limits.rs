//! The command line settings of rate limits.

use std::{num::NonZeroU32, time::Duration};

use clap::{Args, builder::RangedI64ValueParser, value_parser};

use crate::rate_limit::{MAX_UNITS, RateLimitPolicy, RateLimits};

/// Accepts a number of cost units from `min` to [`MAX_UNITS`].
fn units(min: u32) -> RangedI64ValueParser<u32> {
    value_parser!(u32).range(i64::from(min)..=i64::from(MAX_UNITS))
}

/// The rate limits, in cost units. A cost unit is about a microsecond of one processor.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Rate limits")]
pub struct RateLimitArgs {
    /// The number of cost units per minute for requests without a token, counted per client address (0 to 100,000,000).
    /// A cost unit is about a microsecond of one processor. 0 disables the limit.
    #[arg(long, env = "MARQUEE_RATE_LIMIT", default_value_t = 6_000_000, value_name = "COST", value_parser = units(0))]
    pub rate_limit: u32,
    /// The maximum burst for requests without a token, counted per client address, in cost units (1 to 100,000,000). No
    /// single request may cost more.
    #[arg(long, env = "MARQUEE_RATE_BURST", default_value_t = 2_000_000, value_name = "COST", value_parser = units(1))]
    pub rate_burst: u32,
    /// The number of cost units per minute for each token (0 to 100,000,000). 0 disables the limit.
    #[arg(long, env = "MARQUEE_TOKEN_RATE_LIMIT", default_value_t = 12_000_000, value_name = "COST", value_parser = units(0))]
    pub token_rate_limit: u32,
    /// The maximum burst for each token, in cost units (1 to 100,000,000). No single request may cost more.
    #[arg(long, env = "MARQUEE_TOKEN_RATE_BURST", default_value_t = 4_000_000, value_name = "COST", value_parser = units(1))]
    pub token_rate_burst: u32,
    /// The time in the database and on the worker that one cost unit pays for, in microseconds (0 to 1,000,000). An
    /// operation that takes longer than its cost pays for is charged for the rest. 0 charges no time.
    #[arg(long, env = "MARQUEE_COST_UNIT_TIME", default_value_t = 5, value_name = "MICROSECONDS", value_parser = value_parser!(u32).range(0..=1_000_000))]
    pub cost_unit_time: u32,
}

impl RateLimitArgs {
    /// Creates the rate limits, with full buckets.
    #[must_use]
    pub fn rate_limits(&self) -> RateLimits {
        RateLimits::new(
            policy("address", self.rate_limit, self.rate_burst),
            policy("token", self.token_rate_limit, self.token_rate_burst),
        )
        .with_time_per_unit(Duration::from_micros(self.cost_unit_time.into()))
    }
}

fn policy(name: &'static str, per_minute: u32, burst: u32) -> Option<RateLimitPolicy> {
    Some(RateLimitPolicy {
        name,
        per_minute: NonZeroU32::new(per_minute)?,
        burst: NonZeroU32::new(burst)?,
    })
}
