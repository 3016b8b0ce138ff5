//! Deleted reviews that are restored: their critic and publication, and the number of statements.

use serde_json::{Value, json};

use super::{delete, restore, update};
use crate::writing::{Fixture, codes, merged, request};

/// Adds reviews by Ann for the Post, each with two versions, and deletes them.
async fn add_deleted_reviews(fixture: &Fixture, count: usize) -> Vec<Value> {
    let mut reviews = Vec::new();
    for _ in 0..count {
        let review = fixture.add_review(json!({ "score": 50 })).await;
        update(fixture, &review, json!({ "score": 60 })).await;
        delete(fixture, &review).await;
        reviews.push(review);
    }
    reviews
}

#[tokio::test]
async fn a_deleted_review_is_restored_without_a_critic_or_a_publication_that_was_deleted_since() {
    for is_critic in [true, false] {
        let fixture = Fixture::new().await;
        let reviews = add_deleted_reviews(&fixture, 3).await;
        let (mutation, id, missing) = if is_critic {
            ("deleteCritic", &fixture.ann, "CRITIC")
        } else {
            ("deletePublication", &fixture.post, "PUBLICATION")
        };
        let input = json!({ "id": id });
        assert_eq!(fixture.user_errors(mutation, input).await, [""; 0]);
        // The last state without and with its version, and an earlier one.
        let cases = [
            (json!({}), 60, json!([missing])),
            (json!({ "version": 2 }), 60, json!([missing])),
            (json!({ "version": 1 }), 50, json!([missing, "SCORE"])),
        ];
        for (review, (input, score, changed)) in reviews.iter().zip(cases) {
            let restored = restore(&fixture, review, input).await;
            assert_eq!(codes(&restored), [""; 0]);
            assert_eq!(restored["changed"], changed);
            let (critic, publication) = if is_critic {
                (Value::Null, json!({ "name": "Post" }))
            } else {
                (json!({ "name": "Ann" }), Value::Null)
            };
            let expected = json!({
                "id": review["id"], "version": 3, "score": score, "originalScore": null, "excerpt": null,
                "byline": "Ann", "critic": critic, "publication": publication, "film": { "slug": "lamp-1999" },
            });
            assert_eq!(restored["review"], expected);
            // The next one would duplicate it.
            delete(&fixture, review).await;
        }
    }
}

#[tokio::test]
async fn a_restored_review_costs_few_statements() {
    let fixture = Fixture::new().await;
    let reviews = add_deleted_reviews(&fixture, 2).await;
    // The look-up of the token; BEGIN with the actor, the review, its last revision, the film with the critic and the
    // publication, the duplicates, the review, COMMIT; and then the review and the film in one round trip.
    let cases = [json!({}), json!({ "version": 2 })];
    for (review, more) in reviews.iter().zip(cases) {
        let input = merged(json!({ "id": review["id"] }), more);
        let selection = "review { id score } film { score { value } } userErrors { code }";
        let request = request("restoreReview", selection, &input);
        let response = fixture.server.send_as(&fixture.editor, request).await;
        assert_eq!(
            response.body["data"]["restoreReview"]["userErrors"],
            json!([])
        );
        assert_eq!(response.cost, Some((10, 9)));
        delete(&fixture, review).await;
    }
}
