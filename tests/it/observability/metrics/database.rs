//! Metrics of statements and connections.

use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{equals, scrape, scrape_until};
use crate::support::{TestDatabase, TestServer, socket::Socket};

#[tokio::test]
async fn the_database_metrics_match_the_server_timing_header() {
    let server = TestServer::demo().await;
    let document = "{ films { nodes { title reviews(first: 2) { nodes { critic { name } } } } } }";
    let (statements, round_trips) = server.cost(document).await;
    let exposition = scrape(&server).await;
    for (name, expected) in [
        ("marquee_operation_statements", statements),
        ("marquee_operation_round_trips", round_trips),
        ("marquee_database_statement_duration_seconds", 0),
    ] {
        let sum = exposition.value(&format!("{name}_sum"), &[]);
        assert!(expected == 0 || equals(sum, expected), "{name} {sum}");
    }
    let counted = exposition.value("marquee_database_statement_duration_seconds_count", &[]);
    // The server has read the rules of the site besides.
    assert!(equals(counted, statements + 1), "{counted}");
    assert!(equals(
        exposition.value("marquee_database_connections_limit", &[]),
        4
    ));
    assert!(exposition.value("marquee_database_connections", &[("state", "idle")]) >= 1.0);
    assert!(equals(exposition.value("marquee_database_waiting", &[]), 0));
}

#[tokio::test]
async fn requests_that_wait_for_a_connection_are_counted() {
    let database = TestDatabase::demo().await;
    let lock = database.connect(1);
    let server = TestServer::with_arguments(database, &["--worker-connections=1"]);
    lock.execute_unprepared("BEGIN; LOCK TABLE film")
        .await
        .unwrap();
    // Identical requests would share a statement, so each query is different.
    let films = |count: usize| format!("{{ films(first: {count}) {{ nodes {{ title }} }} }}");
    let documents: Vec<_> = (1..=3).map(films).collect();
    let queries = documents.iter().map(|document| server.query(document));
    let all_queries = futures_util::future::join_all(queries);
    let observation = async {
        let exposition = scrape_until(&server, |exposition| {
            equals(exposition.value("marquee_database_waiting", &[]), 2)
        })
        .await;
        assert!(
            equals(
                exposition.value("marquee_database_connections", &[("state", "used")]),
                1
            ),
            "{exposition:?}"
        );
        lock.execute_unprepared("COMMIT").await.unwrap();
    };
    tokio::join!(all_queries, observation);
    let exposition = scrape(&server).await;
    assert!(
        equals(exposition.value("marquee_database_waiting", &[]), 0),
        "{exposition:?}"
    );
    lock.close().await.unwrap();
}

#[tokio::test]
async fn a_cancelled_operation_is_counted_too() {
    let database = TestDatabase::demo().await;
    let lock = database.connect(1);
    let server = TestServer::with_database(database);
    lock.execute_unprepared("BEGIN; LOCK TABLE film")
        .await
        .unwrap();
    let mut socket = Socket::open(server.address()).await;
    socket
        .start("1", "query Gone { films { nodes { title } } }")
        .await;
    // The operation is running once it uses a connection.
    scrape_until(&server, |exposition| {
        equals(
            exposition.value("marquee_database_connections", &[("state", "used")]),
            1,
        )
    })
    .await;
    socket.send(json!({ "type": "complete", "id": "1" })).await;
    let cancelled = [("operation_type", "query"), ("outcome", "cancelled")];
    let exposition = scrape_until(&server, |exposition| {
        equals(exposition.value("marquee_requests_total", &cancelled), 1)
    })
    .await;
    let times = "marquee_operation_duration_seconds_count";
    assert!(
        equals(exposition.value(times, &[("operation", "Gone")]), 1),
        "{exposition:?}"
    );
    lock.execute_unprepared("COMMIT").await.unwrap();
    lock.close().await.unwrap();
}
