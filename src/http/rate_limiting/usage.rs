//! The charge for the time that an operation uses.
//!
//! The cost of an operation is an estimate that is charged before execution. An operation that takes more time in the
//! database or on the worker than its cost pays for is charged for the rest, even if its client disconnects. If the
//! bucket holds less, the rest is a debt, and the caller's next requests are rejected until it is paid.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;

use crate::{
    database::session::usage::UsageSink,
    graphql::price_list::REQUEST_COST,
    rate_limit::{MIN_COST, RateLimitKey, RateLimitStatus, RateLimits},
};

/// The account of one operation.
#[derive(Debug)]
pub struct Usage {
    rate_limits: Arc<RateLimits>,
    key: RateLimitKey,
    /// The cost of an event of a subscription: that of its selected fields.
    event_cost: u32,
    state: Mutex<UsageState>,
}

#[derive(Debug)]
struct UsageState {
    used_time: Duration,
    /// The cost units that are charged.
    charged: u32,
    /// The quota after the last charge of this account.
    quota: Option<RateLimitStatus>,
}

impl Usage {
    /// Creates the account of an operation whose cost is charged already.
    pub(super) fn new(rate_limits: Arc<RateLimits>, key: RateLimitKey, cost: u32) -> Self {
        let state = UsageState {
            used_time: Duration::ZERO,
            charged: cost,
            quota: None,
        };
        Self {
            rate_limits,
            key,
            event_cost: cost.saturating_sub(REQUEST_COST).max(MIN_COST),
            state: Mutex::new(state),
        }
    }

    /// Charges the cost of an event of a subscription.
    pub fn charge_event(&self) {
        let mut state = self.state.lock();
        state.charged = state.charged.saturating_add(self.event_cost);
        state.quota = self
            .rate_limits
            .charge_with_debt(&self.key, self.event_cost);
    }

    /// Returns the quota after the last charge of this account; `None` if nothing was charged beyond the cost.
    pub fn quota(&self) -> Option<RateLimitStatus> {
        self.state.lock().quota
    }
}

impl UsageSink for Usage {
    fn add(&self, time: Duration) {
        let mut state = self.state.lock();
        state.used_time += time;
        let units = self.rate_limits.units_of(state.used_time);
        let excess = units.saturating_sub(state.charged);
        if excess > 0 {
            state.charged = units;
            state.quota = self.rate_limits.charge_with_debt(&self.key, excess);
        }
    }
}
