//! GraphQL answers as they go over HTTP: which status, which body.

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
    limits::AnswerLimits,
    response::{Body, Extensions},
};
use crate::{
    access::gatekeeper::AccessError,
    database::session::Cost,
    documents::Unresolved,
    error::{OUR_FAULT, code, is_away},
    graphql::path,
};

/// Tells what an answer cost.
pub const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Why a request is not executed. It becomes an answer with errors and without data.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    errors: Vec<ServerError>,
    /// Whether the request was well-formed, and only the document wouldn't do: a client that wants `application/json` gets 200 then.
    well_formed: bool,
    /// What the client is told to show, by the words of RFC 6750.
    challenge: Option<String>,
    /// After how many seconds it is worth while to ask again, if that is known.
    retry_after: Option<u32>,
}

impl Refusal {
    /// The request is none.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code::BAD_REQUEST, message)
    }

    /// The body is of a type that is not read.
    pub fn unsupported_media_type(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            code::UNSUPPORTED_MEDIA_TYPE,
            message,
        )
    }

    /// The method can't be used for this.
    pub fn method_not_allowed(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            code::METHOD_NOT_ALLOWED,
            message,
        )
    }

    /// No answer can be written that the client would read.
    pub fn not_acceptable() -> Self {
        Self::new(
            StatusCode::NOT_ACCEPTABLE,
            code::NOT_ACCEPTABLE,
            "answers are written as `application/graphql-response+json`, `application/json` or `text/event-stream`",
        )
    }

    /// A subscription by a transport that gives one answer.
    pub fn not_streamed() -> Self {
        Self::new(
            StatusCode::NOT_ACCEPTABLE,
            code::SUBSCRIPTION_NOT_STREAMED,
            "a subscription needs a stream: accept `text/event-stream`, or use a WebSocket with the sub-protocol `graphql-transport-ws`",
        )
    }

    /// A handshake from a web page of an origin that is not allowed.
    pub fn origin_not_allowed() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            code::ORIGIN_NOT_ALLOWED,
            "web pages of this origin may not open a WebSocket here; the server's --allowed-origin names those that may",
        )
    }

    /// The client's address has as many sockets and event streams as it may.
    pub fn too_many_sockets() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            code::TOO_MANY_SOCKETS,
            "too many WebSockets and event streams are open from this address",
        )
    }

    /// Events came faster than the client took them.
    pub fn too_slow() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            code::TOO_SLOW,
            "events came faster than they were taken, and some are lost: subscribe again, and read again what you show",
        )
    }

    /// The server may have missed events.
    pub fn events_lost() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            code::EVENTS_LOST,
            "the server had lost its database, and may have missed events: subscribe again, and read again what you show",
        )
    }

    /// The body is too large.
    pub fn body_too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            code::BODY_TOO_LARGE,
            format!("the body has more than {limit} bytes"),
        )
    }

    /// The body didn't come in time.
    pub fn body_too_slow(limit: Duration) -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            code::REQUEST_TIMEOUT,
            format!("the body didn't come within {} seconds", limit.as_secs()),
        )
    }

    /// The credentials won't do. The reason stands in a header as well, so it is of printable ASCII without quotes.
    pub fn unauthenticated(reason: &'static str) -> Self {
        let challenge = format!(
            "Bearer realm=\"marquee\", error=\"invalid_token\", error_description=\"{reason}\""
        );
        Self {
            challenge: Some(challenge),
            ..Self::new(StatusCode::UNAUTHORIZED, code::UNAUTHENTICATED, reason)
        }
    }

    /// There are no credentials, and this needs some.
    pub fn credentials_needed(reason: &'static str) -> Self {
        Self {
            challenge: Some("Bearer realm=\"marquee\"".to_owned()),
            ..Self::new(StatusCode::UNAUTHORIZED, code::UNAUTHENTICATED, reason)
        }
    }

    /// Nobody can say who asks.
    pub fn access(error: &AccessError) -> Self {
        match error {
            AccessError::Unauthenticated(reason) => Self::unauthenticated(reason.0),
            AccessError::Database(cause) if is_away(cause) => Self::unavailable(),
            AccessError::Database(_) | AccessError::NoKeys => {
                tracing::error!(error.cause = %error, "credentials could not be looked up");
                Self::internal()
            }
        }
    }

    /// The database can't be reached, or everybody asks it at once.
    pub fn unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            code::UNAVAILABLE,
            "the database can't be reached; try again later",
        )
        .retry_after(1)
    }

    /// The answer took too long. Nothing was to be changed.
    pub fn too_late() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            code::DEADLINE_EXCEEDED,
            "the answer took too long and was given up; ask for less, or try again later",
        )
        .retry_after(1)
    }

    /// Telling what came of mutations took too long: some of them may have been made.
    pub fn unknown() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            code::OUTCOME_UNKNOWN,
            "telling what was changed took too long; if you gave an idempotency key, send the same again with it, else look",
        )
        .retry_after(1)
    }

    /// The same refusal, with after how many seconds to ask again.
    pub fn retry_after(self, seconds: u32) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// The fault is ours.
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, code::INTERNAL, OUR_FAULT)
    }

    /// The document, or what it is to be run with, won't do.
    pub fn document(errors: Vec<ServerError>, code: &'static str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            errors: errors
                .into_iter()
                .map(|error| with_code(error, code))
                .collect(),
            well_formed: true,
            challenge: None,
            retry_after: None,
        }
    }

    /// An error of the caller's that has a status of its own, and facts beside its words.
    pub fn with_status(status: StatusCode, error: ServerError, code: &'static str) -> Self {
        Self {
            errors: vec![with_code(error, code)],
            ..Self::new(status, code, "")
        }
    }

    /// There is no document to run.
    pub fn unresolved(unresolved: Unresolved) -> Self {
        let message = unresolved.to_string();
        let code = match unresolved {
            Unresolved::Nothing => return Self::bad_request(message),
            Unresolved::NotFound => code::PERSISTED_QUERY_NOT_FOUND,
            Unresolved::NotSupported => code::PERSISTED_QUERY_NOT_SUPPORTED,
            Unresolved::Mismatch => code::PERSISTED_QUERY_HASH_MISMATCH,
            Unresolved::NotTrusted => code::PERSISTED_QUERY_ONLY,
        };
        // Clients of Apollo's and urql's look at the words, and go on only if they get 200 for `application/json`.
        Self::document(vec![ServerError::new(message, None)], code)
    }

    /// The same refusal, with no more errors than are listed.
    pub fn within(self, limits: AnswerLimits) -> Self {
        Self {
            errors: limits.listed(self.errors),
            ..self
        }
    }

    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            errors: vec![with_code(ServerError::new(message, None), code)],
            well_formed: false,
            challenge: None,
            retry_after: None,
        }
    }

    /// The status for a client that reads statuses.
    #[cfg(test)]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Whether the request was well-formed, and only the document wouldn't do.
    pub fn is_of_document(&self) -> bool {
        self.well_formed
    }

    /// Whether the credentials won't do.
    pub fn is_of_credentials(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }

    /// The codes of the errors.
    pub fn codes(&self) -> impl Iterator<Item = &str> + Clone {
        self.errors.iter().map(|error| code_of(error, ""))
    }

    /// The errors as a JSON array.
    pub fn errors(&self) -> String {
        serde_json::to_string(&self.errors).unwrap_or_else(|_| "[]".to_owned())
    }

    /// As an answer.
    pub fn answer(self, media_type: MediaType) -> HttpResponse {
        let status = if self.well_formed && media_type == MediaType::Json {
            StatusCode::OK
        } else {
            self.status
        };
        let body = Body {
            errors: &self.errors,
            data: None,
            extensions: Extensions::default(),
        };
        let mut answer = HttpResponse::build(status);
        if status == StatusCode::METHOD_NOT_ALLOWED {
            answer.insert_header((ALLOW, "GET, POST"));
        }
        if let Some(challenge) = self.challenge {
            answer.insert_header((WWW_AUTHENTICATE, challenge));
        }
        if let Some(seconds) = self.retry_after {
            answer.insert_header((RETRY_AFTER, seconds));
        }
        answer
            .content_type(media_type.content_type())
            .body(body.to_json())
    }
}

