//! Answers take no longer than a bound.

use std::time::Duration;

use async_graphql::{Response, ServerError, Value, parser::types::OperationType};
use tokio::time::timeout;

use super::answer::Refusal;
use crate::error::code;

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
    timeout(deadline, execution).await.map_err(|_| {
        tracing::warn!(operation.kind = %kind, "an answer took too long and was given up");
        Refusal::too_late(kind == OperationType::Mutation)
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
