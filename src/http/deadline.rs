//! Answers take no longer than a bound.

use std::time::Duration;

use async_graphql::{Response, ServerError, parser::types::OperationType};
use tokio::time::timeout;

use super::answer::{Refusal, code_of};
use crate::{error::code, mutation::store::COMMIT_PATIENCE};

/// How long a mutation's answer may take beyond the deadline. Until then it has been told by itself that it is too late, and what is left is
/// to hear of a commit and to read what it changed.
const GRACE: Duration = Duration::from_secs(1).saturating_add(COMMIT_PATIENCE);

/// Waits for an execution until the deadline. Who is too late is dropped, and what runs in PostgreSQL for it is cancelled.
///
/// # Errors
///
/// When it is too late.
pub async fn within<T>(
    deadline: Duration,
    kind: OperationType,
    execution: impl Future<Output = T>,
) -> Result<T, Refusal> {
    let is_mutation = kind == OperationType::Mutation;
    let patience = if is_mutation {
        deadline + GRACE
    } else {
        deadline
    };
    timeout(patience, execution).await.map_err(|_| {
        tracing::warn!(operation.kind = %kind, "an answer took too long and was given up");
        if is_mutation {
            Refusal::unknown()
        } else {
            Refusal::too_late()
        }
    })
}

/// Whether the database was away for a response, so that there is nothing in it to show. What mutations have done is told in any case.
pub fn is_unavailable(kind: OperationType, response: &Response) -> bool {
    kind == OperationType::Query && response.errors.iter().any(is_of_database)
}

/// Tells of what a mutation shows, and could not be read, in other words than of a mutation that was not made: who sends it again would
/// make it twice.
pub fn tell_ended(kind: OperationType, response: &mut Response) {
    if kind != OperationType::Mutation {
        return;
    }
    let below_a_mutation = |error: &&mut ServerError| error.path.len() > 1;
    let unread = response.errors.iter_mut().filter(below_a_mutation);
    for error in unread.filter(|error| is_of_database(error)) {
        "the mutation has ended, but what it shows can't be read just now; look again instead of sending it again"
            .clone_into(&mut error.message);
        let extensions = error.extensions.get_or_insert_default();
        extensions.set("code", code::RESULT_UNAVAILABLE);
    }
}

fn is_of_database(error: &ServerError) -> bool {
    code_of(error, "") == code::UNAVAILABLE
}
