//! The deadline of a response.

use std::time::Duration;

use async_graphql::{Response, ServerError, parser::types::OperationType};
use tokio::time::timeout;

use super::{error_code::code_of, http_error::HttpError};
use crate::{error::code, mutation::store::MIN_COMMIT_TIMEOUT};

/// The grace period of a mutation after the deadline. The mutation itself stops at the deadline. The rest of the time
/// is for the confirmation of a commit and for reading the payload.
const MUTATION_GRACE_PERIOD: Duration = Duration::from_secs(1).saturating_add(MIN_COMMIT_TIMEOUT);

/// Waits for an execution until the deadline. An execution that exceeds it is dropped, and its statements in PostgreSQL
/// are cancelled.
///
/// # Errors
///
/// When the execution exceeds the deadline.
pub async fn with_deadline<T>(
    deadline: Duration,
    kind: OperationType,
    execution: impl Future<Output = T>,
) -> Result<T, HttpError> {
    let is_mutation = kind == OperationType::Mutation;
    let limit = if is_mutation {
        deadline + MUTATION_GRACE_PERIOD
    } else {
        deadline
    };
    timeout(limit, execution).await.map_err(|_| {
        tracing::warn!(operation.kind = %kind, "an operation exceeded its deadline and was cancelled");
        if is_mutation {
            HttpError::outcome_unknown()
        } else {
            HttpError::deadline_exceeded()
        }
    })
}

/// Returns the error of a query that may succeed later: the database is unavailable or busy, or the caller's other
/// requests use its share. The response of a mutation is always sent, because it shows the mutations that were
/// committed.
pub fn temporary_error(kind: OperationType, response: &Response) -> Option<HttpError> {
    if kind != OperationType::Query {
        return None;
    }
    let mut errors = response.errors.iter();
    errors.find_map(|error| {
        let code = temporary_code(error)?;
        Some(HttpError::temporary(code, error.message.clone()))
    })
}

/// Changes the errors of payloads that could not be read after a mutation has completed. The original error would make
/// the client retry, and repeat the mutation.
pub fn mark_unreadable_payloads(kind: OperationType, response: &mut Response) {
    if kind != OperationType::Mutation {
        return;
    }
    let is_in_payload = |error: &&mut ServerError| error.path.len() > 1;
    let payload_errors = response.errors.iter_mut().filter(is_in_payload);
    for error in payload_errors.filter(|error| temporary_code(error).is_some()) {
        "the mutation has completed, but its payload can't be read now; fetch the data again instead of repeating the mutation"
            .clone_into(&mut error.message);
        let extensions = error.extensions.get_or_insert_default();
        extensions.set("code", code::RESULT_UNAVAILABLE);
    }
}

fn temporary_code(error: &ServerError) -> Option<&'static str> {
    let code = code_of(error, "");
    [
        code::UNAVAILABLE,
        code::RATE_LIMITED,
        code::DEADLINE_EXCEEDED,
    ]
    .into_iter()
    .find(|temporary| *temporary == code)
}
