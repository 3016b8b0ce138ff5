//! The start and the end of a connection.

use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use super::server;
use crate::subscriptions::*;

#[tokio::test]
async fn a_client_without_the_sub_protocol_is_closed_with_4406() {
    let server = server().await;
    let mut socket = Socket::handshake(server.address(), &[]).await.unwrap();
    assert_eq!(socket.close_frame().await.0, 4406);
    // The test speaks raw frames: a strict client fails the handshake, since the server accepts none of its
    // sub-protocols.
    let offered = [(
        "sec-websocket-protocol",
        "soap, graphql-transport-ws, graphql-ws",
    )];
    let mut socket = Socket::handshake(server.address(), &offered).await.unwrap();
    socket.send(json!({"type": "connection_init"})).await;
    assert_eq!(socket.message().await["type"], "connection_ack");
}

#[tokio::test]
async fn a_client_that_sends_nothing_is_closed_after_three_seconds() {
    let server = server().await;
    let mut socket = Socket::raw(server.address()).await;
    let begin = std::time::Instant::now();
    assert_eq!(
        socket.close_frame().await,
        (4408, "Connection initialisation timeout".to_owned())
    );
    let waited = begin.elapsed();
    assert!(
        waited > Duration::from_millis(2_900) && waited < Duration::from_secs(6),
        "{waited:?}"
    );
}

#[tokio::test]
async fn a_close_frame_is_echoed_with_its_code() {
    let server = server().await;
    for code in [1000, 1001, 4499] {
        let mut socket = Socket::open(server.address()).await;
        let close = CloseFrame {
            code: CloseCode::from(code),
            reason: "bye".into(),
        };
        socket.send_message(Message::Close(Some(close))).await;
        assert_eq!(socket.close_frame().await.0, code);
    }
}

#[tokio::test]
async fn an_invalid_websocket_handshake_is_rejected() {
    let server = server().await;
    let get = server.client().get(server.url("/graphql"));
    let response = get
        .header("upgrade", "websocket")
        .header("connection", "upgrade")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 400);
    let response = server
        .client()
        .get(server.url("/graphql?query=%7B__typename%7D"))
        .header("upgrade", "h2c")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
}