/// Whether it came to an execution. Only an error of execution stands at a field; errors without one were found before it began.
pub fn is_executed(response: &Response) -> bool {
    response.errors.is_empty() || response.errors.iter().any(|error| !error.path.is_empty())
}

/// What came of an execution, as JSON.
#[derive(Debug)]
pub struct Written {
    /// The JSON.
    pub bytes: Vec<u8>,
    /// Whether it is everything that was asked for, without an error.
    pub is_whole: bool,
}

impl Written {
    fn of_error(error: &ServerError, extensions: Extensions) -> Self {
        let body = Body {
            errors: std::slice::from_ref(error),
            data: Some(&Value::Null),
            extensions,
        };
        Self {
            bytes: body.to_json(),
            is_whole: false,
        }
    }
}

/// The body of what came of an execution, as JSON. One that is larger than is sent becomes an error that says so.
///
/// # Errors
///
/// When it came to no execution.
pub fn body(
    response: Response,
    extensions: Extensions,
    limits: AnswerLimits,
) -> Result<Written, Refusal> {
    if !is_executed(&response) {
        return Err(Refusal::document(response.errors, code::VALIDATION_FAILED).within(limits));
    }
    let too_large = |error: &&ServerError| code_of(error, "") == code::RESPONSE_TOO_LARGE;
    if let Some(error) = response.errors.iter().find(too_large) {
        let mut error = error.clone();
        path::restore(&mut error);
        // It is at whichever field came last, and of all of them.
        error.path.clear();
        error.locations.clear();
        return Ok(Written::of_error(&error, extensions));
    }
    let errors = response.errors.into_iter().map(|mut error| {
        path::restore(&mut error);
        with_code(error, code::INVALID_VALUE)
    });
    let errors = limits.listed(errors.collect());
    let body = Body {
        errors: &errors,
        data: Some(&response.data),
        extensions,
    };
    let is_whole = errors.is_empty();
    match limits.write(|out| body.write(out)) {
        Ok(Ok(bytes)) => Ok(Written { bytes, is_whole }),
        Ok(Err(error)) => Ok(Written::of_error(&error, extensions)),
        Err(error) => Err(unwritten(&error)),
    }
}

/// No value of ours can fail to be written; if one does all the same, the client must not take half of it for all.
fn unwritten(error: &io::Error) -> Refusal {
    tracing::error!(error.cause = %error, "an answer could not be written");
    Refusal::internal()
}

/// Tells in an answer what it cost.
pub fn tell_cost(answer: &mut HttpResponse, cost: Cost) {
    let Cost {
        statements,
        round_trips,
    } = cost;
    let timing = format!("sql;desc=\"{statements} statements in {round_trips} round trips\"");
    // Words and numbers of ours are fit for a header.
    if let Ok(timing) = HeaderValue::try_from(timing) {
        answer.headers_mut().insert(SERVER_TIMING, timing);
    }
}

/// The code of an error, or what it is to be if it has none.
pub fn code_of<'a>(error: &'a ServerError, unless_said: &'a str) -> &'a str {
    match error.extensions.as_ref().and_then(|all| all.get("code")) {
        Some(Value::String(code)) => code,
        _ => unless_said,
    }
}

/// Gives an error a code unless it has one.
fn with_code(mut error: ServerError, code: &'static str) -> ServerError {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_none() {
        extensions.set("code", code);
    }
    error
}
