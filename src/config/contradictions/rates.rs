//! The rate limits and their bursts.

use super::{Contradictions, page};
use crate::config::serve::ServeArgs;

/// The minutes in which a bucket may take to refill. A caller who has emptied a bucket that takes longer is locked out
/// for a day.
const MAX_REFILL_MINUTES: u32 = 24 * 60;

/// The minutes after which a slow refill is logged.
const LONG_REFILL_MINUTES: u32 = 60;

/// A rate limit and its burst, in cost units, with the names of their settings.
struct Rate {
    limit: u32,
    burst: u32,
    names: (&'static str, &'static str),
    burst_id: &'static str,
}

/// Checks both rate limits.
pub(super) fn check(args: &ServeArgs, found: &mut Contradictions) {
    let rates = &args.rate_limits;
    let both = [
        Rate {
            limit: rates.rate_limit,
            burst: rates.rate_burst,
            names: ("--rate-limit", "--rate-burst"),
            burst_id: "rate_burst",
        },
        Rate {
            limit: rates.token_rate_limit,
            burst: rates.token_rate_burst,
            names: ("--token-rate-limit", "--token-rate-burst"),
            burst_id: "token_rate_burst",
        },
    ];
    let is_off = both.iter().all(|rate| rate.limit == 0);
    found.warn_if(is_off && args.is_given("cost_unit_time"), || {
        "--cost-unit-time has no effect: both rate limits are 0, which disables them".to_owned()
    });
    let page_cost = page::cost();
    for rate in both {
        rate.check(page_cost, args, found);
    }
}

impl Rate {
    fn check(&self, page_cost: Option<usize>, args: &ServeArgs, found: &mut Contradictions) {
        let Self { limit, burst, .. } = *self;
        let (limit_name, burst_name) = self.names;
        if limit == 0 {
            found.warn_if(args.is_given(self.burst_id), || {
                format!("{burst_name} has no effect: {limit_name}=0 disables the limit")
            });
            return;
        }
        for (value, name, effect) in [
            (limit, limit_name, "allows less than one page a minute"),
            (burst, burst_name, "allows no page"),
        ] {
            if let Some(cost) =
                page_cost.filter(|cost| u32::try_from(*cost).is_ok_and(|cost| value < cost))
            {
                found.errors.push(format!(
                    "{name}={value} {effect}: the title and the score of a film cost {cost}; the limit is in cost units, not in requests"
                ));
            }
        }
        let minutes = burst / limit;
        let text = format!(
            "{burst_name}={burst} refills in {minutes} minutes by {limit_name}={limit}: a caller who has used it waits that long"
        );
        if minutes > MAX_REFILL_MINUTES {
            found.errors.push(text);
        } else if minutes > LONG_REFILL_MINUTES {
            found.warnings.push(text);
        }
    }
}
