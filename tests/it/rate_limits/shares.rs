//! Callers share the connections of a worker.

use serde_json::json;

use crate::{
    outage::{lock_tables, wait_for_running},
    support::{TestDatabase, TestServer, eventually},
};

/// Counts the reviews that match a filter, as a client at an address.
async fn count(server: &TestServer, address: &str, filter: &str) {
    let document = format!("{{ reviews(filter: {{{filter}}}) {{ totalCount }} }}");
    let response = server
        .send_with(
            &[("x-forwarded-for", address)],
            json!({ "query": document }),
        )
        .await;
    assert_eq!(response.body.get("errors"), None, "{}", response.body);
}

#[tokio::test]
async fn a_caller_that_sends_much_waits_for_itself() {
    let settings = [
        "--trusted-proxy=127.0.0.1",
        "--worker-connections=1",
        "--connection-timeout=10000",
        "--answer-cache=0",
        "--row-cache=0",
        "--review-index=false",
    ];
    let server = TestServer::with_arguments(TestDatabase::demo().await, &settings);
    let [observer, one, other] = [(); 3].map(|()| server.database.connect(1));
    let ids = server
        .query("{ critics(first: 1) { nodes { id } } publications(first: 1) { nodes { id } } }")
        .await;
    let id = |list: &str| ids[list]["nodes"][0]["id"].as_str().unwrap().to_owned();
    let (critic, publication) = (id("critics"), id("publications"));

    // The first statement waits for one lock, the next one for the other.
    let first_lock = lock_tables(&one, "review_month_count").await;
    let next_lock = lock_tables(&other, "review").await;
    let (much, little) = ("10.0.0.1", "10.0.0.2");
    let later = async |address: &str, filter: String, waiting: u64| {
        let is_waiting = async || server.metric("marquee_database_waiting").await == waiting;
        eventually("the earlier statements wait", is_waiting).await;
        count(&server, address, &filter).await;
    };
    let first = count(&server, much, "scored: true");
    let others = async {
        // The first one holds the connection.
        wait_for_running(&observer, 1).await;
        let check = async {
            let is_waiting = async || server.metric("marquee_database_waiting").await == 3;
            eventually("all other statements wait", is_waiting).await;
            first_lock.rollback().await.unwrap();
            let is_waiting = async || server.metric("marquee_database_waiting").await == 2;
            eventually("the next statement has the connection", is_waiting).await;
            wait_for_running(&observer, 1).await;
            let waiting = "SELECT query FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
            let running = server.database.texts(waiting).await;
            next_lock.rollback().await.unwrap();
            running
        };
        let ((), (), (), running) = tokio::join!(
            later(much, format!("critic: \"{critic}\", scored: true"), 0),
            later(much, format!("critic: \"{critic}\", recommended: true"), 1),
            later(little, format!("publication: \"{publication}\""), 2),
            check
        );
        running
    };
    let ((), running) = tokio::join!(first, others);
    assert!(
        running.len() == 1 && running[0].contains(r#""publication_id" ="#),
        "{running:?}"
    );
    for connection in [observer, one, other] {
        connection.close().await.unwrap();
    }
}
