//! Updates and deletions of reviews.

use serde_json::{Value, json};

use super::{Fixture, codes};

#[tokio::test]
async fn an_update_sets_given_fields_and_null_clears_them() {
    let fixture = Fixture::new().await;
    let review = fixture
        .add_review(json!({ "originalScore": "B+", "excerpt": "Old.", "reviewedOn": "1999-05-04", "recommended": true }))
        .await;
    let selection = "review { version score originalScore scoreRule excerpt reviewedOn recommended byline critic { name } publication { name } }
        film { score(policy: {minimumReviews: 1}) { value } } userErrors { field code message }";
    let input = json!({
        "id": review["id"], "expectedVersion": 1, "originalScore": "2/4", "excerpt": "New.", "reviewedOn": null,
        "publication": { "name": "Herald" },
    });
    let payload = fixture.write("updateReview", selection, input).await;
    assert_eq!(
        payload,
        json!({
            "review": {
                "version": 2, "score": 50, "originalScore": "2/4", "scoreRule": "FRACTION", "excerpt": "New.", "reviewedOn": null,
                "recommended": true, "byline": "Ann", "critic": { "name": "Ann" }, "publication": { "name": "Herald" },
            },
            "film": { "score": { "value": 50 } },
            "userErrors": [],
        })
    );
    // An update without changes adds no version.
    let input = json!({ "id": review["id"], "expectedVersion": 2, "excerpt": " New. ", "publication": { "slug": "herald" } });
    let payload = fixture.write("updateReview", selection, input).await;
    assert_eq!(payload["review"]["version"], 2);
    let input = json!({ "id": review["id"], "publication": null, "critic": { "id": fixture.bob }, "score": null, "originalScore": null });
    let payload = fixture.write("updateReview", selection, input).await;
    assert_eq!(payload["review"]["publication"], Value::Null);
    assert_eq!(payload["review"]["critic"]["name"], "Bob");
    assert_eq!(payload["review"]["score"], Value::Null);
}

#[tokio::test]
async fn an_original_score_is_read_again_when_the_score_is_null() {
    let fixture = Fixture::new().await;
    let review = fixture.add_review(json!({ "originalScore": "★★★½" })).await;
    let database = fixture.database();
    let change = "UPDATE site_rules SET stars_out_of = 5";
    fixture
        .server
        .after_notification(|| database.execute(change))
        .await;
    let selection = "changed review { score } userErrors { field code message }";
    let id = &review["id"];
    // The same text alone changes nothing.
    let input = json!({ "id": id, "originalScore": "★★★½" });
    let payload = fixture.write("updateReview", selection, input).await;
    assert_eq!(payload["review"]["score"], 88, "{payload}");
    let input = json!({ "id": id, "originalScore": "★★★½", "score": null });
    let payload = fixture.write("updateReview", selection, input).await;
    assert_eq!(
        payload,
        json!({ "changed": ["SCORE"], "review": { "score": 70 }, "userErrors": [] })
    );
    // A message about a scale names the rule of the site.
    for (text, rule) in [
        ("6 stars", "more than 5 stars; the site rule `starsOutOf`"),
        ("7", "a bare number; the site rule `bareScoresOutOf`"),
    ] {
        let input = json!({ "id": id, "originalScore": text });
        let payload = fixture.write("updateReview", selection, input).await;
        assert_eq!(codes(&payload), ["originalScore INVALID"]);
        let message = payload["userErrors"][0]["message"].as_str().unwrap();
        assert!(message.contains(rule), "{message}");
    }
}

#[tokio::test]
async fn a_stale_update_is_rejected_and_shows_the_current_review() {
    let fixture = Fixture::new().await;
    let review = fixture.add_review(json!({ "score": 50 })).await;
    let update = |score: i32| json!({ "id": review["id"], "expectedVersion": 1, "score": score });
    let selection = "review { version score } userErrors { field code message }";
    let first = fixture.write("updateReview", selection, update(60)).await;
    assert_eq!(first["review"], json!({ "version": 2, "score": 60 }));
    // All errors are reported, the stale version among them.
    let late = fixture.write("updateReview", selection, update(101)).await;
    assert_eq!(
        codes(&late),
        ["expectedVersion STALE", "score OUT_OF_RANGE"]
    );
    assert_eq!(late["review"], json!({ "version": 2, "score": 60 }));
    let late = json!({ "id": review["id"], "expectedVersion": 1 });
    let late = fixture
        .write(
            "deleteReview",
            "deletedReviewId review { version } userErrors { field code message }",
            late,
        )
        .await;
    assert_eq!(codes(&late), ["expectedVersion STALE"]);
    assert_eq!(late["review"]["version"], 2);
    assert_eq!(late["deletedReviewId"], Value::Null);
}

#[tokio::test]
async fn a_deleted_review_leaves_the_score_and_has_a_revision() {
    let fixture = Fixture::new().await;
    let review = fixture.add_review(json!({ "score": 50 })).await;
    let selection = "deletedReviewId review { id } film { score { reviewCount } } userErrors { field code message }";
    let input = json!({ "id": review["id"], "expectedVersion": 1 });
    let payload = fixture
        .write("deleteReview", selection, input.clone())
        .await;
    assert_eq!(
        payload,
        json!({
            "deletedReviewId": review["id"], "review": null, "film": { "score": { "reviewCount": 0 } }, "userErrors": [],
        })
    );
    let again = fixture.write("deleteReview", selection, input).await;
    assert_eq!(codes(&again), ["id NOT_FOUND"]);
    let revision = "SELECT concat_ws(' ', score, operation, replaced_by LIKE 'editor (token %)') FROM review_revision";
    assert_eq!(fixture.database().texts(revision).await, ["50 deleted t"]);
}
