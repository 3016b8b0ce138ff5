//! The bylines of reviews.

use serde_json::{Value, json};

use super::{Fixture, codes, merged};

#[tokio::test]
async fn a_byline_can_not_be_the_name_of_another_critic() {
    let fixture = Fixture::new().await;
    fixture.allow_more_reviews().await;
    fixture
        .database()
        .execute("INSERT INTO critic (slug, name) VALUES ('ann-2', 'ANN'), ('cleo', 'Cléo')")
        .await;
    let selection = "userErrors { field code message candidates { slug } }";
    let add = |input| merged(json!({ "film": fixture.film, "score": 50 }), input);
    for (critic, byline, other) in [
        (json!({ "id": fixture.ann }), "Bob", Some("bob")),
        (json!({ "id": fixture.ann }), " bOB", Some("bob")),
        (json!({ "slug": "bob" }), "CLE\u{301}O", Some("cleo")),
        (json!({ "name": "Somebody New" }), "bob", Some("bob")),
        (
            json!({ "named": { "name": "Bob", "create": true } }),
            "bob",
            None,
        ),
        (json!({ "id": fixture.ann }), "ann", None),
        (json!({ "id": fixture.bob }), "Bob of the Post", None),
        (Value::Null, "Bob", None),
    ] {
        let input = add(json!({ "critic": critic, "byline": byline }));
        let payload = fixture.write("addReview", selection, input).await;
        match other {
            Some(slug) => {
                assert_eq!(codes(&payload), ["byline CONTRADICTION"], "{byline}");
                let candidates = &payload["userErrors"][0]["candidates"];
                assert_eq!(candidates, &json!([{ "slug": slug }]));
            }
            None => assert_eq!(codes(&payload), [""; 0], "{byline}"),
        }
    }
    let ann = fixture.ann_token().await;
    let own = json!({ "film": fixture.film, "score": 50, "publication": { "slug": "post" }, "byline": "Bob" });
    let payload = fixture.write_as(&ann, "addReview", selection, own).await;
    assert_eq!(codes(&payload), ["byline CONTRADICTION"]);
}

#[tokio::test]
async fn the_byline_follows_the_critic() {
    let fixture = Fixture::new().await;
    let review = fixture.add_review(json!({ "score": 80 })).await["id"].take();
    let selection = "review { byline } changed userErrors { field code message }";
    let bob = json!({ "id": fixture.bob });
    for (input, byline, changed) in [
        (json!({ "byline": null }), "Ann", json!([])),
        (json!({ "critic": bob }), "Bob", json!(["CRITIC", "BYLINE"])),
        (
            json!({ "byline": "B. of the Post" }),
            "B. of the Post",
            json!(["BYLINE"]),
        ),
        (
            json!({ "critic": { "id": fixture.ann } }),
            "B. of the Post",
            json!(["CRITIC"]),
        ),
        (
            json!({ "critic": bob, "byline": null }),
            "Bob",
            json!(["CRITIC", "BYLINE"]),
        ),
        (
            json!({ "critic": { "name": "New" } }),
            "New",
            json!(["CRITIC", "BYLINE"]),
        ),
        (json!({ "critic": null }), "New", json!(["CRITIC"])),
        (json!({ "byline": null }), "", json!(["BYLINE"])),
        (json!({ "critic": bob }), "Bob", json!(["CRITIC", "BYLINE"])),
    ] {
        let update = merged(json!({ "id": review }), input.clone());
        let payload = fixture.write("updateReview", selection, update).await;
        assert_eq!(codes(&payload), [""; 0], "{input}");
        assert_eq!(payload["review"]["byline"], byline, "{input}");
        assert_eq!(payload["changed"], changed, "{input}");
    }
    for input in [
        json!({ "byline": "ANN" }),
        json!({ "byline": "bob", "critic": { "id": fixture.ann } }),
        json!({ "byline": "Ann", "critic": { "name": "Newer" } }),
    ] {
        let update = merged(json!({ "id": review }), input);
        assert_eq!(
            fixture.user_errors("updateReview", update).await,
            ["byline CONTRADICTION"]
        );
    }
    // A critic who takes a name later changes no byline, and the review can still be updated.
    let update = json!({ "id": review, "byline": "Robert" });
    assert_eq!(fixture.user_errors("updateReview", update).await, [""; 0]);
    let renamed = json!({ "id": fixture.ann, "name": "Robert" });
    assert_eq!(fixture.user_errors("updateCritic", renamed).await, [""; 0]);
    let update = json!({ "id": review, "score": 10 });
    let payload = fixture.write("updateReview", selection, update).await;
    assert_eq!(payload["review"]["byline"], "Robert");
}

#[tokio::test]
async fn a_restored_review_has_a_byline() {
    let fixture = Fixture::new().await;
    let review = fixture.add_review(json!({ "score": 80 })).await["id"].take();
    fixture
        .database()
        .execute("UPDATE review SET byline = NULL; UPDATE review SET byline = 'x', score = 70")
        .await;
    let selection = "review { byline score } userErrors { field code message }";
    let restore = json!({ "id": review, "version": 2 });
    let payload = fixture
        .write("restoreReview", selection, restore.clone())
        .await;
    assert_eq!(payload["review"], json!({ "byline": "Ann", "score": 80 }));
    assert_eq!(
        fixture
            .user_errors("deleteReview", json!({ "id": review }))
            .await,
        [""; 0]
    );
    let payload = fixture.write("restoreReview", selection, restore).await;
    assert_eq!(payload["review"], json!({ "byline": "Ann", "score": 80 }));
}
