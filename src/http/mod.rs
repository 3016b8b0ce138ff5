//! Requests and responses over HTTP and WebSocket, health, metrics, the playground.

mod accept;
mod admission;
mod authentication;
mod cached_response;
pub mod client;
mod connection_handle;
mod connection_limiter;
mod connections;
mod credential_names;
mod deadline;
mod edge;
mod error_code;
mod event_stream;
mod execution;
mod graphql;
mod guarded_body;
mod guards;
mod headers;
mod health;
mod http_error;
mod http_response;
mod limits;
mod listener;
mod media_type;
mod observe;
mod playground;
mod prepare;
mod rate_limiting;
mod refusal_log;
mod request;
mod request_body;
mod request_language;
mod response_body;
mod routes;
mod server;
mod slow_client;
mod state;
mod statistics;
mod tls;
mod transport;
mod websocket;
mod worker_time;

#[cfg(any(test, feature = "properties"))]
pub use self::websocket::properties as websocket_properties;

pub use self::server::{Handle, Server};
