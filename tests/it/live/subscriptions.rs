//! The events of subscriptions.

use std::collections::HashMap;

use super::*;

#[tokio::test]
async fn a_review_added_with_sql_is_sent_with_its_related_objects() {
    let (server, connection) = live().await;
    let mut socket = Socket::open(server.address()).await;
    let document = "subscription { reviewAdded { id score version critic { name } film { title score { label } } } }";
    socket.subscribe("1", document).await;
    add_review(&connection, 1, 1, 60).await;
    let received = socket.next("1").await;
    assert_eq!(
        received,
        json!({"reviewAdded": {"id": "UmV2aWV3OjE", "score": 60, "version": 1, "critic": {"name": "Ann"},
            "film": {"title": "Lamp", "score": {"label": "No score yet - based on 1 Critic"}}}})
    );
    // Data that was loaded for one event is not cached for the next.
    add_review(&connection, 1, 2, 80).await;
    let label = &socket.next("1").await["reviewAdded"]["film"]["score"]["label"];
    assert_eq!(label, "No score yet - based on 2 Critics");
}

#[tokio::test]
async fn each_change_shows_the_review_as_of_that_change() {
    let (server, connection) = live().await;
    let mut socket = Socket::open(server.address()).await;
    let document = "subscription { reviewChanged { kind id version review { score version createdAt updatedAt } film { slug } } }";
    socket.subscribe("1", document).await;
    run(
        &connection,
        "BEGIN; INSERT INTO review (film_id, critic_id, score, score_rule) VALUES (1, 1, 60, 'given');
         UPDATE review SET score = 70; UPDATE review SET film_id = 2; DELETE FROM review; COMMIT",
    )
    .await;
    let mut received = Vec::new();
    for _ in 0..4 {
        let change = socket.next("1").await["reviewChanged"].take();
        assert_eq!(change["id"], "UmV2aWV3OjE");
        if !change["review"].is_null() {
            assert_eq!(change["review"]["version"], change["version"]);
            assert_eq!(change["review"]["createdAt"], change["review"]["updatedAt"]);
        }
        received.push(json!([
            change["kind"],
            change["version"],
            change["review"]["score"],
            change["film"]["slug"]
        ]));
    }
    assert_eq!(
        received,
        [
            json!(["ADDED", 1, 60, "lamp"]),
            json!(["UPDATED", 2, 70, "lamp"]),
            json!(["UPDATED", 3, 70, "moth"]),
            json!(["DELETED", 3, null, "moth"]),
        ]
    );
}

#[tokio::test]
async fn a_film_argument_limits_events_to_that_film() {
    let (server, connection) = live().await;
    let mut socket = Socket::open(server.address()).await;
    let added = format!("subscription {{ reviewAdded(film: \"{MOTH}\") {{ score }} }}");
    let changed =
        format!("subscription {{ reviewChanged(film: \"{MOTH}\") {{ kind film {{ slug }} }} }}");
    socket.subscribe("added", &added).await;
    socket.subscribe("changed", &changed).await;
    add_review(&connection, 1, 1, 10).await;
    add_review(&connection, 2, 1, 20).await;
    let mut received = HashMap::new();
    for _ in 0..2 {
        let message = socket.message().await;
        received.insert(
            message["id"].to_string(),
            message["payload"]["data"].clone(),
        );
    }
    assert_eq!(received["\"added\""], json!({"reviewAdded": {"score": 20}}));
    assert_eq!(received["\"changed\""]["reviewChanged"]["kind"], "ADDED");
    // Subscribers of the previous film receive the move of a review.
    run(
        &connection,
        "UPDATE review SET film_id = 1, critic_id = 2 WHERE film_id = 2",
    )
    .await;
    let left = socket.next("changed").await;
    assert_eq!(
        left["reviewChanged"],
        json!({"kind": "UPDATED", "film": {"slug": "lamp"}})
    );
    assert_eq!(socket.try_message().await, None);
}

