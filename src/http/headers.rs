//! The security headers of every response.

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

/// The header that keeps pages of other sites from embedding a response. CORS requests are not affected by it.
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");

/// The default headers of every response. The playground sets its own policy, because it is a page.
const DEFAULT_HEADERS: [(HeaderName, &str); 4] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
];

/// The `Strict-Transport-Security` header: for a year, browsers connect to this host with TLS only.
const HSTS_VALUE: &str = "max-age=31536000";

/// Whether the server has a certificate. It is in the data of the application.
#[derive(Clone, Copy, Debug)]
pub struct IsTls(pub bool);

/// Adds the headers to every response, including errors.
pub async fn add_security_headers<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    // Behind a proxy that terminates TLS, setting this header is up to the proxy.
    let is_tls = request.app_data::<IsTls>().is_some_and(|tls| tls.0);
    let is_private = is_private(request.method(), request.headers());
    match next.call(request).await {
        Ok(mut response) => {
            insert_missing(response.headers_mut(), is_tls, is_private);
            Ok(response)
        }
        Err(error) => {
            let mut response = error.error_response();
            insert_missing(response.headers_mut(), is_tls, is_private);
            Err(InternalError::from_response(error, response).into())
        }
    }
}

/// Returns whether caches must not store the response.
fn is_private(method: &Method, headers: &HeaderMap) -> bool {
    let is_read = [Method::GET, Method::HEAD, Method::OPTIONS].contains(method);
    !is_read || headers.contains_key(AUTHORIZATION)
}

fn insert_missing(headers: &mut HeaderMap, is_tls: bool, is_private: bool) {
    let mut insert_default = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    for (name, value) in DEFAULT_HEADERS {
        insert_default(name, value);
    }
    if is_tls {
        insert_default(STRICT_TRANSPORT_SECURITY, HSTS_VALUE);
    }
    if is_private {
        insert_default(CACHE_CONTROL, "no-store");
    }
}
