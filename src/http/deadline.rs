//! The deadline of a response.

use std::time::Duration;

use async_graphql::{Response, ServerError, parser::types::OperationType};
use tokio::time::timeout;

use super::answer::{Refusal, code_of};
use crate::{error::code, mutation::store::COMMIT_PATIENCE};

/// The grace period of a mutation after the deadline. The mutation itself stops at the deadline. The rest of the time
/// is for the confirmation of a commit and for reading the payload.
const GRACE: Duration = Duration::from_secs(1).saturating_add(COMMIT_PATIENCE);

/// Waits for an execution until the deadline. An execution that exceeds it is dropped, and its statements in PostgreSQL
/// are cancelled.
///
/// # Errors
///
/// When the execution exceeds the deadline.
pub async fn within<T>(
    deadline: Duration,
    kind: OperationType,
    execution: impl Future<Output = T>,
) -> Result<T, Refusal> {
    let is_mutation = kind == OperationType::Mutation;
    let limit = if is_mutation {
        deadline + GRACE
    } else {
        deadline
    };
    timeout(limit, execution).await.map_err(|_| {
        tracing::warn!(operation.kind = %kind, "an operation exceeded its deadline and was cancelled");
        if is_mutation {
            Refusal::unknown()
        } else {
            Refusal::too_late()
        }
    })
}

/// Returns whether a query failed because the database is unavailable. The response of a mutation is always sent,
/// because it shows the mutations that were committed.
pub fn is_unavailable(kind: OperationType, response: &Response) -> bool {
    kind == OperationType::Query && response.errors.iter().any(is_of_database)
}

/// Changes the errors of payloads that could not be read after a mutation has completed. The original error would make
/// the client retry, and repeat the mutation.
pub fn tell_ended(kind: OperationType, response: &mut Response) {
    if kind != OperationType::Mutation {
        return;
    }
    let below_a_mutation = |error: &&mut ServerError| error.path.len() > 1;
    let unread = response.errors.iter_mut().filter(below_a_mutation);
    for error in unread.filter(|error| is_of_database(error)) {
        "the mutation has completed, but its payload can't be read now; fetch the data again instead of repeating the mutation"
            .clone_into(&mut error.message);
        let extensions = error.extensions.get_or_insert_default();
        extensions.set("code", code::RESULT_UNAVAILABLE);
    }
}

fn is_of_database(error: &ServerError) -> bool {
    code_of(error, "") == code::UNAVAILABLE
}
