//! Errors of credentials.

use actix_web::http::StatusCode;

use super::HttpError;
use crate::{
    access::authenticator::error::AccessError,
    database::error_message::describe,
    error::{code, temporary_error},
};

impl HttpError {
    /// Creates the error for invalid credentials. The reason also goes into the `WWW-Authenticate` header, so it must
    /// be printable ASCII without quotes.
    pub fn unauthenticated(reason: &'static str) -> Self {
        let challenge = format!(
            "Bearer realm=\"marquee\", error=\"invalid_token\", error_description=\"{reason}\""
        );
        Self {
            challenge: Some(challenge),
            ..Self::new(StatusCode::UNAUTHORIZED, code::UNAUTHENTICATED, reason)
        }
    }

    /// Creates the error for a request without the credentials that it requires.
    pub fn credentials_required(reason: &'static str) -> Self {
        Self {
            challenge: Some("Bearer realm=\"marquee\"".to_owned()),
            ..Self::new(StatusCode::UNAUTHORIZED, code::UNAUTHENTICATED, reason)
        }
    }

    /// Creates the error for a client of another machine that asks for the metrics.
    pub fn metrics_not_public() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            code::METRICS_NOT_PUBLIC,
            "the metrics are only for clients on the server's machine that come without a proxy: start the server with --metrics-listen ADDRESS for a separate address that your monitoring reaches, or with --public-metrics to show them to every client",
        )
    }

    /// Converts the error of an authentication. Internal errors are logged.
    pub fn from_access_error(error: &AccessError) -> Self {
        match error {
            AccessError::Unauthenticated(reason) => Self::unauthenticated(reason.0),
            AccessError::Database(cause) => {
                let temporary = temporary_error(cause);
                let temporary = temporary.map(|(code, message)| Self::temporary(code, message));
                temporary.unwrap_or_else(|| Self::lookup_failed(error))
            }
            AccessError::NoKeys => Self::lookup_failed(error),
        }
    }

    fn lookup_failed(error: &AccessError) -> Self {
        tracing::error!(error.cause = %describe(error), "credentials could not be looked up");
        Self::internal()
    }
}
