//! The request of a stream, as the application expects it.

use std::{
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use actix_http::{BoxedPayloadStream, HttpMessage as _, Payload, Request, error::PayloadError};
use actix_web::{
    http::{
        Method, Uri, Version,
        header::{HOST, HeaderMap, HeaderName, HeaderValue},
    },
    web::Bytes,
};
use futures_util::Stream;
use h2::{RecvStream, server::SendResponse};
use http::uri::Authority;
use tokio::sync::Notify;

/// Aborts the response of a stream. It is in the extensions of the stream's request.
#[derive(Clone, Debug, Default)]
pub struct StreamAbort(Rc<Notify>);

impl StreamAbort {
    /// Resets the stream, even if its response is incomplete.
    pub fn abort(&self) {
        self.0.notify_one();
    }

    /// Waits until the stream is to be reset.
    pub async fn aborted(&self) {
        self.0.notified().await;
    }
}

/// Converts a request. Returns `None` if its method or URI is not one of HTTP/1.1 as well, or its header `Host` names
/// another host than its authority.
pub fn to_request<B>(
    request: http::Request<B>,
    client: Option<SocketAddr>,
    abort: &StreamAbort,
) -> Option<Request>
where
    B: Stream<Item = Result<Bytes, PayloadError>> + 'static,
{
    let (parts, body) = request.into_parts();
    let body: BoxedPayloadStream = Box::pin(body);
    let mut request = Request::with_payload(Payload::Stream { payload: body });
    let head = request.head_mut();
    head.method = Method::from_bytes(parts.method.as_str().as_bytes()).ok()?;
    let path = parts.uri.path_and_query()?.as_str();
    head.uri = path.parse::<Uri>().ok()?;
    head.version = Version::HTTP_2;
    head.headers = to_headers(&parts.headers)?;
    if let Some(authority) = parts.uri.authority() {
        let is_same = |host| is_same_host(host, authority, parts.uri.scheme_str());
        if !head.headers.get_all(HOST).all(is_same) {
            return None;
        }
        // HTTP/1.1 has the authority in the header `Host`.
        let authority = HeaderValue::from_str(authority.as_str()).ok()?;
        head.headers.insert(HOST, authority);
    }
    head.peer_addr = client;
    request.extensions_mut().insert(abort.clone());
    Some(request)
}

/// Returns whether a `Host` header names the host of the authority (RFC 9113, 8.3.1). The port may be left out if it is
/// the default port of the scheme.
fn is_same_host(host: &HeaderValue, authority: &Authority, scheme: Option<&str>) -> bool {
    let Ok(host) = Authority::try_from(host.as_bytes()) else {
        return false;
    };
    let default_port = match scheme {
        Some("https") => Some(443),
        Some("http") => Some(80),
        _ => None,
    };
    let port = |authority: &Authority| authority.port_u16().or(default_port);
    host.host().eq_ignore_ascii_case(authority.host()) && port(&host) == port(authority)
}

fn to_headers(headers: &http::HeaderMap) -> Option<HeaderMap> {
    let mut converted = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_str().as_bytes()).ok()?;
        let value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
        converted.append(name, value);
    }
    Some(converted)
}

/// Waits until the client resets the stream, or the connection ends.
pub async fn client_reset(respond: &mut SendResponse<Bytes>) {
    // Either of both results means that nobody waits for the response.
    let _ = poll_fn(|context| respond.poll_reset(context)).await;
}

/// The body of a request.
pub struct Body(pub RecvStream);

impl Stream for Body {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let chunk = match ready!(self.0.poll_data(context)) {
            None => return Poll::Ready(None),
            Some(Ok(chunk)) => chunk,
            Some(Err(error)) => return Poll::Ready(Some(Err(to_payload_error(error)))),
        };
        // The client may send as much again.
        let released = self.0.flow_control().release_capacity(chunk.len());
        Poll::Ready(Some(released.map(|()| chunk).map_err(to_payload_error)))
    }
}

fn to_payload_error(error: h2::Error) -> PayloadError {
    PayloadError::Io(io::Error::other(error))
}

#[cfg(test)]
mod tests {
    use futures_util::stream::empty;

    use super::*;

    /// Returns the `Host` headers of a request with this URI and these `Host` headers, after the conversion.
    fn hosts(uri: &str, sent: &[&str]) -> Option<Vec<String>> {
        let mut request = http::Request::get(uri);
        for host in sent {
            request = request.header("host", *host);
        }
        let request = request.body(empty()).unwrap();
        let request = to_request(request, None, &StreamAbort::default())?;
        let hosts = request.headers().get_all(HOST);
        Some(
            hosts
                .map(|host| host.to_str().unwrap().to_owned())
                .collect(),
        )
    }

    #[test]
    fn the_authority_is_the_host() {
        for (uri, sent, expected) in [
            ("https://films.example/a", &[][..], "films.example"),
            (
                "https://films.example/a",
                &["films.example"],
                "films.example",
            ),
            (
                "https://films.example/a",
                &["FILMS.example:443"],
                "films.example",
            ),
            (
                "http://films.example:80/a",
                &["films.example"],
                "films.example:80",
            ),
            (
                "http://[::1]:8000/a",
                &["[::1]:8000", "[::1]:8000"],
                "[::1]:8000",
            ),
            // A proxy that translates HTTP/1.1 may send no authority.
            ("/a", &["films.example"], "films.example"),
        ] {
            assert_eq!(
                hosts(uri, sent),
                Some(vec![expected.to_owned()]),
                "{uri} {sent:?}"
            );
        }
    }

    #[test]
    fn a_host_that_differs_from_the_authority_is_rejected() {
        for (uri, sent) in [
            ("https://films.example/a", &["other.example"][..]),
            (
                "https://films.example/a",
                &["films.example", "other.example"],
            ),
            ("https://films.example/a", &["films.example:80"]),
            ("https://films.example:8443/a", &["films.example"]),
            ("https://films.example/a", &[""]),
            ("https://films.example/a", &["films example"]),
        ] {
            assert_eq!(hosts(uri, sent), None, "{uri} {sent:?}");
        }
    }

    #[test]
    fn repeated_headers_keep_all_of_their_values() {
        let mut headers = http::HeaderMap::new();
        for value in ["a", "b"] {
            headers.append("accept", http::HeaderValue::from_static(value));
        }
        headers.append("x-bytes", http::HeaderValue::from_bytes(b"\xff").unwrap());
        let converted = to_headers(&headers).unwrap();
        let accepted: Vec<_> = converted.get_all("accept").collect();
        assert_eq!(accepted, ["a", "b"]);
        assert_eq!(converted.get("x-bytes").unwrap().as_bytes(), b"\xff");
    }
}
