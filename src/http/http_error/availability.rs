//! Errors of a server that is overloaded, too slow or faulty.

use actix_web::http::StatusCode;

use super::HttpError;
use crate::error::{INTERNAL_ERROR_MESSAGE, code};

impl HttpError {
    /// Creates the error for a statement that may succeed later: `UNAVAILABLE` if the database can't be reached or is
    /// busy, `RATE_LIMITED` if the caller's other requests use its share.
    pub fn temporary(code: &'static str, message: impl Into<String>) -> Self {
        let status = if code == code::RATE_LIMITED {
            StatusCode::TOO_MANY_REQUESTS
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        Self::new(status, code, message).with_retry_after(1)
    }

    /// Creates the error for an operation that exceeded its deadline and changed nothing.
    pub fn deadline_exceeded() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            code::DEADLINE_EXCEEDED,
            "the request exceeded its deadline and was cancelled; request less data, or try again later",
        )
        .with_retry_after(1)
    }

    /// Creates the error for mutations that exceeded their deadline. Some of them may have been committed.
    pub fn outcome_unknown() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            code::OUTCOME_UNKNOWN,
            "the request exceeded its deadline and the changes may have been made; if you sent an idempotency key, retry with the same key, otherwise check the current data",
        )
        .with_retry_after(1)
    }

    /// Creates an internal error. The message does not contain the cause.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            code::INTERNAL,
            INTERNAL_ERROR_MESSAGE,
        )
    }
}
