//! Shutdown with open sockets and streams, and the end of operations with their socket.

use std::time::Instant;

use marquee::access::Role;

use super::*;

/// Adds 300 reviews, whose events are more than the buffers of an unread connection hold, and waits until they are full.
async fn overfill_unread(connection: &DatabaseConnection) {
    run(
        connection,
        "INSERT INTO review (film_id, excerpt) SELECT 1, repeat('x', 100000) FROM generate_series(1, 300)",
    )
    .await;
    tokio::time::sleep(Duration::from_millis(500)).await;
}

#[tokio::test]
async fn open_sockets_are_closed_with_1001_without_delaying_shutdown() {
    let (server, connection) = start().await;
    let mut busy = Socket::open(server.address()).await;
    busy.subscribe("1", "subscription { reviewAdded { id } }")
        .await;
    let mut new = Socket::raw(server.address()).await;
    let mut stuck = Socket::open(server.address()).await;
    stuck
        .subscribe("1", "subscription { reviewAdded { excerpt } }")
        .await;
    overfill_unread(&connection).await;
    let begin = Instant::now();
    let stopped = server.handle().stop(true);
    assert_eq!(busy.close_frame().await, (1001, "Going away".to_owned()));
    assert_eq!(new.close_frame().await, (1001, "Going away".to_owned()));
    stopped.await;
    assert!(
        begin.elapsed() < Duration::from_secs(4),
        "{:?}",
        begin.elapsed()
    );
    stuck.abort();
}

#[tokio::test]
async fn event_streams_end_at_shutdown_whether_or_not_they_are_read() {
    let (server, connection) = start().await;
    let open = |fields: &'static str| {
        let request = server
            .client()
            .post(server.url("/graphql"))
            .header("accept", "text/event-stream")
            .json(&json!({"query": format!("subscription {{ reviewAdded {{ {fields} }} }}")}));
        async move { request.send().await.unwrap() }
    };
    let read = open("id").await;
    let stuck = open("excerpt").await;
    overfill_unread(&connection).await;
    let begin = Instant::now();
    let stopped = server.handle().stop(true);
    let text = read.text().await.unwrap();
    assert_eq!(text.matches("event: next").count(), 300);
    assert!(!text.contains("event: complete"));
    stopped.await;
    assert!(
        begin.elapsed() < Duration::from_secs(4),
        "{:?}",
        begin.elapsed()
    );
    drop(stuck);
}

/// The server reads a changed review only for subscribers, so logged statements show whether any subscription is left.
#[tokio::test]
async fn operations_end_with_their_socket() {
    let (server, connection) = start().await;
    server.database.log_statements().await;
    for how in 0..3 {
        let mut socket = Socket::open(server.address()).await;
        socket
            .subscribe("1", "subscription { reviewAdded { id } }")
            .await;
        run(
            &connection,
            "INSERT INTO review (film_id, byline) VALUES (1, 'x')",
        )
        .await;
        socket.next("1").await;
        match how {
            0 => socket.abort(),
            1 => {
                socket.send_text("nonsense").await;
                socket.close_frame().await;
            }
            _ => {
                socket.send(json!({"type": "complete", "id": "1"})).await;
                socket.start("2", "{ __typename }").await;
                socket.next("2").await;
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        let before = server.database.logged_statements();
        run(
            &connection,
            "INSERT INTO review (film_id, byline) VALUES (1, 'x')",
        )
        .await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(server.database.logged_statements(), before, "{how}");
    }
}

#[tokio::test]
async fn running_queries_finish_before_the_server_stops() {
    let (server, connection) = start().await;
    let token = server.database.token(Role::Admin, None).await;
    let mut socket = Socket::open_as(&token, server.address()).await;
    socket
        .subscribe("1", "subscription { reviewAdded { id } }")
        .await;
    let query = "{ film(by: {slug: \"lamp\"}) { title } }";
    let holding = server.database.connect(1);
    run(&holding, "BEGIN; LOCK TABLE film IN ACCESS EXCLUSIVE MODE").await;
    socket.start("2", query).await;
    let streamed = server
        .client()
        .post(server.url("/graphql"))
        .header("accept", "text/event-stream")
        .json(&json!({"query": query}))
        .send();
    let streamed = tokio::spawn(async move { streamed.await.unwrap().text().await.unwrap() });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let stopped = tokio::spawn(server.handle().stop(true));
    tokio::time::sleep(Duration::from_millis(700)).await;
    // A later operation is not started and gets no message.
    socket.start("3", query).await;
    run(&holding, "ROLLBACK").await;
    assert_eq!(socket.next("2").await["film"]["title"], "Lamp");
    assert_eq!(
        socket.message().await,
        json!({"id": "2", "type": "complete"})
    );
    assert_eq!(socket.close_frame().await, (1001, "Going away".to_owned()));
    let streamed = streamed.await.unwrap();
    assert!(
        streamed.contains("\"Lamp\"") && streamed.contains("event: complete"),
        "{streamed}"
    );
    stopped.await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_subscription_that_is_being_authenticated_does_not_delay_shutdown() {
    let (server, _connection) = start().await;
    let token = server.database.token(Role::Admin, None).await;
    let mut socket = Socket::open_as(&token, server.address()).await;
    let holding = server.database.connect(1);
    // The notification removes the token from the cache.
    run(&holding, "UPDATE api_token SET name = 'renamed'").await;
    run(
        &holding,
        "BEGIN; LOCK TABLE api_token IN ACCESS EXCLUSIVE MODE",
    )
    .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    socket
        .start("1", "subscription { reviewAdded { id } }")
        .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let begin = Instant::now();
    let stopped = tokio::spawn(server.handle().stop(true));
    tokio::time::sleep(Duration::from_millis(300)).await;
    run(&holding, "ROLLBACK").await;
    assert_eq!(socket.close_frame().await, (1001, "Going away".to_owned()));
    stopped.await.unwrap();
    assert!(
        begin.elapsed() < Duration::from_secs(4),
        "{:?}",
        begin.elapsed()
    );
}
