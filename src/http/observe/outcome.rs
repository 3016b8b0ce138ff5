//! The outcome of an operation, by its error codes.

use crate::error::code;

/// The outcome of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationOutcome {
    /// The operation was executed without errors.
    Ok,
    /// The operation was executed, and some fields have caller's errors.
    Errors,
    /// The operation was not executed because of a caller's error.
    Rejected,
    /// The server or the database failed.
    Failed,
    /// The operation was cancelled before there was a response, by the client or because the connection closed.
    Cancelled,
}

impl OperationOutcome {
    /// Returns the name for metrics, logs and traces.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Errors => "errors",
            Self::Rejected => "refused",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Returns the outcome by the codes of all errors.
    #[must_use]
    pub fn from_codes<'a>(is_executed: bool, codes: impl IntoIterator<Item = &'a str>) -> Self {
        let mut codes = codes.into_iter().peekable();
        if codes.peek().is_none() && is_executed {
            return Self::Ok;
        }
        if codes.any(is_internal) {
            Self::Failed
        } else if is_executed {
            Self::Errors
        } else {
            Self::Rejected
        }
    }
}

fn is_internal(code: &str) -> bool {
    // An operation that exceeds the deadline is within the cost limits, so the server is too slow.
    [
        code::INTERNAL,
        code::UNAVAILABLE,
        code::OUTCOME_UNKNOWN,
        code::RESULT_UNAVAILABLE,
        code::DEADLINE_EXCEEDED,
    ]
    .contains(&code)
}

#[cfg(test)]
mod tests;
