//! Blocked writers leave connections for readers.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;

use super::Fixture;

#[tokio::test]
async fn readers_get_responses_while_many_writers_wait() {
    let desk = Fixture::new().await;
    let other = desk.database().connect(1);
    let holder = other.begin().await.unwrap();
    holder
        .execute_unprepared("SELECT FROM film_tally FOR UPDATE")
        .await
        .unwrap();
    let writers = (0..10).map(|number| {
        let input = json!({ "film": desk.film, "critic": { "name": format!("Critic {number}") }, "score": 50 });
        desk.wrong("addReview", input)
    });
    let readers = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let begun = Instant::now();
        for _ in 0..20 {
            let response = desk.server.query("{ critics { nodes { name } } }").await;
            assert!(!response["critics"]["nodes"].as_array().unwrap().is_empty());
        }
        let took = begun.elapsed();
        holder.rollback().await.unwrap();
        took
    };
    let (written, took) =
        futures_util::future::join(futures_util::future::join_all(writers), readers).await;
    // Not a performance test: without a connection each reader would have waited for five seconds.
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert!(written.iter().all(Vec::is_empty), "{written:?}");
}