#[tokio::test]
async fn score_events_may_be_merged_but_the_last_one_is_sent() {
    let (server, connection) = live().await;
    let mut socket = Socket::open(server.address()).await;
    let document = format!(
        "subscription {{ scoreChanged(film: \"{LAMP}\") {{ score {{ reviewCount mean }} }} }}"
    );
    socket.subscribe("1", &document).await;
    run(
        &connection,
        "UPDATE film SET title = 'The Lamp' WHERE id = 1",
    )
    .await;
    add_review(&connection, 2, 1, 50).await;
    assert_eq!(socket.try_message().await, None);
    for n in 1..=50 {
        run(
            &connection,
            &format!("INSERT INTO review (film_id, score, score_rule, source, external_id) VALUES (1, {n}, 'given', 's', '{n}')"),
        )
        .await;
    }
    let mut events = 0;
    loop {
        events += 1;
        let count = &socket.next("1").await["scoreChanged"]["score"]["reviewCount"];
        if count == 50 {
            break;
        }
    }
    assert!(events <= 50, "{events}");
    // A changed weight changes no reviews, but the score.
    run(
        &connection,
        "INSERT INTO publication (slug, name) VALUES ('post', 'Post');
         UPDATE review SET publication_id = 1 WHERE score = 50 AND film_id = 1",
    )
    .await;
    while socket.try_message().await.is_some() {}
    run(&connection, "UPDATE publication SET weight = 5000").await;
    assert_eq!(
        socket.next("1").await["scoreChanged"]["score"]["reviewCount"],
        50
    );
}

#[tokio::test]
async fn the_score_subscription_of_a_deleted_film_completes() {
    let (server, connection) = live().await;
    let mut socket = Socket::open(server.address()).await;
    let document = format!("subscription {{ scoreChanged(film: \"{LAMP}\") {{ title }} }}");
    socket.subscribe("1", &document).await;
    run(&connection, "DELETE FROM film WHERE id = 1").await;
    assert_eq!(
        socket.message().await,
        json!({"id": "1", "type": "complete"})
    );
    assert_eq!(error_code(&mut socket, &document).await, "NOT_FOUND");
}

