//! The authentication of callers, for every transport.

use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use async_graphql::parser::types::OperationType;

use super::{
    deadline::with_deadline, http_error::HttpError, rate_limiting::RequestMeter, state::WorkerState,
};
use crate::{
    access::{Viewer, authenticator::Authenticator},
    database::session::Session,
};

/// The credentials of a request, as the client sent them.
#[derive(Clone, Copy, Debug)]
pub struct Credentials<'a> {
    /// The bytes by which the rate limit recognizes credentials that it has seen.
    bytes: Option<&'a [u8]>,
    /// The value of the header, or the message for an invalid one.
    authorization: Result<Option<&'a str>, &'static str>,
}

impl<'a> Credentials<'a> {
    /// Reads the `Authorization` header of a request. A blank header contains no credentials, because clients send it
    /// when nobody is signed in.
    pub fn of_headers(headers: &'a HeaderMap) -> Self {
        let mut values = headers.get_all(AUTHORIZATION);
        let (first, second) = (values.next(), values.next());
        let authorization = match (first.map(HeaderValue::to_str), second) {
            (None, _) => Ok(None),
            (Some(Ok(value)), None) => Ok(non_blank(value)),
            (Some(_), Some(_)) => Err("the Authorization header occurs more than once"),
            (Some(Err(_)), None) => Err("the Authorization header is not visible ASCII"),
        };
        let is_blank = matches!(authorization, Ok(None));
        Self {
            bytes: first.map(HeaderValue::as_bytes).filter(|_| !is_blank),
            authorization,
        }
    }

    /// Takes the value of an `Authorization` header that is a string already.
    pub fn of_value(authorization: Option<&'a str>) -> Self {
        let authorization = authorization.and_then(non_blank);
        Self {
            bytes: authorization.map(str::as_bytes),
            authorization: Ok(authorization),
        }
    }
}

/// Returns the value of an `Authorization` header unless it is blank.
pub fn non_blank(authorization: &str) -> Option<&str> {
    (!authorization.trim_ascii().is_empty()).then_some(authorization)
}

/// Looks up the caller.
///
/// # Errors
///
/// When the credentials are invalid, or could not be looked up.
pub async fn authenticate(
    credentials: Credentials<'_>,
    worker: &WorkerState,
    session: &Session,
) -> Result<Viewer, HttpError> {
    let authorization = credentials
        .authorization
        .map_err(HttpError::unauthenticated)?;
    let loader = worker.credentials_loader(session.clone());
    let authenticator = &worker.shared.authenticator;
    let viewer = authenticator.authenticate(authorization, &loader).await;
    viewer.map_err(|error| HttpError::from_access_error(&error))
}

/// Looks up the caller within the deadline, and charges the rate limit for it.
///
/// # Errors
///
/// When the credentials are invalid or could not be looked up in time, or the caller has no quota left.
pub async fn authenticate_and_charge(
    credentials: Credentials<'_>,
    worker: &WorkerState,
    session: &Session,
    meter: &mut RequestMeter,
) -> Result<Viewer, HttpError> {
    meter.charge_lookup(credentials.bytes)?;
    let lookup = authenticate(credentials, worker, session);
    let viewer = with_deadline(worker.shared.deadline, OperationType::Query, lookup).await;
    meter.charge_authentication(credentials.bytes, viewer.flatten())
}

/// Rejects a caller who may not read anything, before the document is parsed.
///
/// # Errors
///
/// When the server requires credentials and the caller has none.
pub fn require_read_access(
    viewer: &Viewer,
    authenticator: &Authenticator,
) -> Result<(), HttpError> {
    let result = authenticator.rights().authorize(false, viewer);
    result.map_err(|error| HttpError::credentials_required(error.0))
}
