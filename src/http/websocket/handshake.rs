//! The handshake: the check of its origin, and its credentials.

use actix_web::{
    HttpRequest,
    http::header::{AUTHORIZATION, HOST, ORIGIN},
    web::Query,
};

use super::init_credentials::{AmbiguousCredentials, check_query_string};
use crate::{
    config::origin::{AllowedOrigin, Origin},
    http::{authentication::non_blank, http_error::HttpError},
};

/// The maximum number of characters of a header in an error message.
const MAX_QUOTED_CHARS: usize = 200;

/// Checks that the origin of a handshake is this server's own or an allowed one. Browsers open WebSockets from pages of
/// any origin, and CORS does not apply. A request without an `Origin` header is not from a browser, and is accepted.
///
/// # Errors
///
/// When the origin is another one. The operator has to change the settings, so it is logged as well.
pub(super) fn check_origin(
    request: &HttpRequest,
    allowed: &[AllowedOrigin],
) -> Result<(), HttpError> {
    let Some(origin) = request.headers().get(ORIGIN) else {
        return Ok(());
    };
    let origin = origin.to_str().unwrap_or_default();
    let host = request.headers().get(HOST);
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    let is_own = || {
        origin
            .parse::<Origin>()
            .is_ok_and(|origin| origin.matches_host(host))
    };
    if AllowedOrigin::allows(allowed, origin) || is_own() {
        return Ok(());
    }
    let quoted = |header: &str| -> String {
        let text: String = header.chars().take(MAX_QUOTED_CHARS).collect();
        format!("`{text}`")
    };
    let (origin, host) = (quoted(origin), quoted(host));
    let error = HttpError::origin_not_allowed(&origin, &host);
    tracing::warn!(
        http.origin = %origin, http.host = %host,
        "a WebSocket was rejected: its origin is neither the server's own by the Host header nor an --allowed-origin"
    );
    Err(error)
}

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
