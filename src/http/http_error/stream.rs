//! Errors of WebSockets and event streams.

use actix_web::http::StatusCode;

use super::HttpError;
use crate::error::code;

impl HttpError {
    /// Creates the error for a subscription over a transport that carries a single response.
    pub fn subscription_not_streamed() -> Self {
        Self::new(
            StatusCode::NOT_ACCEPTABLE,
            code::SUBSCRIPTION_NOT_STREAMED,
            "a subscription needs a stream: accept `text/event-stream`, or use a WebSocket with the sub-protocol `graphql-transport-ws`",
        )
    }

    /// Creates the error for a WebSocket handshake from a web page whose origin is not allowed. `origin` and `host` are
    /// the quoted headers.
    pub fn origin_not_allowed(origin: &str, host: &str) -> Self {
        let message = if origin == "`null`" {
            "a page without an origin may not open a WebSocket, such as a file or a sandboxed frame: serve the page over HTTP and allow its origin, or start the server with --allowed-origin null".to_owned()
        } else {
            format!(
                "the origin {origin} may not open a WebSocket: the Host header is {host}, so it is not the server's own, and no --allowed-origin names it; add it there, or let the proxy keep the Host header with its port (nginx: proxy_set_header Host $http_host)"
            )
        };
        Self::new(StatusCode::FORBIDDEN, code::ORIGIN_NOT_ALLOWED, message)
    }

    /// Creates the error for a request for a WebSocket that is not a valid handshake.
    pub fn invalid_handshake(cause: &str) -> Self {
        Self::bad_request(format!(
            "this is not a WebSocket handshake: {cause}; a proxy must forward it by HTTP/1.1, with the headers `Upgrade` and `Connection: upgrade` (nginx: proxy_http_version 1.1, proxy_set_header Upgrade $http_upgrade, proxy_set_header Connection upgrade)"
        ))
    }

    /// Creates the error for a client address that has reached its limit of open WebSockets and event streams.
    pub fn too_many_sockets() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            code::TOO_MANY_SOCKETS,
            "too many WebSockets and event streams are open from this address; close one and try again, or raise --sockets-per-address; all clients of a proxy have its address unless --trusted-proxy names it",
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
}
