//! Group commit of added reviews: each caller gets the same result as without it.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use futures_util::future::{join, join_all};
use sea_orm::{ConnectionTrait, DatabaseTransaction, TransactionTrait};
use serde_json::{Value, json};

use super::{Fixture, codes, killed_at_commit, merged, request};
use crate::support::test_rng::TestRng;

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

/// Returns a random input with few distinct films, critics and publications. Many are missing or equal.
fn random_input(desk: &Fixture, other: &Value, chance: &mut TestRng) -> Value {
    let films = [json!(desk.film), other.clone(), json!("RmlsbTo5OTk5OTk")];
    let critics = [
        json!({ "id": desk.ann }),
        json!({ "slug": "bob" }),
        json!({ "name": "ann" }),
        json!({ "name": "Two of them" }),
        json!({ "slug": "nobody" }),
        json!({ "name": "Nora New" }),
        Value::Null,
    ];
    let publications = [
        json!({ "id": desk.post }),
        json!({ "slug": "post" }),
        json!({ "name": "New Post" }),
        Value::Null,
        Value::Null,
    ];
    let mut pick = |from: &[Value]| from[chance.below(from.len())].clone();
    let mut input = json!({ "film": pick(&films), "critic": pick(&critics), "publication": pick(&publications), "score": 50 });
    if chance.one_in(3) {
        input["idempotencyKey"] = json!(format!("key {}", chance.below(12)));
    }
    input
}

/// Returns the errors of an input that do not depend on other additions.
fn certain_errors(input: &Value) -> Vec<&'static str> {
    let mut wrong = Vec::new();
    if input["film"] == "RmlsbTo5OTk5OTk" {
        wrong.push("film NOT_FOUND");
    }
    if input["critic"]["slug"] == "nobody" {
        wrong.push("critic.slug NOT_FOUND");
    }
    if input["critic"]["name"] == "Two of them" {
        wrong.push("critic.name AMBIGUOUS");
    }
    wrong
}

#[tokio::test]
async fn each_random_addition_is_stored_once_or_rejected_correctly() {
    let desk = Fixture::new().await;
    let twins =
        "INSERT INTO critic (slug, name) VALUES ('two-1', 'Two of them'), ('two-2', 'Two of them')";
    desk.database().execute(twins).await;
    let other = other_film(&desk).await;
    let (mut shown, mut of_keys) = (HashSet::new(), HashMap::new());
    for round in 0..12 {
        let mut chance = TestRng::new(6, round);
        let inputs: Vec<_> = (0..24)
            .map(|_| random_input(&desk, &other, &mut chance))
            .collect();
        let writes = inputs.iter().cloned();
        let writes = writes.map(|input| desk.write("addReview", SELECTION, input));
        for (input, response) in inputs.iter().zip(join_all(writes).await) {
            let errors = codes(&response);
            let id = response["review"]["id"].as_str().map(str::to_owned);
            assert_eq!(id.is_some(), errors.is_empty(), "{response}");
            if let Some(key) = input["idempotencyKey"].as_str() {
                if errors == ["idempotencyKey KEY_REUSED"] {
                    continue;
                }
                // The first use of a key decides its result, also in an earlier round.
                let first = of_keys.entry(key.to_owned());
                let first = first.or_insert_with(|| (input.clone(), response.clone()));
                assert_eq!(*first, (input.clone(), response.clone()));
            }
            let wrong = certain_errors(input);
            if wrong.is_empty() {
                let possible: [&[&str]; 2] = [&[], &[" ALREADY_REVIEWED"]];
                assert!(
                    possible.contains(
                        &errors
                            .iter()
                            .map(String::as_str)
                            .collect::<Vec<_>>()
                            .as_slice()
                    ),
                    "{input}: {errors:?}"
                );
            } else {
                assert_eq!(errors, wrong, "{input}");
            }
            shown.extend(id);
        }
    }
    let count = "SELECT count(*)::text FROM review";
    assert_eq!(
        desk.database().texts(count).await,
        [shown.len().to_string()]
    );
    assert!(shown.len() > 30 && of_keys.len() == 12, "{shown:?}");
    assert!(transactions(&desk).await < shown.len());
    assert_recounted(&desk).await;
}

