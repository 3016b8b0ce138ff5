//! Blocked writers leave connections for readers.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;

use super::Fixture;

#[tokio::test]
async fn readers_get_responses_while_many_writers_wait() {
    let fixture = Fixture::new().await;
    let other = fixture.database().connect(1);
    let holder = other.begin().await.unwrap();
    holder
        .execute_unprepared("SELECT FROM film_tally FOR UPDATE")
        .await
        .unwrap();
    let writers = (0..10).map(|number| {
        let input = json!({ "film": fixture.film, "critic": { "name": format!("Critic {number}") }, "score": 50 });
        fixture.user_errors("addReview", input)
    });
    let readers = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let start = Instant::now();
        for _ in 0..20 {
            let response = fixture.server.query("{ critics { nodes { name } } }").await;
            assert!(!response["critics"]["nodes"].as_array().unwrap().is_empty());
        }
        let elapsed = start.elapsed();
        holder.rollback().await.unwrap();
        elapsed
    };
    let (written, elapsed) =
        futures_util::future::join(futures_util::future::join_all(writers), readers).await;
    // Not a performance test: without a connection each reader would have waited for five seconds.
    assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
    assert!(written.iter().all(Vec::is_empty), "{written:?}");
}
