//! Sends frames, with timeouts.

use std::{pin::pin, time::Duration};

use actix_ws::{CloseCode, CloseReason, Session};
use tokio::time::timeout;

use super::{Socket, SocketClosed};
use crate::http::{
    connection_handle::ConnectionHandle, connection_limiter::wait_for_shutdown,
    websocket::protocol::Close,
};

/// The timeout for sending a message. After it the connection is closed.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// The timeout for sending a Close frame.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

impl Socket {
    /// Sends a frame, with a timeout. While the client does not read it, the server reads no messages and polls no
    /// operations of this socket.
    pub(super) async fn send(
        &mut self,
        sent: impl Future<Output = Result<(), actix_ws::Closed>>,
    ) -> Result<(), SocketClosed> {
        let mut sent = pin!(timeout(SEND_TIMEOUT, sent));
        let sent = tokio::select! {
            sent = &mut sent => sent,
            // A client that reads nothing would not read a Close frame either.
            () = wait_for_shutdown(&mut self.stopping), if !self.is_draining => {
                timeout(CLOSE_TIMEOUT, sent).await.and_then(|sent| sent)
            }
        };
        let Ok(sent) = sent else {
            tracing::debug!("a client does not read its messages; its socket is closed");
            self.connection.shut_down();
            return Err(SocketClosed);
        };
        sent.map_err(|_| SocketClosed)
    }
}

/// Sends a Close frame, after which the connection is closed. Shuts down the connection if the client does not read the
/// frame in time.
pub(super) async fn send_close(
    session: Session,
    reason: Option<CloseReason>,
    connection: &ConnectionHandle,
) {
    match timeout(CLOSE_TIMEOUT, session.close(reason)).await {
        // An error means that the client has already closed the socket.
        Ok(Ok(()) | Err(_)) => {}
        Err(_) => connection.shut_down(),
    }
}

pub(super) fn close_reason(close: Close) -> CloseReason {
    CloseReason {
        code: CloseCode::from(close.code),
        description: Some(close.reason),
    }
}
