//! The handshake: its credentials.

use actix_web::{HttpRequest, http::header::AUTHORIZATION, web::Query};

use super::init_credentials::{AmbiguousCredentials, check_query_string};
use crate::http::authentication::non_blank;

/// Returns the value of the `Authorization` header. Bytes that are not text, and several headers, become an invalid
/// credential. A blank header counts as none.
pub(super) fn authorization(request: &HttpRequest) -> Option<String> {
    let values = request.headers().get_all(AUTHORIZATION);
    let values: Vec<_> = values
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    let joined = values.join(", ");
    non_blank(&joined).map(str::to_owned)
}

/// Returns the error of a token in the URL.
pub(super) fn token_in_url(request: &HttpRequest) -> Option<AmbiguousCredentials> {
    // A query string of another form has no names and values.
    let pairs = Query::<Vec<(String, String)>>::from_query(request.query_string());
    pairs
        .ok()
        .and_then(|pairs| check_query_string(&pairs).err())
}
