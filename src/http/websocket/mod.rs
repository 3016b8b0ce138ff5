//! `/graphql` over WebSocket.

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
    http::header::{SEC_WEBSOCKET_KEY, UPGRADE},
    rt, web,
};

use super::{
    accept::MediaType, connection_handle::ConnectionHandle, http_error::HttpError,
    state::WorkerState,
};
use crate::http::observe::instruments::labels::Transport;

/// Returns whether a GET is a WebSocket handshake. The key shows that it was one before a proxy removed `Upgrade`.
pub fn is_handshake(request: &GuardContext<'_>) -> bool {
    let headers = request.head().headers();
    let upgrade = headers.get(UPGRADE);
    upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
        || headers.contains_key(SEC_WEBSOCKET_KEY)
}

/// Opens a socket.
pub async fn open(
    request: HttpRequest,
    body: web::Payload,
    worker: web::Data<WorkerState>,
) -> HttpResponse {
    let refusals = &worker.shared.refusal_log;
    if let Err(error) = handshake::check_origin(&request, &worker.shared.allowed_origins) {
        refusals.record(&error);
        return error.into_response(MediaType::Json);
    }
    let address = worker.shared.proxies.client_of(&request);
    let Some(permit) = worker.shared.socket_limiter.try_acquire(address) else {
        let error = HttpError::too_many_sockets();
        refusals.record(&error);
        return error.into_response(MediaType::Json);
    };
    let (mut response, session, frames) =
        match actix_ws::handle_with_protocols(&request, body, &[protocol::PROTOCOL]) {
            Ok(parts) => parts,
            Err(error) => {
                let body = HttpError::invalid_handshake(&error.to_string());
                refusals.record(&body);
                return handshake::error_response(&error, body);
            }
        };
    let is_protocol_agreed = handshake::spell_headers(&mut response);
    let (response, connection) = ConnectionHandle::for_response(&request, response);
    let handshake = socket::Handshake {
        is_protocol_agreed,
        authorization: handshake::authorization(&request),
        token_in_url: handshake::token_in_url(&request),
        address,
        accept_language: handshake::accept_language(&request),
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
