//! The admission of expensive operations.

use std::thread::available_parallelism;

use serde_json::json;

use super::{send_as, server_with_locks, wait_for_running};

/// A query that costs more than half of the maximum. Queries for different numbers of films don't share a statement.
fn expensive(films: usize) -> String {
    format!(
        "{{ films(first: {films}) {{ nodes {{ title reviews(first: 100) {{ nodes {{ score critic {{ name }} }} }} }} }} }}"
    )
}

#[tokio::test]
async fn expensive_operations_take_turns_and_cheap_ones_do_not_wait() {
    let settings = [
        "--request-timeout=6",
        "--worker-connections=8",
        "--trusted-proxy=127.0.0.1",
    ];
    let (server, watcher, holder) = server_with_locks(&settings).await;
    let permits = available_parallelism().map_or(1, |count| count.get() / 2);
    let permits = permits.max(1);
    let documents: Vec<String> = (0..permits).map(|index| expensive(100 - index)).collect();
    let running = documents
        .iter()
        .map(|document| send_as(&server, "10.0.0.1", document));
    let running = futures_util::future::join_all(running);
    let others = async {
        wait_for_running(&watcher, i64::try_from(permits).unwrap()).await;
        let cheap = send_as(&server, "10.0.0.1", "{ critics { nodes { id } } }").await;
        assert_eq!(cheap.status, 200);
        let (same, other) = (expensive(50), expensive(49));
        let (same, other) = tokio::join!(
            send_as(&server, "10.0.0.1", &same),
            send_as(&server, "10.0.0.2", &other)
        );
        assert_eq!(same.status_and_code(), (429, json!("RATE_LIMITED")));
        assert_eq!(
            same.message,
            "your other expensive operations are still running; send fewer at the same time, and try again later"
        );
        assert_eq!(other.status_and_code(), (503, json!("UNAVAILABLE")));
        assert_eq!(
            other.message,
            "the server is busy with expensive operations; request less data, or try again later"
        );
        holder.rollback().await.unwrap();
    };
    let (running, ()) = tokio::join!(running, others);
    assert!(running.iter().all(|response| response.status == 200));
    let response = send_as(&server, "10.0.0.2", &expensive(49)).await;
    assert_eq!(response.status, 200);
}
