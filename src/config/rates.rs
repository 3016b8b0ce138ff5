//! The command line of rate limits.

use std::num::NonZeroU32;

use clap::{Args, builder::RangedI64ValueParser, value_parser};

use crate::rate::{LARGEST, Policy, Rates};

/// A number of cost units, from a least one.
fn units(least: u32) -> RangedI64ValueParser<u32> {
    value_parser!(u32).range(i64::from(least)..=i64::from(LARGEST))
}

/// How much one may ask for in a time, in cost units: about as many as an answer has fields.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "How much one may ask for in a time")]
pub struct RateArgs {
    /// The cost units that come back in a minute to an address whose clients show no token; 0 for no limit.
    #[arg(long, env = "MARQUEE_RATE_LIMIT", default_value_t = 3_000_000, value_name = "COST", value_parser = units(0))]
    pub rate_limit: u32,
    /// The most cost units that such an address may save up.
    #[arg(long, env = "MARQUEE_RATE_BURST", default_value_t = 1_000_000, value_name = "COST", value_parser = units(1))]
    pub rate_burst: u32,
    /// The cost units that come back in a minute to a token; 0 for no limit.
    #[arg(long, env = "MARQUEE_TOKEN_RATE_LIMIT", default_value_t = 6_000_000, value_name = "COST", value_parser = units(0))]
    pub token_rate_limit: u32,
    /// The most cost units that a token may save up.
    #[arg(long, env = "MARQUEE_TOKEN_RATE_BURST", default_value_t = 2_000_000, value_name = "COST", value_parser = units(1))]
    pub token_rate_burst: u32,
}

impl RateArgs {
    /// Full buckets for everybody.
    #[must_use]
    pub fn rates(&self) -> Rates {
        Rates::new(
            policy("address", self.rate_limit, self.rate_burst),
            policy("token", self.token_rate_limit, self.token_rate_burst),
        )
    }
}

fn policy(name: &'static str, per_minute: u32, burst: u32) -> Option<Policy> {
    Some(Policy {
        name,
        per_minute: NonZeroU32::new(per_minute)?,
        burst: NonZeroU32::new(burst)?,
    })
}
