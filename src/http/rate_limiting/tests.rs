use std::num::NonZeroU32;

use super::{response::*, *};
use crate::rate_limit::RateLimitPolicy;

#[test]
fn headers_are_structured_fields() {
    let policy = RateLimitPolicy {
        name: "address",
        per_minute: NonZeroU32::new(600).unwrap(),
        burst: NonZeroU32::new(25).unwrap(),
    };
    let status = RateLimitStatus {
        policy,
        remaining: 4,
    };
    assert_eq!(format_rate_limit(&status), "\"address\";r=4;t=3");
    assert_eq!(format_policy(&policy), "\"address\";q=25;qu=\"cost\";w=3");
}
