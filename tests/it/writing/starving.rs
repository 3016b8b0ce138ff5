//! Writers who wait for somebody leave the readers their connections.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;

use super::Desk;

#[tokio::test]
async fn who_reads_is_answered_while_many_who_write_wait() {
    let desk = Desk::new().await;
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
            let answer = desk.server.query("{ critics { nodes { name } } }").await;
            assert!(!answer["critics"]["nodes"].as_array().unwrap().is_empty());
        }
        let took = begun.elapsed();
        holder.rollback().await.unwrap();
        took
    };
    let (written, took) =
        futures_util::future::join(futures_util::future::join_all(writers), readers).await;
    // Not a measure of speed: without a connection they would have waited for five seconds each.
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert!(written.iter().all(Vec::is_empty), "{written:?}");
}
