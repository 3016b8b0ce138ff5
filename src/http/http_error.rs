//! Errors of requests that are not executed, and their responses.

mod authentication;
mod availability;
mod document;
mod request;
mod stream;

use std::time::Duration;

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{ACCEPT_ENCODING, ALLOW, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use async_graphql::ServerError;
use tokio::time::sleep;

use super::{
    accept::MediaType,
    error_code::{code_of, with_code},
    limits::ResponseLimits,
    observe::Observation,
    response_body::{ResponseBody, ResponseExtensions},
};

/// The error of a request that is not executed. Its response has errors and no data.
#[derive(Debug)]
pub struct HttpError {
    status: StatusCode,
    errors: Vec<ServerError>,
    /// Whether the request was well-formed and only the document was rejected. A client that accepts `application/json`
    /// gets status 200 in this case.
    is_well_formed: bool,
    /// The value of the `WWW-Authenticate` header, as RFC 6750 defines it.
    challenge: Option<String>,
    /// The value of the `Accept-Encoding` header: the supported encodings of a request body (RFC 9110, 12.5.3).
    accepted_encodings: Option<&'static str>,
    /// The value of the `Retry-After` header in seconds, if it is known.
    retry_after: Option<u32>,
    /// The time to wait before the response.
    delay: Duration,
}

impl HttpError {
    /// Sets the `Retry-After` header, in seconds.
    pub fn with_retry_after(self, seconds: u32) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// Sets the time to wait before the response.
    pub fn with_delay(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// Waits until the response may be sent, and records the wait.
    pub async fn delay(&self, observation: Option<&Observation>) {
        if self.delay.is_zero() {
            return;
        }
        if let Some(observation) = observation {
            observation.record_delay(self.delay);
        }
        sleep(self.delay).await;
    }

    /// Creates a caller's error with the given status. The error keeps its extensions.
    pub fn with_status(status: StatusCode, error: ServerError, code: &'static str) -> Self {
        Self {
            errors: vec![with_code(error, code)],
            ..Self::new(status, code, "")
        }
    }

    /// Limits the number of errors. One more error counts those that are left out.
    pub fn with_error_limit(self, limits: ResponseLimits) -> Self {
        Self {
            errors: limits.truncate_errors(self.errors),
            ..self
        }
    }

    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            errors: vec![with_code(ServerError::new(message, None), code)],
            is_well_formed: false,
            challenge: None,
            accepted_encodings: None,
            retry_after: None,
            delay: Duration::ZERO,
        }
    }

    /// Returns the status for a client that accepts `application/graphql-response+json`.
    #[cfg(test)]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns whether the request was well-formed and only the document was rejected.
    pub fn is_document_error(&self) -> bool {
        self.is_well_formed
    }

    /// Returns whether the credentials are invalid or missing.
    pub fn is_authentication_error(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }

    /// Returns the codes of the errors.
    pub fn codes(&self) -> impl Iterator<Item = &str> + Clone {
        self.errors.iter().map(|error| code_of(error, ""))
    }

    /// Returns the message of the first error.
    pub fn message(&self) -> &str {
        self.errors.first().map_or("", |error| &error.message)
    }

    /// Returns the errors as a JSON array.
    pub fn errors_json(&self) -> String {
        serde_json::to_string(&self.errors).unwrap_or_else(|_| "[]".to_owned())
    }

    /// Converts the error to an HTTP response.
    pub fn into_response(self, media_type: MediaType) -> HttpResponse {
        let status = if self.is_well_formed && media_type == MediaType::Json {
            StatusCode::OK
        } else {
            self.status
        };
        let body = ResponseBody {
            errors: &self.errors,
            data: None,
            extensions: ResponseExtensions::default(),
        };
        let mut response = HttpResponse::build(status);
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            // The rest of the body is not read, so the client must not send another request over the connection.
            response.force_close();
        }
        if status == StatusCode::METHOD_NOT_ALLOWED {
            response.insert_header((ALLOW, "GET, HEAD, POST"));
        }
        if let Some(challenge) = self.challenge {
            response.insert_header((WWW_AUTHENTICATE, challenge));
        }
        if let Some(encodings) = self.accepted_encodings {
            response.insert_header((ACCEPT_ENCODING, encodings));
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds));
        }
        response
            .content_type(media_type.content_type())
            .body(body.to_json())
    }
}
