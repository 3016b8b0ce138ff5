//! The bytes of the handshake's response.

use std::collections::HashMap;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::server;
use crate::subscriptions::*;

/// Sends a handshake and returns the head of the response.
async fn head(server: &TestServer, more: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let request = format!(
        "GET /graphql HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n",
        server.address()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// Returns the headers by the names as the server spells them. No name occurs twice.
fn headers(head: &str) -> HashMap<&str, &str> {
    let lines = head.trim_end().split("\r\n").skip(1);
    let pairs: Vec<_> = lines.map(|line| line.split_once(": ").unwrap()).collect();
    let headers: HashMap<_, _> = pairs.iter().copied().collect();
    assert_eq!(headers.len(), pairs.len(), "{head}");
    headers
}

#[tokio::test]
async fn the_headers_of_the_handshake_have_the_spelling_of_rfc_6455() {
    let server = server().await;
    let offer = "Sec-WebSocket-Protocol: soap, graphql-transport-ws\r\n";
    let head = head(&server, offer).await;
    assert!(
        head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"),
        "{head}"
    );
    let headers = headers(&head);
    // Python's `gql` looks up this header in this spelling.
    assert_eq!(
        headers.get("Sec-WebSocket-Protocol"),
        Some(&"graphql-transport-ws"),
        "{head}"
    );
    assert_eq!(headers.get("Upgrade"), Some(&"websocket"), "{head}");
    assert_eq!(headers.get("Connection"), Some(&"Upgrade"), "{head}");
    // The example of RFC 6455. actix-http writes the other letters of this name in lower case.
    let accept = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-accept"));
    assert_eq!(
        accept,
        Some((&"Sec-Websocket-Accept", &"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")),
        "{head}"
    );
}

#[tokio::test]
async fn a_handshake_without_the_sub_protocol_names_none() {
    let server = server().await;
    for offer in ["", "Sec-WebSocket-Protocol: soap\r\n"] {
        let head = head(&server, offer).await;
        assert!(
            head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"),
            "{head}"
        );
        assert!(
            !head.to_lowercase().contains("sec-websocket-protocol"),
            "{head}"
        );
    }
}

#[tokio::test]
async fn an_invalid_handshake_gets_the_reason() {
    let server = server().await;
    let valid = [
        ("upgrade", "websocket"),
        ("connection", "upgrade"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    for (changed, value, status, reason) in [
        (
            "connection",
            "keep-alive",
            400,
            "connection upgrade is expected",
        ),
        (
            "sec-websocket-version",
            "8",
            426,
            "unsupported WebSocket version",
        ),
        ("sec-websocket-key", "short", 400, "unknown WebSocket key"),
    ] {
        let mut request = server.client().get(server.url("/graphql"));
        for (name, valid) in valid {
            request = request.header(name, if name == changed { value } else { valid });
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{changed}");
        if status == 426 {
            assert_eq!(response.headers()["sec-websocket-version"], "13");
        }
        let body: Value = response.json().await.unwrap();
        let message = body["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(reason), "{message}");
    }
}
