//! The order and the cost of events.

use std::collections::HashMap;

use crate::subscriptions::*;

#[tokio::test]
async fn a_notification_costs_one_statement_with_subscribers_and_none_without() {
    let (server, connection) = start().await;
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
    let (first, connection) = start().await;
    let second = TestServer::sharing_database(&first);
    wait_for_listeners(&connection, 2).await;
    let document = "subscription { reviewChanged { kind reviewId version review { score } } }";
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
        let of_review = versions.entry(change["reviewId"].to_string()).or_default();
        of_review.push(change["version"].as_i64().unwrap());
    }
    assert_eq!(versions.len(), expected / 2);
    assert!(versions.values().all(|versions| *versions == [1, 2]));
}
