//! GraphQL responses over HTTP: their status, headers and body.

use std::io;

use actix_web::{
    HttpResponse,
    http::header::{HeaderName, HeaderValue},
};
use async_graphql::{Response, ServerError, Value};

use super::{
    error_code::{code_of, with_code},
    http_error::HttpError,
    limits::ResponseLimits,
    response_body::{ResponseBody, ResponseExtensions},
};
use crate::{database::session::Cost, error::code, graphql::path};

/// The `Server-Timing` header. It reports the SQL statements and round trips of a response.
pub const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

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
