//! The reads of an event that many subscribers get.

use serde_json::json;

use super::{run, start};
use crate::support::socket::Socket;

const SUBSCRIBERS: usize = 60;

#[tokio::test]
async fn subscribers_with_the_same_selection_share_the_reads_of_an_event() {
    let (server, connection) = start().await;
    let mut socket = Socket::open(server.address()).await;
    let document = r#"subscription { reviewAdded { film {
        reviews(filter: {recommended: true, since: "2020-01-05"}) { totalCount } } } }"#;
    for id in 0..SUBSCRIBERS {
        socket.subscribe(&id.to_string(), document).await;
    }
    let before = server.metric(STATEMENTS).await;
    run(
        &connection,
        "INSERT INTO review (film_id, critic_id, recommended, reviewed_on) VALUES (1, 1, true, '2021-03-01')",
    )
    .await;
    for _ in 0..SUBSCRIBERS {
        let message = socket.message().await;
        let film = &message["payload"]["data"]["reviewAdded"]["film"];
        assert_eq!(film, &json!({"reviews": {"totalCount": 1}}), "{message}");
    }
    // The film and the number of its reviews. Subscribers that are late may read again.
    let statements = server.metric(STATEMENTS).await - before;
    assert!((1..=8).contains(&statements), "{statements}");
    connection.close().await.unwrap();
}

/// The number of statements of all workers.
const STATEMENTS: &str = "marquee_database_statement_duration_seconds_count";
