//! The headers and the error of a rate limit.

use std::time::Duration;

use crate::{
    error::code,
    http::http_error::HttpError,
    rate_limit::{RateLimitError, RateLimitPolicy, RateLimitStatus},
};
use actix_web::http::StatusCode;
use async_graphql::ServerError;

pub(super) fn to_http_error(error: RateLimitError, cost: u32) -> HttpError {
    match error {
        RateLimitError::Exhausted {
            status,
            wait,
            delay,
        } => {
            let RateLimitStatus { policy, remaining } = status;
            let seconds = whole_seconds(wait).max(1);
            let message = format!(
                "rate limit of this {} exceeded: {} cost units per minute, with a burst of {}; this request costs {cost} and {remaining} are left; try again in {seconds} s",
                policy.name, policy.per_minute, policy.burst,
            );
            let error = rate_limit_error(message, policy, cost, Some(remaining));
            let retry_after = u32::try_from(seconds).unwrap_or(u32::MAX);
            HttpError::with_status(StatusCode::TOO_MANY_REQUESTS, error, code::RATE_LIMITED)
                .with_retry_after(retry_after)
                .with_delay(delay)
        }
        RateLimitError::ExceedsBurst(policy) => {
            let message = format!(
                "this request costs {cost} cost units, and the rate limit of this {} allows a burst of {} at most; request less data",
                policy.name, policy.burst,
            );
            let error = rate_limit_error(message, policy, cost, None);
            HttpError::document(vec![error], code::RATE_BURST_EXCEEDED)
        }
    }
}

fn rate_limit_error(
    message: String,
    policy: RateLimitPolicy,
    cost: u32,
    remaining: Option<u32>,
) -> ServerError {
    let mut error = ServerError::new(message, None);
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("limit", policy.burst.get());
    extensions.set("cost", cost);
    if let Some(remaining) = remaining {
        extensions.set("remaining", remaining);
    }
    error
}

/// Formats the remaining quota and the seconds until it is full again: `"address";r=999999;t=1`.
pub(super) fn format_rate_limit(status: &RateLimitStatus) -> String {
    let RateLimitStatus { policy, remaining } = status;
    let full_in = whole_seconds(status.time_until_full());
    format!("\"{}\";r={remaining};t={full_in}", policy.name)
}

/// Formats the quota, its unit and the seconds in which it refills: `"address";q=1000000;qu="cost";w=20`.
pub(super) fn format_policy(policy: &RateLimitPolicy) -> String {
    let window = whole_seconds(policy.refill_time(policy.burst.get())).max(1);
    format!(
        "\"{}\";q={};qu=\"cost\";w={window}",
        policy.name, policy.burst
    )
}

/// Rounds up to whole seconds.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}