#[tokio::test]
async fn a_locked_film_does_not_block_reviews_of_others() {
    let desk = Fixture::new().await;
    let other = other_film(&desk).await;
    let holder = lock_film(&desk, "lamp-1999").await;
    let waiting = desk.wrong(
        "addReview",
        json!({ "film": desk.film, "byline": "Waits", "score": 2 }),
    );
    let others = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let begun = Instant::now();
        let others = (0..20).map(|score| {
            desk.wrong(
                "addReview",
                json!({ "film": other, "byline": "Goes", "score": score }),
            )
        });
        let others = join_all(others).await;
        // Not a performance test: a review that waits for the lock would time out after ten seconds.
        assert!(begun.elapsed() < Duration::from_secs(5));
        // The film is still locked here, and its review still waits.
        holder.rollback().await.unwrap();
        others
    };
    let (waited, others) = join(waiting, others).await;
    assert_eq!(waited, [""; 0]);
    assert!(others.iter().all(Vec::is_empty), "{others:?}");
    assert_recounted(&desk).await;
}

/// Returns the number of insertions of reviews that wait for a lock.
async fn waiting_insertions(desk: &Fixture) -> String {
    let sql = "SELECT count(*)::text FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO \"review\"%'";
    desk.database().texts(sql).await.concat()
}

#[tokio::test]
async fn equal_additions_get_their_own_results_despite_concurrent_deletions() {
    let desk = Fixture::new().await;
    let other = other_film(&desk).await;
    let old =
        json!({ "film": desk.film, "critic": { "id": desk.ann }, "excerpt": "Old", "score": 1 });
    assert_eq!(desk.wrong("addReview", old).await, [""; 0]);
    // Another transaction reviews the other film as Bob, so the group's insertion waits between the two equal reviews.
    let bob = desk.database().connect(1).begin().await.unwrap();
    let sql = "INSERT INTO review (film_id, critic_id, sentiment)
        SELECT film.id, critic.id, 'mixed' FROM film, critic WHERE title = 'Ferry' AND critic.slug = 'bob'";
    bob.execute_unprepared(sql).await.unwrap();
    let alike = |excerpt: &str| json!({ "film": desk.film, "critic": { "id": desk.ann }, "excerpt": excerpt, "score": 50 });
    let inputs = [
        alike("One"),
        json!({ "film": other, "critic": { "id": desk.bob }, "excerpt": "Bob", "score": 50 }),
        alike("Two"),
    ];
    let deletion = async {
        for _ in 0..1_000 {
            if waiting_insertions(&desk).await != "0" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let old = "DELETE FROM review WHERE excerpt = 'Old'";
        desk.database().execute(old).await;
        bob.commit().await.unwrap();
    };
    let (responses, ()) = join(add_together(&desk, &inputs), deletion).await;
    for (input, (response, _)) in inputs.iter().zip(&responses) {
        let shown = &response["review"]["excerpt"];
        let excerpt = input["excerpt"].as_str().unwrap();
        let stored = format!("SELECT excerpt FROM review WHERE excerpt = '{excerpt}'");
        let stored = desk.database().texts(&stored).await;
        if codes(response).is_empty() {
            assert_eq!(
                (shown, &stored[..]),
                (&input["excerpt"], &[excerpt.to_owned()][..])
            );
        } else {
            assert_eq!(
                (codes(response), stored),
                (vec![" ALREADY_REVIEWED".to_owned()], Vec::new())
            );
        }
    }
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

#[tokio::test]
async fn an_unconfirmed_group_commit_is_unknown_or_retried_with_a_key() {
    let desk = Fixture::new().await;
    let killed = killed_at_commit("review", "WHEN (NEW.byline = 'Fatal')");
    desk.database().execute(&killed).await;
    let input = |byline: &str| json!({ "film": desk.film, "byline": byline, "score": 50 });
    let fatal = desk.error_code(&desk.editor, "addReview", input("Fatal"));
    let bare = desk.error_code(&desk.editor, "addReview", input("Bare"));
    let keyed = merged(input("Keyed"), json!({ "idempotencyKey": "k" }));
    let keyed = desk.wrong("addReview", keyed);
    let ((fatal, bare), keyed) = during_first_addition(&desk, join(join(fatal, bare), keyed)).await;
    assert_eq!(keyed, [""; 0]);
    assert_eq!([fatal, bare], ["OUTCOME_UNKNOWN", "OUTCOME_UNKNOWN"]);
    let added = "SELECT string_agg(byline, ' ' ORDER BY byline) FROM review";
    assert_eq!(desk.database().texts(added).await, ["First Keyed"]);
}