/// Starts an operation and returns the code of the error that it gets instead of a result.
async fn error_code(socket: &mut Socket, document: &str) -> String {
    socket.start("refused", document).await;
    let message = socket.message().await;
    assert_eq!(
        (&message["id"], &message["type"]),
        (&json!("refused"), &json!("error")),
        "{message}"
    );
    message["payload"][0]["extensions"]["code"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn an_invalid_subscription_is_rejected_before_any_event() {
    let (server, _connection) = live().await;
    let mut socket = Socket::open(server.address()).await;
    for (document, code) in [
        ("subscription {", "SYNTAX_ERROR"),
        (
            "subscription { reviewAdded { nothing } }",
            "VALIDATION_FAILED",
        ),
        (
            "subscription { scoreChanged { title } }",
            "VALIDATION_FAILED",
        ),
        (
            "subscription { scoreChanged(film: \"x\") { title } }",
            "INVALID_ID",
        ),
        (
            "subscription { scoreChanged(film: \"UmV2aWV3OjE\") { title } }",
            "INVALID_ID",
        ),
        (
            "subscription { scoreChanged(film: \"RmlsbTo5OTk\") { title } }",
            "NOT_FOUND",
        ),
        (
            "subscription { reviewAdded(film: \"RmlsbTo5OTk\") { score } }",
            "NOT_FOUND",
        ),
        (
            "subscription { reviewChanged(film: \"RmlsbTo5OTk\") { kind } }",
            "NOT_FOUND",
        ),
        (
            "subscription { reviewAdded { score } reviewChanged { kind } }",
            "VALIDATION_FAILED",
        ),
        (
            "subscription { a: reviewAdded { score } b: reviewAdded { score } }",
            "VALIDATION_FAILED",
        ),
        (
            "subscription { reviewAdded @skip(if: false) { score } }",
            "VALIDATION_FAILED",
        ),
        ("subscription { __typename }", "VALIDATION_FAILED"),
        (
            "subscription A { reviewAdded { score } } query B { __typename }",
            "UNKNOWN_OPERATION",
        ),
        (
            "subscription ($film: ID!) { scoreChanged(film: $film) { title } }",
            "VALIDATION_FAILED",
        ),
        ("{ film(by: {}) { title } }", "VALIDATION_FAILED"),
        ("mutation { nothing }", "VALIDATION_FAILED"),
    ] {
        assert_eq!(error_code(&mut socket, document).await, code, "{document}");
    }
}

#[tokio::test]
async fn a_query_over_a_socket_returns_one_result_and_completes() {
    let (server, _connection) = live().await;
    let mut socket = Socket::open(server.address()).await;
    socket.start("1", "{ films { totalCount } }").await;
    assert_eq!(socket.next("1").await, json!({"films": {"totalCount": 2}}));
    assert_eq!(
        socket.message().await,
        json!({"id": "1", "type": "complete"})
    );
    // A field error is part of the result.
    socket.start("2", "{ review(id: \"x\") { score } }").await;
    let message = socket.message().await;
    assert_eq!(message["type"], "next");
    assert_eq!(
        message["payload"]["errors"][0]["extensions"]["code"],
        "INVALID_ID"
    );
    assert_eq!(message["payload"]["data"], json!({"review": null}));
    assert_eq!(
        socket.message().await,
        json!({"id": "2", "type": "complete"})
    );
}

#[tokio::test]
async fn a_notification_costs_one_statement_with_subscribers_and_none_without() {
    let (server, connection) = live().await;
    server.database.log_statements().await;
    let logging = server.database.connect(1);
    // Only new sessions are logged. The server opens its read connection upon the first read.
    let many = "INSERT INTO review (film_id, byline) SELECT 1, 'x' FROM generate_series(1, 50)";
    let before = server.database.logged_statements();
    run(&connection, many).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(server.database.logged_statements(), before);

    let mut socket = Socket::open(server.address()).await;
    socket
        .subscribe("1", "subscription { reviewAdded { byline } }")
        .await;
    let before = server.database.logged_statements();
    run(&connection, many).await;
    for _ in 0..50 {
        socket.next("1").await;
    }
    assert_eq!(server.database.logged_statements(), before + 1);
    // A selection of related objects costs its own statements for each event.
    socket
        .subscribe("2", "subscription { reviewAdded { film { title } } }")
        .await;
    let before = server.database.logged_statements();
    run(
        &connection,
        "INSERT INTO review (film_id, byline) VALUES (1, 'x')",
    )
    .await;
    for _ in 0..2 {
        socket.message().await;
    }
    assert_eq!(server.database.logged_statements(), before + 2);
    // Events without subscribers are not read: here an update, while only additions are subscribed to.
    run(&connection, "UPDATE review SET byline = 'y'").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(server.database.logged_statements(), before + 2);
    logging.close().await.unwrap();
}

#[tokio::test]
async fn with_eight_writers_each_change_is_sent_once_in_order_by_two_servers() {
    const WRITERS: u32 = 8;
    const EACH: u32 = 40;
    let (first, connection) = live().await;
    let second = TestServer::sharing_database(&first);
    wait_for_listeners(&connection, 2).await;
    let document = "subscription { reviewChanged { kind id version review { score } } }";
    let mut sockets = Vec::new();
    for address in [first.address(), second.address()] {
        let mut socket = Socket::open(address).await;
        socket.subscribe("1", document).await;
        sockets.push(socket);
    }
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let connection = first.database.connect(1);
            tokio::spawn(async move {
                for n in 0..EACH {
                    let end = if n % 5 == 4 { "ROLLBACK" } else { "COMMIT" };
                    let sql = format!(
                        "BEGIN; INSERT INTO review (film_id, score, score_rule, source, external_id)
                            VALUES ({}, {n}, 'given', 'w{writer}', '{n}');
                         UPDATE review SET score = score + 1 WHERE source = 'w{writer}' AND external_id = '{n}'; {end}",
                        n % 2 + 1
                    );
                    run(&connection, &sql).await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let expected = (WRITERS * EACH * 4 / 5 * 2) as usize;
    let mut histories = Vec::new();
    for socket in &mut sockets {
        let mut history = Vec::new();
        for _ in 0..expected {
            history.push(socket.next("1").await["reviewChanged"].take());
        }
        assert_eq!(socket.try_message().await, None);
        histories.push(history);
    }
    assert_eq!(histories[0], histories[1]);
    // PostgreSQL's own record: the committed versions of each review in order.
    let mut versions: HashMap<String, Vec<i64>> = HashMap::new();
    for change in &histories[0] {
        let of_review = versions.entry(change["id"].to_string()).or_default();
        of_review.push(change["version"].as_i64().unwrap());
    }
    assert_eq!(versions.len(), expected / 2);
    assert!(versions.values().all(|versions| *versions == [1, 2]));
}
