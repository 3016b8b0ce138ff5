//! Request bodies, with `Content-Length` and with chunked encoding.

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::*;
use crate::support::socket::Socket;

const LIMIT: usize = 2_000;

fn head(framing: &str) -> Vec<u8> {
    let accept = "Accept: application/graphql-response+json";
    let head = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json";
    format!("{head}\r\n{accept}\r\n{framing}\r\n\r\n").into_bytes()
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    let size = format!("{:x}\r\n", bytes.len()).into_bytes();
    [&size, bytes, b"\r\n"].concat()
}

/// Returns a valid request body of this length.
fn padded(length: usize) -> Vec<u8> {
    let mut body = br#"{"query": "{ __typename }"}"#.to_vec();
    body.resize(length, b' ');
    body
}

#[tokio::test]
async fn a_slow_body_gets_408_in_either_framing() {
    let server = server(&["--body-timeout=1"]).await;
    let chunked = chunk(b" ");
    for (framing, drop) in [
        ("Content-Length: 1000", &b" "[..]),
        ("Transfer-Encoding: chunked", &chunked),
    ] {
        let mut client = RawConnection::open(&server).await;
        let begin = Instant::now();
        client.send(&head(framing)).await;
        let response = client.send_slowly(drop, Duration::from_millis(200)).await;
        assert_eq!(error_of(&response), (408, "REQUEST_TIMEOUT".to_owned()));
        assert!(response.contains("within 1 seconds"), "{response}");
        assert_eq!(header(&response, "connection").as_deref(), Some("close"));
        let elapsed = begin.elapsed();
        assert!(
            elapsed > Duration::from_millis(900),
            "{framing}: {elapsed:?}"
        );
        assert!(elapsed < Duration::from_secs(8), "{framing}: {elapsed:?}");
    }
}

#[tokio::test]
async fn a_body_with_an_excessive_content_length_is_rejected_unread() {
    let server = server(&["--max-body-bytes=2000"]).await;
    for length in ["2001", "99999999999999999"] {
        let mut client = RawConnection::open(&server).await;
        let framing = format!("Content-Length: {length}");
        client.send(&head(&framing)).await;
        let response = client.send_slowly(b" ", Duration::from_millis(200)).await;
        assert_eq!(error_of(&response), (413, "BODY_TOO_LARGE".to_owned()));
        assert_eq!(header(&response, "connection").as_deref(), Some("close"));
    }
}

#[tokio::test]
async fn a_chunked_body_is_rejected_as_soon_as_it_exceeds_the_limit() {
    let server = server(&["--max-body-bytes=2000"]).await;
    let mut client = RawConnection::open(&server).await;
    client.send(&head("Transfer-Encoding: chunked")).await;
    let begin = Instant::now();
    let response = client
        .send_slowly(&chunk(&[b' '; 300]), Duration::from_millis(10))
        .await;
    assert_eq!(error_of(&response), (413, "BODY_TOO_LARGE".to_owned()));
    assert_eq!(header(&response, "connection").as_deref(), Some("close"));
    assert!(begin.elapsed() < Duration::from_secs(8));
}

#[tokio::test]
async fn a_body_at_the_limit_is_accepted_and_one_byte_more_is_rejected() {
    let server = server(&["--max-body-bytes=2000"]).await;
    for (length, status) in [(LIMIT, "200"), (LIMIT + 1, "413")] {
        let body = padded(length);
        let sized = format!("Content-Length: {length}");
        let (one, other) = body.split_at(length / 2);
        let chunks = [chunk(one), chunk(other), chunk(b"")].concat();
        for (framing, body) in [(&*sized, &body), ("Transfer-Encoding: chunked", &chunks)] {
            let mut client = RawConnection::open(&server).await;
            client.send(&head(framing)).await;
            client.send(body).await;
            let response = client.response().await;
            assert!(
                response.starts_with(&format!("HTTP/1.1 {status} ")),
                "{response}"
            );
        }
    }
}

#[tokio::test]
async fn truncated_bodies_and_unknown_encodings_are_rejected() {
    let server = server(&[]).await;
    let mut client = RawConnection::open(&server).await;
    client.send(&head("Content-Length: 1000")).await;
    client.stream.shutdown().await.unwrap();
    let rest = String::from_utf8(client.read_to_end().await).unwrap();
    assert_eq!(error_of(&rest), (400, "BAD_REQUEST".to_owned()));
    let mut client = RawConnection::open(&server).await;
    let framing = "Content-Encoding: compress\r\nContent-Length: 1000";
    client.send(&head(framing)).await;
    let response = client.send_slowly(b" ", Duration::from_millis(200)).await;
    assert_eq!(
        error_of(&response),
        (415, "UNSUPPORTED_MEDIA_TYPE".to_owned())
    );
}

#[tokio::test]
async fn an_unread_body_does_not_hold_the_connection_open() {
    let server = server(&["--head-timeout=1", "--keep-alive=1"]).await;
    let mut client = RawConnection::open(&server).await;
    let head =
        "POST /health/live HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    client.send(head.as_bytes()).await;
    let response = client
        .send_slowly(&chunk(b" "), Duration::from_millis(200))
        .await;
    assert!(response.starts_with("HTTP/1.1 405 "), "{response}");
}

#[tokio::test]
async fn a_websocket_message_has_the_size_limit_of_a_body() {
    let server = server(&["--max-body-bytes=2000"]).await;
    let mut socket = Socket::open(server.address()).await;
    let message = |length| {
        let payload = json!({"query": "{ __typename }", "extensions": {"x": "x".repeat(length)}});
        json!({"type": "subscribe", "id": "1", "payload": payload}).to_string()
    };
    socket.send_text(&message(1_000)).await;
    socket.next("1").await;
    socket.message().await;
    socket.send_message(Message::text(message(2_000))).await;
    assert_eq!(socket.close_frame().await.0, 1009);
}
