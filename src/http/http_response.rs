//! GraphQL responses over HTTP: their status, headers and body.

use std::{io, time::Duration};

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use async_graphql::{Response, ServerError, Value};

use super::{
    accept::MediaType,
    limits::ResponseLimits,
    response_body::{ResponseBody, ResponseExtensions},
};
use crate::{
    access::authenticator::AccessError,
    database::session::Cost,
    error::{INTERNAL_ERROR_MESSAGE, code, is_database_unavailable},
    graphql::path,
    persisted_documents::ResolveError,
};

/// The `Server-Timing` header. It reports the SQL statements and round trips of a response.
pub const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

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
    /// The value of the `Retry-After` header in seconds, if it is known.
    retry_after: Option<u32>,
}

impl HttpError {
    /// Creates the error for a malformed request.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code::BAD_REQUEST, message)
    }

    /// Creates the error for a body of an unsupported media type.
    pub fn unsupported_media_type(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            code::UNSUPPORTED_MEDIA_TYPE,
            message,
        )
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

    /// Creates the error for a subscription over a transport that carries a single response.
    pub fn subscription_not_streamed() -> Self {
        Self::new(
            StatusCode::NOT_ACCEPTABLE,
            code::SUBSCRIPTION_NOT_STREAMED,
            "a subscription needs a stream: accept `text/event-stream`, or use a WebSocket with the sub-protocol `graphql-transport-ws`",
        )
    }

    /// Creates the error for a WebSocket handshake from a web page whose origin is not allowed.
    pub fn origin_not_allowed() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            code::ORIGIN_NOT_ALLOWED,
            "this origin may not open a WebSocket; add it to the server's --allowed-origin",
        )
    }

    /// Creates the error for a client address that has reached its limit of open WebSockets and event streams.
    pub fn too_many_sockets() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            code::TOO_MANY_SOCKETS,
            "too many WebSockets and event streams are open from this address; close one and try again",
        )
    }

    /// Creates the error for a client that reads events more slowly than they occur.
    pub fn client_too_slow() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            code::TOO_SLOW,
            "the client read events too slowly and some were lost: subscribe again, and fetch the current data again",
        )
    }

    /// Creates the error for a server that may have missed events.
    pub fn events_lost() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            code::EVENTS_LOST,
            "the server lost its database connection and may have missed events: subscribe again, and fetch the current data again",
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

    /// Converts the error of an authentication. Internal errors are logged.
    pub fn from_access_error(error: &AccessError) -> Self {
        match error {
            AccessError::Unauthenticated(reason) => Self::unauthenticated(reason.0),
            AccessError::Database(cause) if is_database_unavailable(cause) => Self::unavailable(),
            AccessError::Database(_) | AccessError::NoKeys => {
                tracing::error!(error.cause = %error, "credentials could not be looked up");
                Self::internal()
            }
        }
    }

    /// Creates the error for a database that can't be reached or is overloaded.
    pub fn unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            code::UNAVAILABLE,
            "the database can't be reached; try again later",
        )
        .with_retry_after(1)
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

    /// Sets the `Retry-After` header, in seconds.
    pub fn with_retry_after(self, seconds: u32) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// Creates an internal error. The message does not contain the cause.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            code::INTERNAL,
            INTERNAL_ERROR_MESSAGE,
        )
    }

    /// Creates the error for a document, or its variables, that is rejected. `code` is set on errors without a code.
    pub fn document(errors: Vec<ServerError>, code: &'static str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            errors: errors
                .into_iter()
                .map(|error| with_code(error, code))
                .collect(),
            is_well_formed: true,
            challenge: None,
            retry_after: None,
        }
    }

    /// Creates a caller's error with the given status. The error keeps its extensions.
    pub fn with_status(status: StatusCode, error: ServerError, code: &'static str) -> Self {
        Self {
            errors: vec![with_code(error, code)],
            ..Self::new(status, code, "")
        }
    }

    /// Converts the error of a document that can't be resolved.
    pub fn from_unresolved(unresolved: ResolveError) -> Self {
        let message = unresolved.to_string();
        let code = match unresolved {
            ResolveError::MissingDocument => return Self::bad_request(message),
            ResolveError::NotFound => code::PERSISTED_QUERY_NOT_FOUND,
            ResolveError::NotSupported => code::PERSISTED_QUERY_NOT_SUPPORTED,
            ResolveError::Mismatch => code::PERSISTED_QUERY_HASH_MISMATCH,
            ResolveError::NotTrusted => code::PERSISTED_QUERY_ONLY,
        };
        // The clients of Apollo and urql compare the message, and send the document only after a 200 for
        // `application/json`.
        Self::document(vec![ServerError::new(message, None)], code)
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
            retry_after: None,
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
        if status == StatusCode::METHOD_NOT_ALLOWED {
            response.insert_header((ALLOW, "GET, POST"));
        }
        if let Some(challenge) = self.challenge {
            response.insert_header((WWW_AUTHENTICATE, challenge));
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds));
        }
        response
            .content_type(media_type.content_type())
            .body(body.to_json())
    }
}

