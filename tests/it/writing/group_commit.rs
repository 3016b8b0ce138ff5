//! Group commit of added reviews: each caller gets the same result as without it.

mod locks;
mod random;

use std::time::Duration;

use futures_util::future::{join, join_all};
use sea_orm::{ConnectionTrait, DatabaseTransaction, TransactionTrait};
use serde_json::{Value, json};

use super::{Fixture, codes, merged, request};

const SELECTION: &str = "review { id version score excerpt critic { id } publication { id } } userErrors { field code message }";

/// Locks a film, so that adding a review of it waits.
async fn lock_film(desk: &Fixture, film: &str) -> DatabaseTransaction {
    let holder = desk.database().connect(1).begin().await.unwrap();
    let statement = format!("SELECT FROM film WHERE slug = '{film}' FOR UPDATE");
    holder.execute_unprepared(&statement).await.unwrap();
    holder
}

/// Adds another film and returns its id.
async fn other_film(desk: &Fixture) -> Value {
    let payload = desk
        .write(
            "addFilm",
            "film { id }",
            json!({ "title": "Ferry", "year": 2001 }),
        )
        .await;
    payload["film"]["id"].clone()
}

/// Returns the number of transactions that added the existing reviews.
async fn transactions(desk: &Fixture) -> usize {
    let count = "SELECT count(DISTINCT xmin::text)::text FROM review";
    desk.database().texts(count).await[0].parse().unwrap()
}

async fn assert_recounted(desk: &Fixture) {
    let connection = desk.database().connect(1);
    let wrong = marquee::review::store::tally::recount(&connection)
        .await
        .unwrap();
    assert_eq!(wrong, []);
}

/// Adds reviews concurrently while a first one is blocked for a moment. Returns the payload and the cost of each.
async fn add_together(desk: &Fixture, inputs: &[Value]) -> Vec<(Value, Option<(u32, u32)>)> {
    let writes = inputs.iter().map(async |input| {
        let request = request("addReview", SELECTION, input);
        let mut response = desk.server.send_as(&desk.editor, request).await;
        (response.body["data"]["addReview"].take(), response.cost)
    });
    during_first_addition(desk, join_all(writes)).await
}

/// Runs a future while a first review waits for a lock for a moment.
async fn during_first_addition<T>(desk: &Fixture, others: impl Future<Output = T>) -> T {
    let holder = lock_film(desk, "lamp-1999").await;
    let first = json!({ "film": desk.film, "byline": "First", "score": 1 });
    let first = desk.wrong("addReview", first);
    let others = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let release = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            holder.rollback().await.unwrap();
        };
        join(others, release).await.0
    };
    let (first, others) = join(first, others).await;
    assert_eq!(first, [""; 0]);
    others
}

#[tokio::test]
async fn concurrent_additions_share_one_transaction() {
    let desk = Fixture::new().await;
    let inputs: Vec<_> = (0..12)
        .map(|score| json!({ "film": desk.film, "byline": format!("By {score}"), "score": score }))
        .collect();
    let responses = add_together(&desk, &inputs).await;
    for (score, (response, cost)) in responses.iter().enumerate() {
        assert_eq!(codes(response), [""; 0]);
        // Each payload shows its own review.
        assert_eq!(response["review"]["score"], score);
        // The look-up of the token; and shared by all, BEGIN, the named rows, the reviews and COMMIT.
        assert_eq!(*cost, Some((5, 5)));
    }
    // The first review has its own transaction.
    assert_eq!(transactions(&desk).await, 2);
    let mut ids: Vec<_> = responses
        .iter()
        .map(|(response, _)| response["review"]["id"].to_string())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 12);
    assert_recounted(&desk).await;
}

#[tokio::test]
async fn errors_of_one_addition_do_not_affect_others() {
    let desk = Fixture::new().await;
    let good = json!({ "film": desk.film, "critic": { "id": desk.ann }, "score": 50 });
    let inputs = [
        good.clone(),
        // A duplicate in the same group.
        good.clone(),
        merged(
            good.clone(),
            json!({ "critic": { "slug": "bob" }, "publication": { "name": "Post" } }),
        ),
        merged(good.clone(), json!({ "film": "RmlsbTo5OTk5OTk" })),
        merged(good.clone(), json!({ "critic": { "slug": "nobody" } })),
        merged(good.clone(), json!({ "critic": { "name": "Nora New" } })),
        merged(
            good.clone(),
            json!({ "publication": { "name": "New Post" } }),
        ),
        merged(good.clone(), json!({ "critic": null, "score": 101 })),
        merged(good, json!({ "critic": null, "byline": "Somebody" })),
    ];
    let responses = add_together(&desk, &inputs).await;
    let mut errors: Vec<_> = responses
        .iter()
        .map(|(response, _)| codes(response))
        .collect();
    // Which of two equal additions comes first is random.
    errors[..2].sort_unstable();
    let expected: [&[&str]; 9] = [
        &[],
        &[" ALREADY_REVIEWED"],
        &[],
        &["film NOT_FOUND"],
        &["critic.slug NOT_FOUND"],
        &[],
        &[],
        &["score OUT_OF_RANGE"],
        &[],
    ];
    assert_eq!(errors, expected);
    assert_eq!(responses[2].0["review"]["critic"]["id"], desk.bob);
    assert_eq!(responses[2].0["review"]["publication"]["id"], desk.post);
    // The first review, the group, and the two that also add a critic or publication.
    assert_eq!(transactions(&desk).await, 4);
    assert_recounted(&desk).await;
}

#[tokio::test]
async fn many_concurrent_additions_share_few_transactions() {
    let desk = Fixture::new().await;
    let inputs: Vec<_> = (0..200)
        .map(|score| json!({ "film": desk.film, "byline": format!("By {score}"), "score": score % 100 }))
        .collect();
    for (response, _) in add_together(&desk, &inputs).await {
        assert_eq!(codes(&response), [""; 0]);
    }
    // A group has at most 32 reviews. Late ones may form smaller groups.
    let count = transactions(&desk).await;
    assert!(count <= 30, "{count}");
    assert_recounted(&desk).await;
}
