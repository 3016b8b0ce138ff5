//! Labels over WebSocket and in event streams.

use serde_json::json;

use super::FILM;
use crate::support::{TestServer, socket::Socket};

#[tokio::test]
async fn a_socket_has_the_language_of_its_handshake() {
    let server = TestServer::demo().await;
    let headers = [
        ("sec-websocket-protocol", "graphql-transport-ws"),
        ("accept-language", "fr-FR, en;q=0.5"),
    ];
    let socket = Socket::handshake(server.address(), &headers).await;
    let mut socket = socket.expect("the handshake is valid");
    socket.send(json!({"type": "connection_init"})).await;
    assert_eq!(socket.message().await, json!({"type": "connection_ack"}));
    let document = format!(
        "{{ film(by: {{slug: \"{FILM}\"}}) {{ score {{ label german: label(locale: \"de\") }} }} }}"
    );
    let payload = json!({ "query": document });
    let subscribe = json!({ "id": "1", "type": "subscribe", "payload": payload });
    socket.send(subscribe).await;
    assert_eq!(
        socket.message().await["payload"]["data"]["film"]["score"],
        json!({
            "label": "Critiques généralement favorables – 20 critiques",
            "german": "Überwiegend positiv – 20 Kritiken",
        })
    );
}

#[tokio::test]
async fn an_event_stream_has_the_language_of_its_request() {
    let server = TestServer::demo().await;
    let document = format!("{{ film(by: {{slug: \"{FILM}\"}}) {{ score {{ label }} }} }}");
    let response = server
        .client()
        .post(server.url("/graphql"))
        .header("accept", "text/event-stream")
        .header("accept-language", "de")
        .json(&json!({ "query": document }))
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["content-language"], "de");
    let events = response.text().await.unwrap();
    assert!(
        events.contains("Überwiegend positiv – 20 Kritiken"),
        "{events}"
    );
}
