//! The admission of expensive operations.
//!
//! The rows of an expensive operation keep a worker and PostgreSQL busy for tens of milliseconds. Such operations run on
//! at most half of the processors, so that the others remain for cheap ones. Callers take turns, as for connections.

use std::{thread::available_parallelism, time::Duration};

use async_graphql::parser::types::OperationType;

use super::{http_error::HttpError, prepare::OperationInfo};
use crate::{
    database::{
        pool::fair_queue::{FairQueue, Permit, Refusal, Request},
        session::Session,
    },
    error::code,
};

/// The cost from which an operation is expensive: about 20 milliseconds.
const EXPENSIVE_COST: u32 = 20_000;

/// The part of the time of a request that an operation may wait for its turn.
const WAIT_PART: u32 = 3;

/// The permits of expensive operations, which all workers share.
#[derive(Debug)]
pub struct AdmissionQueue(FairQueue);

impl Default for AdmissionQueue {
    fn default() -> Self {
        let processors = available_parallelism().map_or(1, usize::from);
        Self(FairQueue::new((processors / 2).max(1), usize::MAX))
    }
}

impl AdmissionQueue {
    /// Waits until an operation may run. Returns `None` for a cheap one, and for a mutation, which may wait for locks; write
    /// permits bound their number. An expensive query runs until the permit is dropped.
    ///
    /// # Errors
    ///
    /// `RATE_LIMITED` if the caller's other expensive operations take too long, `UNAVAILABLE` if those of all callers do.
    pub async fn admit(
        &self,
        operation: &OperationInfo,
        session: &Session,
        time_left: Duration,
    ) -> Result<Option<Permit>, HttpError> {
        if operation.cost < EXPENSIVE_COST || operation.kind != OperationType::Query {
            return Ok(None);
        }
        let request = Request::of(session.caller());
        let permit = self.0.acquire(request, time_left / WAIT_PART).await;
        permit.map(Some).map_err(|refusal| match refusal {
            Refusal::OverShare => HttpError::temporary(
                code::RATE_LIMITED,
                "your other expensive operations are still running; send fewer at the same time, and try again later",
            ),
            Refusal::Overloaded => HttpError::temporary(
                code::UNAVAILABLE,
                "the server is busy with expensive operations; request less data, or try again later",
            ),
        })
    }
}
