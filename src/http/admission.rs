//! The admission of operations that take long.
//!
//! The rows of such an operation keep a worker and PostgreSQL busy for milliseconds. A cheap operation that arrives
//! meanwhile needs a processor several times, and would wait for it each time. So while other callers send cheap
//! operations, long ones run on at most half of the processors, and expensive ones always do. Callers take turns, as for
//! connections.

use std::{
    thread::available_parallelism,
    time::{Duration, Instant},
};

use async_graphql::parser::types::OperationType;
use parking_lot::Mutex;

use super::{http_error::HttpError, prepare::OperationInfo};
use crate::{
    database::{
        pool::{
            Caller,
            fair_queue::{FairQueue, Permit, Refusal, Request},
        },
        session::Session,
    },
    error::code,
};

/// The cost from which an operation is expensive: about 20 milliseconds.
const EXPENSIVE_COST: u32 = 20_000;

/// The cost from which an operation is long: about 2 milliseconds.
const LONG_COST: u32 = 2_000;

/// The time for which long operations take turns after a cheap operation of another caller.
const CHEAP_TIME: Duration = Duration::from_secs(1);

/// The maximum wait of a long operation that is not expensive.
const MAX_LONG_WAIT: Duration = Duration::from_secs(1);

/// The part of the time of a request that an expensive operation may wait for its turn.
const WAIT_PART: u32 = 3;

/// The permits of long operations, which all workers share.
#[derive(Debug)]
pub struct AdmissionQueue {
    permits: FairQueue,
    cheap: Mutex<CheapOperations>,
}

/// The latest cheap operations of two callers.
#[derive(Debug, Default)]
struct CheapOperations {
    latest: Option<(Caller, Instant)>,
    before: Option<(Caller, Instant)>,
}

impl Default for AdmissionQueue {
    fn default() -> Self {
        let processors = available_parallelism().map_or(1, usize::from);
        Self {
            permits: FairQueue::new((processors / 2).max(1), usize::MAX),
            cheap: Mutex::default(),
        }
    }
}

impl AdmissionQueue {
    /// Waits until an operation may run. Returns `None` for one that doesn't take turns: a cheap one, a long one if no
    /// other caller sends cheap ones or after a long wait, and a mutation, which may wait for locks; write permits bound
    /// their number. Otherwise the query runs until the permit is dropped, its statements one after
    /// the other.
    ///
    /// # Errors
    ///
    /// If the operation is expensive, `RATE_LIMITED` if the caller's other operations take too long, `UNAVAILABLE` if
    /// those of all callers do.
    pub async fn admit(
        &self,
        operation: &OperationInfo,
        session: &Session,
        time_left: Duration,
    ) -> Result<Option<Permit>, HttpError> {
        let (caller, cost) = (session.caller(), operation.cost);
        if operation.kind != OperationType::Query {
            return Ok(None);
        }
        if cost < LONG_COST {
            self.cheap.lock().record(caller, Instant::now());
            return Ok(None);
        }
        let is_expensive = cost >= EXPENSIVE_COST;
        if !is_expensive && !self.cheap.lock().has_other(caller, Instant::now()) {
            return Ok(None);
        }
        let request = Request::of(caller);
        let max_wait = time_left / WAIT_PART;
        let max_wait = if is_expensive {
            max_wait
        } else {
            max_wait.min(MAX_LONG_WAIT)
        };
        match self.permits.acquire(request, max_wait).await {
            Ok(permit) => {
                session.take_turns();
                Ok(Some(permit))
            }
            Err(_) if !is_expensive => Ok(None),
            Err(Refusal::OverShare) => Err(HttpError::temporary(
                code::RATE_LIMITED,
                "your other expensive operations are still running; send fewer at the same time, and try again later",
            )),
            Err(Refusal::Overloaded) => Err(HttpError::temporary(
                code::UNAVAILABLE,
                "the server is busy with expensive operations; request less data, or try again later",
            )),
        }
    }
}

impl CheapOperations {
    fn record(&mut self, caller: Caller, now: Instant) {
        if self.latest.is_some_and(|(latest, _)| latest != caller) {
            self.before = self.latest;
        }
        self.latest = Some((caller, now));
    }

    /// Returns whether another caller has sent a cheap operation lately.
    fn has_other(&self, caller: Caller, now: Instant) -> bool {
        let latest = [self.latest, self.before].into_iter().flatten();
        latest
            .filter(|(other, _)| *other != caller)
            .any(|(_, at)| now.saturating_duration_since(at) < CHEAP_TIME)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_operations_take_turns_while_another_caller_sends_cheap_ones() {
        let [one, other] = [1, 2].map(|number| {
            let address = std::net::IpAddr::from([192, 0, 2, number]);
            Caller::of(&crate::rate_limit::RateLimitKey::Address(address))
        });
        let start = Instant::now();
        let later = start + CHEAP_TIME;
        let mut cheap = CheapOperations::default();
        assert!(!cheap.has_other(one, start));
        cheap.record(one, start);
        assert!(!cheap.has_other(one, start));
        assert!(cheap.has_other(other, start));
        cheap.record(other, start);
        cheap.record(other, start);
        assert!(cheap.has_other(one, start) && cheap.has_other(other, start));
        cheap.record(one, later);
        assert!(!cheap.has_other(one, later), "the other one has stopped");
        assert!(cheap.has_other(other, later));
    }
}
