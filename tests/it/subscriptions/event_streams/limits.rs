//! The limits and the end of a stream.

use marquee::access::Role;

use super::{Stream, post, stream};
use crate::subscriptions::*;

#[tokio::test]
async fn the_stream_of_a_slow_client_ends_with_an_error() {
    let (server, connection) = start().await;
    let mut stream = stream(&server, "subscription { reviewAdded { excerpt } }").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    for _ in 0..3 {
        run(
            &connection,
            "INSERT INTO review (film_id, excerpt) SELECT 1, repeat('x', 100000) FROM generate_series(1, 700)",
        )
        .await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut last = None;
    while let Some((event, data)) = stream.event().await {
        if event == "complete" {
            break;
        }
        last = Some(data);
    }
    assert_eq!(last.unwrap()["errors"][0]["extensions"]["code"], "TOO_SLOW");
}

#[tokio::test]
async fn event_streams_and_sockets_of_an_address_share_a_limit() {
    let (server, _connection) = start_with(&["--sockets-per-address=1"]).await;
    let document = "subscription { reviewAdded { id } }";
    let first = stream(&server, document).await;
    let response = post(&server, "text/event-stream", document)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 429);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["errors"][0]["extensions"]["code"], "TOO_MANY_SOCKETS");
    // The stream of a query ends at once and frees its slot.
    stream(&server, "{ __typename }").await;
    drop(first);
    // The server detects a closed connection upon the next write, at the latest after the keep-alive of 12 seconds.
    for attempt in 0.. {
        let again = post(&server, "text/event-stream", document).send().await;
        if again.unwrap().status() == 200 {
            break;
        }
        assert!(attempt < 300, "the slot of a closed stream is never freed");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn an_idle_stream_sends_keep_alives() {
    let (server, _connection) = start().await;
    let mut stream = stream(&server, "subscription { reviewAdded { id } }").await;
    let chunk = tokio::time::timeout(Duration::from_secs(20), stream.response.chunk());
    assert_eq!(chunk.await.unwrap().unwrap().unwrap(), ":\n\n");
}

#[tokio::test]
async fn subscriptions_of_a_revoked_token_end_within_twelve_seconds() {
    let (server, connection) = start().await;
    let document = "subscription { reviewAdded { id } }";
    let mut tokens = Vec::new();
    for role in [Role::Editor, Role::Admin] {
        tokens.push(server.database.token(role, None).await);
    }
    let mut sockets = Vec::new();
    let mut streams = Vec::new();
    for token in &tokens {
        let mut socket = Socket::open_as(token, server.address()).await;
        socket.subscribe("1", document).await;
        sockets.push(socket);
        let post = post(&server, "text/event-stream", document).bearer_auth(token);
        streams.push(Stream {
            response: post.send().await.unwrap(),
            read: String::new(),
        });
    }
    let begin = std::time::Instant::now();
    run(
        &connection,
        "UPDATE api_token SET revoked_at = now() WHERE role = 'editor'",
    )
    .await;
    // Events in between don't postpone the check of the token.
    tokio::time::sleep(Duration::from_secs(6)).await;
    add_review(&connection, 1, 1, 60).await;
    assert_eq!(streams[0].event().await.unwrap().0, "next");
    assert_eq!(sockets[0].message().await["type"], "next");
    assert_eq!(
        sockets[0].close_frame().await,
        (4403, "Forbidden".to_owned())
    );
    let (event, data) = streams[0].event().await.unwrap();
    assert_eq!(event, "next");
    assert_eq!(data["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(streams[0].event().await.unwrap().0, "complete");
    assert!(
        begin.elapsed() < Duration::from_secs(14),
        "{:?}",
        begin.elapsed()
    );
    add_review(&connection, 2, 1, 60).await;
    for _ in 0..2 {
        assert_eq!(streams[1].event().await.unwrap().0, "next");
        assert_eq!(sockets[1].message().await["type"], "next");
    }
}
