//! The WebSocket protocol over real sockets.

use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{
        CloseFrame,
        frame::{
            Frame,
            coding::{CloseCode, Data, OpCode},
        },
    },
};

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
async fn a_binary_message_is_rejected() {
    let server = server().await;
    let mut socket = Socket::open(server.address()).await;
    socket.send_message(Message::binary(vec![1, 2])).await;
    assert_eq!(
        socket.close_frame().await,
        (4400, "Binary messages are not supported".to_owned())
    );
}

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
async fn bad_credentials_are_rejected_in_any_form() {
    let server = server().await;
    for payload in [
        json!({"Authorization": "Bearer wrong"}),
        json!({"authorization": "Bearer wrong"}),
        json!({"AUTHORIZATION": "Basic wrong"}),
        json!({"token": "wrong"}),
        json!({"Authorization": ""}),
        json!({"Authorization": 7}),
        json!({"token": {}}),
    ] {
        let mut socket = Socket::raw(server.address()).await;
        socket
            .send(json!({"type": "connection_init", "payload": payload}))
            .await;
        assert_eq!(
            socket.close_frame().await,
            (4403, "Forbidden".to_owned()),
            "{payload}"
        );
    }
    let header = [
        ("sec-websocket-protocol", "graphql-transport-ws"),
        ("authorization", "Bearer wrong"),
    ];
    let mut socket = Socket::handshake(server.address(), &header).await.unwrap();
    socket.send(json!({"type": "connection_init"})).await;
    assert_eq!(socket.close_frame().await, (4403, "Forbidden".to_owned()));
}

#[tokio::test]
async fn a_payload_without_credentials_is_anonymous() {
    let server = server().await;
    for payload in [
        json!(null),
        json!({}),
        json!({"Authorization": null}),
        json!({"lang": "da"}),
    ] {
        let mut socket = Socket::raw(server.address()).await;
        socket
            .send(json!({"type": "connection_init", "payload": payload}))
            .await;
        assert_eq!(socket.message().await["type"], "connection_ack");
    }
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
async fn fragmented_messages_are_joined_and_long_ones_rejected_with_1009() {
    const LIMIT: usize = 1 << 20;
    let server = server().await;
    let mut socket = Socket::open(server.address()).await;
    let piece = |text: &str, first: bool, last: bool| {
        let code = if first {
            OpCode::Data(Data::Text)
        } else {
            OpCode::Data(Data::Continue)
        };
        Frame::message(text.to_owned(), code, last)
    };
    socket
        .send_frame(piece("{\"type\":\"pi", true, false))
        .await;
    socket.send_frame(piece("", false, false)).await;
    // Control frames may arrive between fragments.
    socket.send_message(Message::Ping("abc".into())).await;
    assert!(matches!(socket.receive().await, Some(Ok(Message::Pong(_)))));
    socket.send_frame(piece("ng\"}", false, true)).await;
    assert_eq!(socket.message().await, json!({"type": "pong"}));

    let padded = |length: usize| {
        let message = "{\"type\":\"ping\"}";
        format!("{message}{}", " ".repeat(length - message.len()))
    };
    socket.send_text(&padded(LIMIT)).await;
    assert_eq!(socket.message().await, json!({"type": "pong"}));
    socket.send_text(&padded(LIMIT + 1)).await;
    assert_eq!(
        socket.close_frame().await,
        (1009, "Message too big".to_owned())
    );

    let mut socket = Socket::open(server.address()).await;
    let half = " ".repeat(LIMIT / 2 + 1);
    socket.send_frame(piece(&half, true, false)).await;
    socket.send_frame(piece(&half, false, false)).await;
    assert_eq!(
        socket.close_frame().await,
        (1009, "Message too big".to_owned())
    );
}

#[tokio::test]
async fn invalid_utf_8_is_rejected_with_1007_and_invalid_frames_with_1002() {
    let server = server().await;
    let bytes = vec![0xff, 0xfe];
    for last in [true, false] {
        let mut socket = Socket::open(server.address()).await;
        socket
            .send_frame(Frame::message(
                bytes.clone(),
                OpCode::Data(Data::Text),
                last,
            ))
            .await;
        if !last {
            socket
                .send_frame(Frame::message(
                    bytes.clone(),
                    OpCode::Data(Data::Continue),
                    true,
                ))
                .await;
        }
        assert_eq!(
            socket.close_frame().await,
            (1007, "Text messages must be UTF-8".to_owned())
        );
    }
    let mut socket = Socket::open(server.address()).await;
    socket
        .send_frame(Frame::message(
            "x".to_owned(),
            OpCode::Data(Data::Continue),
            true,
        ))
        .await;
    assert_eq!(
        socket.close_frame().await,
        (1002, "Invalid frames".to_owned())
    );
}

#[tokio::test]
async fn operations_of_a_socket_and_sockets_of_an_address_are_bounded() {
    let (server, _connection) =
        live_with(&["--operations-per-socket=2", "--sockets-per-address=2"]).await;
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
