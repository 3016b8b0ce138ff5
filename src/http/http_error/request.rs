//! Errors of malformed and unsupported requests.

use std::time::Duration;

use actix_web::http::StatusCode;

use super::HttpError;
use crate::error::code;

impl HttpError {
    /// Creates the error for a malformed request.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code::BAD_REQUEST, message)
    }

    /// Creates the error for a path at which nothing is served.
    pub fn unknown_path() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            code::UNKNOWN_PATH,
            "nothing is served at this path: the API is at /graphql, the playground at /playground; a proxy that serves them below a path must remove it (nginx: proxy_pass with a slash at the end)",
        )
    }

    /// Creates the error for a body of an unsupported media type.
    pub fn unsupported_media_type(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            code::UNSUPPORTED_MEDIA_TYPE,
            message,
        )
    }

    /// Creates the error for a body of an unsupported encoding.
    pub fn unsupported_content_encoding(supported: &'static str) -> Self {
        let message = format!(
            "the `Content-Encoding` of the request body is not supported: send one of {supported}, or the body without compression"
        );
        Self {
            accepted_encodings: Some(supported),
            ..Self::unsupported_media_type(message)
        }
    }

    /// Creates the error for a method that this operation or route does not allow.
    pub fn method_not_allowed(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            code::METHOD_NOT_ALLOWED,
            message,
        )
    }

    /// Creates the error for a client that accepts none of the media types of responses.
    pub fn not_acceptable() -> Self {
        Self::new(
            StatusCode::NOT_ACCEPTABLE,
            code::NOT_ACCEPTABLE,
            "none of the accepted media types is supported: accept `application/graphql-response+json`, `application/json` or `text/event-stream`",
        )
    }

    /// Creates the error for a request body of more than `limit` bytes.
    pub fn body_too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            code::BODY_TOO_LARGE,
            format!("the request body has more than {limit} bytes; send less"),
        )
    }

    /// Creates the error for a request body that does not arrive within `limit`.
    pub fn body_too_slow(limit: Duration) -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            code::REQUEST_TIMEOUT,
            format!(
                "the request body did not arrive within {} seconds; send it again",
                limit.as_secs()
            ),
        )
    }
}
