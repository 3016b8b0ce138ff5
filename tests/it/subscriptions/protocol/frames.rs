//! Frames: their form, their size and their encoding.

use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use super::server;
use crate::subscriptions::*;

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
