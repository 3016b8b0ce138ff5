//! The handshake: the check of its origin, its credentials, and the spelling of its response.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{AUTHORIZATION, HOST, ORIGIN, SEC_WEBSOCKET_PROTOCOL},
};

use super::init_credentials::AmbiguousCredentials;
use crate::{
    access::credentials::is_recognizable,
    config::origin::{AllowedOrigin, Origin},
    http::{
        accept::MediaType, authentication::non_blank, credential_names::has_token,
        http_error::HttpError, request_language::accept_language as accept_language_values,
    },
};

/// The maximum number of characters of a header in an error message.
const MAX_QUOTED_CHARS: usize = 200;

/// The status text of a response that agrees on the sub-protocol, with that header.
///
/// Header names are case-insensitive, but some clients look for the spelling of RFC 6455, such as `gql` for Python, and
/// assume another protocol without it. actix-http writes names in lower case or as `Sec-Websocket-Protocol`, and the
/// status text as it is. A test reads the bytes of the response.
const REASON_WITH_PROTOCOL: &str =
    "Switching Protocols\r\nSec-WebSocket-Protocol: graphql-transport-ws";

/// Checks that the origin of a handshake is this server's own or an allowed one. Browsers open WebSockets from pages of
/// any origin, and CORS does not apply. A request without an `Origin` header is not from a browser, and is accepted.
///
/// # Errors
///
/// When the origin is another one. The message names both headers.
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
    Err(HttpError::origin_not_allowed(
        &quoted(origin),
        &quoted(host),
    ))
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

/// Returns the values of the `Accept-Language` headers as one list, if there are any.
pub(super) fn accept_language(request: &HttpRequest) -> Option<String> {
    let values: Vec<_> = accept_language_values(request.headers()).collect();
    (!values.is_empty()).then(|| values.join(","))
}

/// Returns the error of a token in the URL, or among the sub-protocols, where pages put it that can't set a header.
pub(super) fn token_in_url(request: &HttpRequest) -> Option<AmbiguousCredentials> {
    let mut protocols = request.headers().get_all(SEC_WEBSOCKET_PROTOCOL);
    let is_protocol =
        protocols.any(|protocol| is_recognizable(&String::from_utf8_lossy(protocol.as_bytes())));
    (is_protocol || has_token(request.query_string())).then_some(AmbiguousCredentials::Url)
}

/// Writes the headers of the response in the spelling of RFC 6455. Returns whether the client and the server agree on
/// the sub-protocol.
pub(super) fn spell_headers(response: &mut HttpResponse) -> bool {
    let head = response.head_mut();
    head.set_camel_case_headers(true);
    let agreed = head.headers_mut().remove(SEC_WEBSOCKET_PROTOCOL).next();
    if agreed.is_some() {
        head.reason = Some(REASON_WITH_PROTOCOL);
    }
    agreed.is_some()
}

/// Adds a body to the response of actix-http to an invalid handshake, which has none. Its headers stay: they name the
/// supported version.
pub(super) fn error_response(error: &actix_web::Error, body: HttpError) -> HttpResponse {
    let response = error.error_response();
    let (mut head, body) = body.into_response(MediaType::Json).into_parts();
    *head.status_mut() = response.status();
    for (name, value) in response.headers() {
        head.headers_mut().insert(name.clone(), value.clone());
    }
    head.set_body(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::websocket::protocol;

    #[test]
    fn the_status_text_names_the_sub_protocol() {
        let header = format!("\r\nSec-WebSocket-Protocol: {}", protocol::PROTOCOL);
        assert_eq!(
            REASON_WITH_PROTOCOL.strip_suffix(&header),
            Some("Switching Protocols")
        );
    }
}
