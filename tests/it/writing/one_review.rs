//! A critic has one review of a film among those that were entered by hand, whatever the publication.

use std::time::Duration;

use futures_util::future::{join, join_all};
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};

use super::{Fixture, codes, merged};

const SELECTION: &str = "review { id } userErrors { field code message }";

/// Adds publications, and returns their ids.
async fn publications(fixture: &Fixture, count: usize) -> Vec<Value> {
    let sql = format!(
        "INSERT INTO publication (slug, name) SELECT 'paper-' || n, 'Paper ' || n FROM generate_series(1, {count}) AS n"
    );
    fixture.database().execute(&sql).await;
    let document = "{ publications(first: 100) { nodes { id } } }";
    let found = fixture.server.query(document).await;
    let nodes = found["publications"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["id"].clone()).collect()
}

async fn count(fixture: &Fixture) -> Vec<String> {
    let sql = "SELECT count(*)::text FROM review";
    fixture.database().texts(sql).await
}

#[tokio::test]
async fn of_200_concurrent_reviews_of_a_film_by_a_critic_one_is_added() {
    let fixture = Fixture::new().await;
    let papers = publications(&fixture, 20).await;
    let writes = (0..200).map(|number| {
        let mut input =
            json!({ "film": fixture.film, "critic": { "slug": "ann" }, "score": number % 100 });
        // Some have no publication.
        if let Some(paper) = papers.get(number % (papers.len() + 1)) {
            input["publication"] = json!({ "id": paper });
        }
        fixture.write("addReview", SELECTION, input)
    });
    let responses = join_all(writes).await;
    let added: Vec<_> = responses
        .iter()
        .filter(|response| codes(response).is_empty())
        .collect();
    assert_eq!(added.len(), 1, "{responses:?}");
    let id = added[0]["review"]["id"].as_str().unwrap();
    for response in &responses {
        if codes(response).is_empty() {
            continue;
        }
        assert_eq!(codes(response), [" ALREADY_REVIEWED"]);
        let message = response["userErrors"][0]["message"].as_str().unwrap();
        assert_eq!(
            message,
            format!(
                "the critic has already reviewed this film in review \"{id}\"; update or delete that review"
            )
        );
    }
    assert_eq!(count(&fixture).await, ["1"]);
}

#[tokio::test]
async fn a_review_of_another_film_or_critic_and_an_imported_one_are_added() {
    let fixture = Fixture::new().await;
    let moth = fixture.other_film("moth").await;
    fixture.add_review(json!({ "score": 50 })).await;
    fixture
        .add_review(json!({ "score": 50, "film": moth }))
        .await;
    fixture
        .add_review(json!({ "score": 50, "critic": { "slug": "bob" } }))
        .await;
    fixture
        .add_review(json!({ "score": 50, "critic": null, "byline": "Staff" }))
        .await;
    fixture
        .add_review(json!({ "score": 50, "critic": null, "byline": "Staff" }))
        .await;
    let page = "Generally favorable reviews - based on 1 Critic\n\nCritic score distribution:\n  1. Positive: 1 out of 1\n  2. Mixed: 0 out of 1\n  3. Negative: 0 out of 1\n\nCritic Reviews\n\n  1. 85\n    A lamp, lit.\n    Reviewed by Ann\n";
    let input = json!({ "film": { "id": fixture.film }, "text": page });
    let payload = fixture
        .write(
            "importPage",
            "reviews { added } lineErrors { message } userErrors { code message }",
            input,
        )
        .await;
    assert_eq!(payload["reviews"]["added"], 1, "{payload}");
    assert_eq!(count(&fixture).await, ["6"]);
}

/// Older reviews may have been added under another rule.
#[tokio::test]
async fn several_older_reviews_by_a_critic_can_be_changed() {
    let fixture = Fixture::new().await;
    let papers = publications(&fixture, 3).await;
    let review = fixture.add_review(json!({ "score": 50 })).await;
    fixture
        .database()
        .execute("INSERT INTO review (film_id, critic_id) SELECT film_id, critic_id FROM review")
        .await;
    let update = |more: Value| merged(json!({ "id": review["id"] }), more);
    for more in [
        json!({ "score": 60 }),
        json!({ "publication": { "id": papers[0] } }),
    ] {
        assert_eq!(
            fixture.user_errors("updateReview", update(more)).await,
            [""; 0]
        );
    }
    // The critic has a review without a publication.
    let errors = fixture
        .user_errors("updateReview", update(json!({ "publication": null })))
        .await;
    assert_eq!(errors, [" ALREADY_REVIEWED"]);
    let errors = fixture
        .user_errors(
            "updateReview",
            update(json!({ "critic": { "slug": "bob" } })),
        )
        .await;
    assert_eq!(errors, [""; 0]);
    let errors = fixture
        .user_errors(
            "updateReview",
            update(json!({ "critic": { "slug": "ann" } })),
        )
        .await;
    assert_eq!(errors, [" ALREADY_REVIEWED"]);
    let input = json!({ "id": review["id"], "version": 1 });
    assert_eq!(
        fixture.user_errors("restoreReview", input).await,
        [" ALREADY_REVIEWED"]
    );
}

#[tokio::test]
async fn critics_with_reviews_of_a_film_for_different_publications_are_not_merged() {
    let fixture = Fixture::new().await;
    let papers = publications(&fixture, 1).await;
    fixture.add_review(json!({ "score": 50 })).await;
    let other =
        json!({ "score": 50, "critic": { "slug": "bob" }, "publication": { "id": papers[0] } });
    fixture.add_review(other).await;
    let input = json!({ "from": fixture.ann, "into": fixture.bob });
    assert_eq!(
        fixture.user_errors("mergeCritics", input).await,
        ["from ALREADY_REVIEWED"]
    );
}

#[tokio::test]
async fn a_review_waits_for_a_merge_that_brings_another_one() {
    let fixture = Fixture::new().await;
    fixture.add_review(json!({ "score": 50 })).await;
    let connection = fixture.database().connect(1);
    let merge = connection.begin().await.unwrap();
    // The statements of `mergeCritics`.
    merge
        .execute_unprepared(
            "SELECT FROM critic ORDER BY id FOR UPDATE;
             UPDATE review SET critic_id = (SELECT id FROM critic WHERE slug = 'bob');
             DELETE FROM critic WHERE slug = 'ann'",
        )
        .await
        .unwrap();
    let input = json!({ "film": fixture.film, "critic": { "slug": "bob" }, "score": 60 });
    let commit = async {
        for _ in 0..1_000 {
            let waiting = "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
            if fixture.database().texts(waiting).await != ["0"] {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        merge.commit().await.unwrap();
    };
    let (errors, ()) = join(fixture.user_errors("addReview", input), commit).await;
    assert_eq!(errors, [" ALREADY_REVIEWED"]);
    connection.close().await.unwrap();
}
