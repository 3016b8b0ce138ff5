//! `/graphql` over WebSocket: the handshake and the check of its origin.

mod handshake;
mod init_credentials;
mod message_reader;
mod operation;
mod protocol;
mod socket;

#[cfg(any(test, feature = "properties"))]
pub use self::protocol::properties;

use actix_web::{
    HttpRequest, HttpResponse,
    guard::GuardContext,
    http::header::{HOST, ORIGIN, UPGRADE},
    rt, web,
};

use super::{
    accept::MediaType, connection_handle::ConnectionHandle, http_error::HttpError,
    state::WorkerState,
};
use crate::{
    config::origin::{AllowedOrigin, Origin},
    http::observe::instruments::labels::Transport,
};

/// Returns whether a GET is a WebSocket handshake.
pub fn is_upgrade(request: &GuardContext<'_>) -> bool {
    let upgrade = request.head().headers().get(UPGRADE);
    upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Opens a socket.
pub async fn open(
    request: HttpRequest,
    body: web::Payload,
    worker: web::Data<WorkerState>,
) -> HttpResponse {
    if !is_origin_allowed(&request, &worker.shared.allowed_origins) {
        return HttpError::origin_not_allowed().into_response(MediaType::Json);
    }
    let address = worker.shared.proxies.client_of(&request);
    let Some(permit) = worker.shared.socket_limiter.try_acquire(address) else {
        return HttpError::too_many_sockets().into_response(MediaType::Json);
    };
    let (response, session, frames) =
        match actix_ws::handle_with_protocols(&request, body, &[protocol::PROTOCOL]) {
            Ok(parts) => parts,
            Err(error) => return error.error_response(),
        };
    let (response, connection) = ConnectionHandle::for_response(&request, response);
    let handshake = socket::Handshake {
        is_protocol_agreed: response.headers().contains_key("sec-websocket-protocol"),
        authorization: handshake::authorization(&request),
        token_in_url: handshake::token_in_url(&request),
        address,
    };
    let stream_guard = worker
        .shared
        .observer
        .metrics
        .track_stream(Transport::WebSocket);
    let socket = socket::run(handshake, session, frames, connection, worker);
    rt::spawn(async move {
        socket.await;
        drop((permit, stream_guard));
    });
    response
}

/// Returns whether the origin of a handshake is this server's own or an allowed one. Browsers open WebSockets from
/// pages of any origin, and CORS does not apply. A request without an `Origin` header is not from a browser, and is
/// accepted.
fn is_origin_allowed(request: &HttpRequest, allowed: &[AllowedOrigin]) -> bool {
    let Some(origin) = request.headers().get(ORIGIN) else {
        return true;
    };
    let origin = origin.to_str().unwrap_or_default();
    let is_own = || {
        let host = request.headers().get(HOST)?.to_str().ok()?;
        let origin: Origin = origin.parse().ok()?;
        Some(origin.matches_host(host))
    };
    AllowedOrigin::allows(allowed, origin) || is_own().unwrap_or_default()
}
