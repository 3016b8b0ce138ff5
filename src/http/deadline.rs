//! Answers take no longer than a bound.

use std::time::Duration;

use async_graphql::{Response, ServerError, Value, parser::types::OperationType};
use tokio::time::timeout;

use super::answer::Refusal;
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

fn is_of_database(error: &ServerError) -> bool {
    let extensions = error.extensions.as_ref();
    let code = extensions.and_then(|extensions| extensions.get("code"));
    code == Some(&Value::from(code::UNAVAILABLE))
}
