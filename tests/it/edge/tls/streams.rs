//! WebSockets and event streams over TLS.

use std::io::{Read, Write};

use serde_json::json;
use tokio_tungstenite::tungstenite::{Message, client, client::IntoClientRequest};

use super::{Files, connect_13, read_to_end, tls_server};
use crate::edge::*;

#[tokio::test]
async fn websockets_work_over_tls_and_are_closed_at_shutdown() {
    let (files, certificate) = Files::new();
    let server = tls_server(&files, &[]).await;
    let tls = connect_13(&server, &certificate).unwrap();
    let mut request = "wss://localhost/graphql".into_client_request().unwrap();
    let protocol = "graphql-transport-ws".parse().unwrap();
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = client(request, tls).unwrap();
    let mut exchange = |message: Value| {
        socket.send(Message::text(message.to_string())).unwrap();
        socket.read().unwrap().into_text().unwrap().to_string()
    };
    assert!(exchange(json!({"type": "connection_init"})).contains("connection_ack"));
    let payload = json!({"query": "{ __typename }"});
    let next = exchange(json!({"type": "subscribe", "id": "1", "payload": payload}));
    assert!(next.contains("\"Query\""), "{next}");
    drop(server.handle().stop(true));
    loop {
        match socket.read() {
            Ok(Message::Close(Some(frame))) => break assert_eq!(u16::from(frame.code), 1001),
            Ok(_) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn event_streams_work_over_tls_and_an_unread_one_does_not_block_shutdown() {
    let (files, certificate) = Files::new();
    let server = tls_server(&files, &[]).await;
    let body = json!({ "query": "subscription { reviewAdded { excerpt } }" }).to_string();
    let head = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: text/event-stream";
    let request = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let [mut read, mut stuck] = [0, 1].map(|_| connect_13(&server, &certificate).unwrap());
    for stream in [&mut read, &mut stuck] {
        stream.write_all(request.as_bytes()).unwrap();
        let mut begin = [0; 12];
        stream.read_exact(&mut begin).unwrap();
        assert_eq!(&begin, b"HTTP/1.1 200");
    }
    let fill = "INSERT INTO film (slug, title) VALUES ('lamp', 'Lamp');
        INSERT INTO review (film_id, excerpt) SELECT 1, repeat('x', 100000) FROM generate_series(1, 300)";
    server.database.execute(fill).await;
    let mut received = Vec::new();
    while !received.ends_with(b"xxxx") {
        let mut buffer = [0; 4 << 10];
        let length = read.read(&mut buffer).unwrap();
        assert_ne!(length, 0);
        received.extend_from_slice(&buffer[..length]);
    }
    sleep(Duration::from_secs(1)).await;
    let begin = Instant::now();
    let stopped = server.handle().stop(true);
    read_to_end(&mut read);
    stopped.await;
    assert!(
        begin.elapsed() < Duration::from_secs(6),
        "{:?}",
        begin.elapsed()
    );
}