/// Returns whether the operation was executed. Only errors of the execution have a path; errors without one were found
/// before it started.
pub fn is_executed(response: &Response) -> bool {
    response.errors.is_empty() || response.errors.iter().any(|error| !error.path.is_empty())
}

/// The response of an execution, as JSON.
#[derive(Debug)]
pub struct SerializedResponse {
    /// The JSON.
    pub bytes: Vec<u8>,
    /// Whether the response is complete and has no errors.
    pub is_complete: bool,
}

impl SerializedResponse {
    fn from_error(error: &ServerError, extensions: ResponseExtensions) -> Self {
        let body = ResponseBody {
            errors: std::slice::from_ref(error),
            data: Some(&Value::Null),
            extensions,
        };
        Self {
            bytes: body.to_json(),
            is_complete: false,
        }
    }
}

/// Serializes the response of an execution as JSON. A response above the size limit is replaced by an error.
///
/// # Errors
///
/// When the operation was not executed, or the response can't be serialized.
pub fn serialize(
    response: Response,
    extensions: ResponseExtensions,
    limits: ResponseLimits,
) -> Result<SerializedResponse, HttpError> {
    if !is_executed(&response) {
        return Err(
            HttpError::document(response.errors, code::VALIDATION_FAILED).with_error_limit(limits),
        );
    }
    let too_large = |error: &&ServerError| code_of(error, "") == code::RESPONSE_TOO_LARGE;
    if let Some(error) = response.errors.iter().find(too_large) {
        let mut error = error.clone();
        path::restore(&mut error);
        // The error stands at the field that exceeded the budget, but all fields share the budget.
        error.path.clear();
        error.locations.clear();
        return Ok(SerializedResponse::from_error(&error, extensions));
    }
    let errors = response.errors.into_iter().map(|mut error| {
        path::restore(&mut error);
        with_code(error, code::INVALID_VALUE)
    });
    let errors = limits.truncate_errors(errors.collect());
    let body = ResponseBody {
        errors: &errors,
        data: Some(&response.data),
        extensions,
    };
    let is_whole = errors.is_empty();
    match limits.write_bounded(|out| body.write(out)) {
        Ok(Ok(bytes)) => Ok(SerializedResponse {
            bytes,
            is_complete: is_whole,
        }),
        Ok(Err(error)) => Ok(SerializedResponse::from_error(&error, extensions)),
        Err(error) => Err(serialization_error(&error)),
    }
}

/// Logs that a response can't be serialized, which is a bug. The client gets an internal error instead of a truncated
/// response.
fn serialization_error(error: &io::Error) -> HttpError {
    tracing::error!(error.cause = %error, "a response could not be serialized");
    HttpError::internal()
}

/// Adds the `Server-Timing` header with the SQL cost of a response.
pub fn add_server_timing(response: &mut HttpResponse, cost: Cost) {
    let Cost {
        statements,
        round_trips,
    } = cost;
    let timing = format!("sql;desc=\"{statements} statements in {round_trips} round trips\"");
    // The value is ASCII, so it is valid in a header.
    if let Ok(timing) = HeaderValue::try_from(timing) {
        response.headers_mut().insert(SERVER_TIMING, timing);
    }
}

/// Returns the code of an error, or `default` if it has none.
pub fn code_of<'a>(error: &'a ServerError, default: &'a str) -> &'a str {
    match error.extensions.as_ref().and_then(|all| all.get("code")) {
        Some(Value::String(code)) => code,
        _ => default,
    }
}

/// Sets the code of an error that has none.
fn with_code(mut error: ServerError, code: &'static str) -> ServerError {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_none() {
        extensions.set("code", code);
    }
    error
}
