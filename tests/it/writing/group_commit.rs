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
async fn lock_film(fixture: &Fixture, film: &str) -> DatabaseTransaction {
    let holder = fixture.database().connect(1).begin().await.unwrap();
    let statement = format!("SELECT FROM film WHERE slug = '{film}' FOR UPDATE");
    holder.execute_unprepared(&statement).await.unwrap();
    holder
}

/// Adds another film and returns its id.
async fn other_film(fixture: &Fixture) -> Value {
    let payload = fixture
        .write(
            "addFilm",
            "film { id }",
            json!({ "title": "Ferry", "year": 2001 }),
        )
        .await;
    payload["film"]["id"].clone()
}

/// Returns the number of transactions that added the existing reviews.
async fn transactions(fixture: &Fixture) -> usize {
    let count = "SELECT count(DISTINCT xmin::text)::text FROM review";
    fixture.database().texts(count).await[0].parse().unwrap()
}

async fn assert_recounted(fixture: &Fixture) {
    let connection = fixture.database().connect(1);
    let user_errors = marquee::review::store::tally::recount(&connection)
        .await
        .unwrap();
    assert_eq!(user_errors, []);
}

/// Adds reviews concurrently while a first one is blocked for a moment. Returns the payload and the cost of each.
async fn add_together(fixture: &Fixture, inputs: &[Value]) -> Vec<(Value, Option<(u32, u32)>)> {
    let writes = inputs.iter().map(async |input| {
        let request = request("addReview", SELECTION, input);
        let mut response = fixture.server.send_as(&fixture.editor, request).await;
        (response.body["data"]["addReview"].take(), response.cost)
    });
    during_first_addition(fixture, join_all(writes)).await
}

/// Runs a future while a first review waits for a lock for a moment.
async fn during_first_addition<T>(fixture: &Fixture, others: impl Future<Output = T>) -> T {
    let holder = lock_film(fixture, "lamp-1999").await;
    let first = json!({ "film": fixture.film, "byline": "First", "score": 1 });
    let first = fixture.user_errors("addReview", first);
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
    let fixture = Fixture::new().await;
    let inputs: Vec<_> = (0..12)
        .map(|score| json!({ "film": fixture.film, "byline": format!("By {score}"), "score": score }))
        .collect();
    let responses = add_together(&fixture, &inputs).await;
    for (score, (response, cost)) in responses.iter().enumerate() {
        assert_eq!(codes(response), [""; 0]);
        // Each payload shows its own review.
        assert_eq!(response["review"]["score"], score);
        // The look-up of the token; and shared by all, BEGIN, the named rows, the reviews and COMMIT.
        assert_eq!(*cost, Some((5, 5)));
    }
    // The first review has its own transaction.
    assert_eq!(transactions(&fixture).await, 2);
    let mut ids: Vec<_> = responses
        .iter()
        .map(|(response, _)| response["review"]["id"].to_string())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 12);
    assert_recounted(&fixture).await;
}

#[tokio::test]
async fn errors_of_one_addition_do_not_affect_others() {
    let fixture = Fixture::new().await;
    let good = json!({ "film": fixture.film, "critic": { "id": fixture.ann }, "score": 50 });
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
            json!({ "critic": null, "byline": "Guest", "publication": { "name": "New Post" } }),
        ),
        merged(good.clone(), json!({ "critic": null, "score": 101 })),
        merged(good, json!({ "critic": null, "byline": "Somebody" })),
    ];
    let responses = add_together(&fixture, &inputs).await;
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
    assert_eq!(responses[2].0["review"]["critic"]["id"], fixture.bob);
    assert_eq!(responses[2].0["review"]["publication"]["id"], fixture.post);
    // The first review, the group, and the two that also add a critic or publication.
    assert_eq!(transactions(&fixture).await, 4);
    assert_recounted(&fixture).await;
}

/// The number of attempts. On a busy machine a transaction may take so long that those that wait for it run alone.
const ATTEMPTS: usize = 6;

#[tokio::test]
async fn many_concurrent_additions_share_few_transactions() {
    let mut counts = Vec::new();
    for _ in 0..ATTEMPTS {
        let fixture = Fixture::new().await;
        let inputs: Vec<_> = (0..200)
            .map(|score| json!({ "film": fixture.film, "byline": format!("By {score}"), "score": score % 100 }))
            .collect();
        for (response, _) in add_together(&fixture, &inputs).await {
            assert_eq!(codes(&response), [""; 0]);
        }
        assert_recounted(&fixture).await;
        // A group has at most 32 reviews. Late ones may form smaller groups.
        let count = transactions(&fixture).await;
        if count <= 30 {
            return;
        }
        counts.push(count);
    }
    panic!("the numbers of transactions are {counts:?}");
}
