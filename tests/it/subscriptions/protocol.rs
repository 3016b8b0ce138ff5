//! The WebSocket protocol over real sockets.

mod connection;
mod credentials;
mod frames;
mod handshake;

use tokio_tungstenite::tungstenite::Message;

use super::*;

async fn server() -> TestServer {
    TestServer::empty().await
}

#[tokio::test]
async fn each_protocol_violation_has_its_close_code() {
    let server = server().await;
    let init = json!({"type": "connection_init"}).to_string();
    let subscribe = json!({"type": "subscribe", "id": "1", "payload": {"query": "subscription { reviewAdded { id } }"}}).to_string();
    for (messages, code, reason) in [
        (vec!["nonsense"], 4400, "The message is not JSON"),
        (
            vec!["{\"type\":\"nonsense\"}"],
            4400,
            "Unknown message type",
        ),
        (vec![&*subscribe], 4401, "Unauthorized"),
        (
            vec![&*init, &init],
            4429,
            "Too many initialisation requests",
        ),
        (
            vec![&*init, "wait", &subscribe, &subscribe],
            4409,
            "Subscriber for 1 already exists",
        ),
    ] {
        let mut socket = Socket::raw(server.address()).await;
        for text in messages {
            if text == "wait" {
                assert_eq!(socket.message().await["type"], "connection_ack");
            } else {
                socket.send_text(text).await;
            }
        }
        assert_eq!(socket.close_frame().await, (code, reason.to_owned()));
    }
}

#[tokio::test]
async fn pings_of_both_kinds_are_answered() {
    let server = server().await;
    let mut socket = Socket::raw(server.address()).await;
    socket
        .send(json!({"type": "ping", "payload": {"n": 1}}))
        .await;
    assert_eq!(
        socket.message().await,
        json!({"type": "pong", "payload": {"n": 1}})
    );
    socket.send_message(Message::Ping("abc".into())).await;
    let response = socket.receive().await.unwrap().unwrap();
    assert_eq!(response, Message::Pong("abc".into()));
}

#[tokio::test]
async fn operations_of_a_socket_and_sockets_of_an_address_are_bounded() {
    let (server, _connection) =
        start_with(&["--operations-per-socket=2", "--sockets-per-address=2"]).await;
    let mut socket = Socket::open(server.address()).await;
    let document = "subscription { reviewAdded { id } }";
    for id in ["1", "2", "3"] {
        socket.start(id, document).await;
    }
    let refused = socket.message().await;
    assert_eq!(
        (&refused["type"], &refused["id"]),
        (&json!("error"), &json!("3"))
    );
    assert_eq!(
        refused["payload"][0]["extensions"]["code"],
        "TOO_MANY_OPERATIONS"
    );
    socket.send(json!({"type": "complete", "id": "1"})).await;
    socket.start("3", document).await;
    assert_eq!(socket.try_message().await, None);

    let protocol = [("sec-websocket-protocol", "graphql-transport-ws")];
    let second = Socket::open(server.address()).await;
    let (status, body) = Socket::handshake(server.address(), &protocol)
        .await
        .unwrap_err();
    assert_eq!(status, 429);
    assert!(body.contains("TOO_MANY_SOCKETS"), "{body}");
    second.abort();
    for attempt in 0.. {
        if Socket::handshake(server.address(), &protocol).await.is_ok() {
            break;
        }
        assert!(attempt < 500, "the slot of a closed socket is never freed");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn an_idle_socket_is_pinged() {
    let server = server().await;
    let mut socket = Socket::open(server.address()).await;
    let ping = socket.receive().await.unwrap().unwrap();
    assert!(matches!(ping, Message::Ping(_)), "{ping:?}");
}
