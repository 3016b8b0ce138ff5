//! Clients that were connected before, and may have missed events.

use super::*;

/// Opens a socket whose client sends this payload in `connection_init`.
async fn open(server: &TestServer, payload: Value) -> Socket {
    let mut socket = Socket::raw(server.address()).await;
    socket
        .send(json!({"type": "connection_init", "payload": payload}))
        .await;
    assert_eq!(socket.message().await, json!({"type": "connection_ack"}));
    socket
}

#[tokio::test]
async fn subscriptions_of_a_client_that_was_connected_before_begin_with_a_resync() {
    let (server, connection) = start().await;
    let mut socket = open(&server, json!({"resumed": true})).await;
    let changed =
        "subscription { reviewChanged { kind reviewId version review { score } film { slug } } }";
    socket.start("1", changed).await;
    assert_eq!(
        socket.next("1").await,
        json!({"reviewChanged": {"kind": "RESYNC", "reviewId": null, "version": null, "review": null, "film": null}})
    );
    let of_film =
        format!("subscription {{ reviewChanged(film: \"{MOTH}\") {{ kind film {{ slug }} }} }}");
    socket.start("2", &of_film).await;
    assert_eq!(
        socket.next("2").await,
        json!({"reviewChanged": {"kind": "RESYNC", "film": {"slug": "moth"}}})
    );
    let score = format!(
        "subscription {{ scoreChanged(film: \"{LAMP}\") {{ slug score {{ reviewCount }} }} }}"
    );
    socket.start("3", &score).await;
    assert_eq!(
        socket.next("3").await,
        json!({"scoreChanged": {"slug": "lamp", "score": {"reviewCount": 0}}})
    );
    // Events that follow are received as usual, once.
    add_review(&connection, 2, 1, 20).await;
    for _ in 0..2 {
        let message = socket.message().await;
        assert_eq!(
            message["payload"]["data"]["reviewChanged"]["kind"], "ADDED",
            "{message}"
        );
    }
    assert_eq!(socket.try_message().await, None);
}

#[tokio::test]
async fn subscriptions_of_a_new_client_begin_without_an_event() {
    let (server, connection) = start().await;
    for payload in [
        json!({}),
        json!({"resumed": false}),
        json!({"resumed": null}),
        json!({"resumed": "true"}),
    ] {
        let mut socket = open(&server, payload).await;
        socket
            .subscribe("1", "subscription { reviewChanged { kind } }")
            .await;
        assert_eq!(socket.try_message().await, None);
    }
    // A review can't say that others are missing, so the client queries.
    let mut socket = open(&server, json!({"resumed": true})).await;
    socket
        .subscribe("1", "subscription { reviewAdded { score } }")
        .await;
    add_review(&connection, 1, 1, 60).await;
    assert_eq!(
        socket.next("1").await,
        json!({"reviewAdded": {"score": 60}})
    );
}

#[tokio::test]
async fn an_argument_of_the_subscription_says_the_same_on_any_transport() {
    let (server, _connection) = start().await;
    let mut socket = Socket::open(server.address()).await;
    let changed = "subscription($resync: Boolean) { reviewChanged(resync: $resync) { kind } }";
    socket
        .send(json!({"id": "1", "type": "subscribe", "payload": {"query": changed, "variables": {"resync": true}}}))
        .await;
    assert_eq!(
        socket.next("1").await,
        json!({"reviewChanged": {"kind": "RESYNC"}})
    );
    let document =
        format!("subscription {{ scoreChanged(film: \"{MOTH}\", resync: true) {{ slug }} }}");
    socket.start("2", &document).await;
    assert_eq!(
        socket.next("2").await,
        json!({"scoreChanged": {"slug": "moth"}})
    );
    let request = server
        .client()
        .post(server.url("/graphql"))
        .header("accept", "text/event-stream")
        .json(&json!({"query": changed, "variables": {"resync": true}}));
    let mut response = request.send().await.unwrap();
    let mut text = String::new();
    while !text.contains("\n\n") || !text.contains("data:") {
        let chunk = response.chunk().await.unwrap().unwrap();
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    assert!(
        text.contains(r#"{"data":{"reviewChanged":{"kind":"RESYNC"}}}"#),
        "{text}"
    );
}
