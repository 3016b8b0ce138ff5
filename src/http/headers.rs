//! The headers that every answer has, so that a browser makes nothing of it that it isn't.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        Method,
        header::{
            AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName,
            HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::Next,
};

/// A browser keeps an answer from other sites' pages that embed it. Pages that fetch it are let through by CORS, which this leaves alone.
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");

/// What every answer has that doesn't say otherwise. The playground is a page, and has a policy of its own.
const ALWAYS: [(HeaderName, &str); 4] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
];

/// A year: once a browser was here by TLS, it comes by nothing else.
const TLS_ONLY: &str = "max-age=31536000";

/// Adds the headers to whatever is answered, errors included.
pub async fn add<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    // Behind a proxy that ends TLS, the proxy knows whether the site has nothing but TLS.
    let by_tls = request.app_config().secure();
    let is_private = is_private(request.method(), request.headers());
    match next.call(request).await {
        Ok(mut answer) => {
            complete(answer.headers_mut(), by_tls, is_private);
            Ok(answer)
        }
        Err(error) => {
            let mut answer = error.error_response();
            complete(answer.headers_mut(), by_tls, is_private);
            Err(InternalError::from_response(error, answer).into())
        }
    }
}

/// Whether an answer is for nobody but who asked, or for this one time.
fn is_private(method: &Method, headers: &HeaderMap) -> bool {
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(method);
    !reads || headers.contains_key(AUTHORIZATION)
}

fn complete(headers: &mut HeaderMap, by_tls: bool, is_private: bool) {
    let mut unless_there = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    for (name, value) in ALWAYS {
        unless_there(name, value);
    }
    if by_tls {
        unless_there(STRICT_TRANSPORT_SECURITY, TLS_ONLY);
    }
    if is_private {
        unless_there(CACHE_CONTROL, "no-store");
    }
}
