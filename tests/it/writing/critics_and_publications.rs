//! Mutations of critics and publications.

use serde_json::json;

use super::{Fixture, codes};

#[tokio::test]
async fn critics_are_added_once_and_updated_partially() {
    let fixture = Fixture::new().await;
    let payload = fixture
        .write(
            "addCritic",
            "critic { slug name url version } userErrors { code }",
            json!({ "name": " Zoë ", "url": "https://z.example" }),
        )
        .await;
    assert_eq!(
        payload["critic"],
        json!({ "slug": "zoe", "name": "Zoë", "url": "https://z.example", "version": 1 })
    );
    assert_eq!(
        fixture
            .user_errors("addCritic", json!({ "name": "Zoe\u{308}" }))
            .await,
        ["name ALREADY_EXISTS"]
    );
    assert_eq!(
        fixture
            .user_errors(
                "addCritic",
                json!({ "name": "Zoë", "slug": "zoe-of-the-post" })
            )
            .await,
        [""; 0]
    );
    let input = json!({ "id": fixture.ann, "expectedVersion": 1, "name": "Anne", "slug": "bob" });
    assert_eq!(
        fixture.user_errors("updateCritic", input).await,
        ["slug ALREADY_EXISTS"]
    );
    let input = json!({ "id": fixture.ann, "expectedVersion": 1, "name": "Anne", "slug": "anne" });
    let payload = fixture
        .write(
            "updateCritic",
            "critic { name slug version } userErrors { code }",
            input,
        )
        .await;
    assert_eq!(
        payload["critic"],
        json!({ "name": "Anne", "slug": "anne", "version": 2 })
    );
}

#[tokio::test]
async fn publications_are_added_with_a_valid_weight() {
    let fixture = Fixture::new().await;
    assert_eq!(
        fixture
            .user_errors("addPublication", json!({ "name": "", "weight": 0.005 }))
            .await,
        ["name BLANK", "weight OUT_OF_RANGE"]
    );
    let payload = fixture
        .write(
            "addPublication",
            "publication { slug weight } userErrors { code }",
            json!({ "name": "Times", "weight": 1.25 }),
        )
        .await;
    assert_eq!(
        payload["publication"],
        json!({ "slug": "times", "weight": 1.25 })
    );
}

#[tokio::test]
async fn a_new_weight_takes_effect_immediately() {
    let fixture = Fixture::new().await;
    fixture.add_review(json!({ "score": 90 })).await;
    fixture.add_review(
        json!({ "score": 30, "critic": { "id": fixture.bob }, "publication": { "name": "Herald" } }),
    )
    .await;
    let input = json!({ "id": fixture.post, "weight": 3 });
    fixture
        .write(
            "updatePublication",
            "publication { weight } userErrors { code }",
            input,
        )
        .await;
    let document = r#"{ film(by: {slug: "lamp-1999"}) { score(policy: {minimumReviews: 1}) { value } } reviews { nodes { version } } }"#;
    let response = fixture.server.query(document).await;
    assert_eq!(response["film"]["score"]["value"], 75);
    // The publication has a new version, but not its reviews.
    assert_eq!(
        response["reviews"]["nodes"],
        json!([{ "version": 1 }, { "version": 1 }])
    );
}

#[tokio::test]
async fn reviews_of_a_deleted_critic_retain_the_name() {
    let fixture = Fixture::new().await;
    fixture
        .add_review(json!({ "score": 90, "byline": "A. of the Post" }))
        .await;
    fixture.database()
        .execute("INSERT INTO review (film_id, critic_id, sentiment) SELECT film.id, critic.id, 'mixed' FROM film, critic WHERE critic.slug = 'ann'")
        .await;
    let selection =
        "deletedCriticId detachedReviewCount critic { name } userErrors { field code message }";
    let payload = fixture
        .write("deleteCritic", selection, json!({ "id": fixture.ann }))
        .await;
    assert_eq!(codes(&payload), ["detachReviews IN_USE"]);
    assert_eq!(payload["critic"]["name"], "Ann");
    let input = json!({ "id": fixture.ann, "detachReviews": true });
    let payload = fixture.write("deleteCritic", selection, input).await;
    assert_eq!(
        payload,
        json!({ "deletedCriticId": fixture.ann, "detachedReviewCount": 2, "critic": null, "userErrors": [] })
    );
    let response = fixture
        .server
        .query("{ reviews { nodes { byline critic { name } } } }")
        .await;
    assert_eq!(
        response["reviews"]["nodes"],
        json!([{ "byline": "A. of the Post", "critic": null }, { "byline": "Ann", "critic": null }])
    );
}

#[tokio::test]
async fn a_publication_is_not_deleted_if_that_would_duplicate_a_review() {
    let fixture = Fixture::new().await;
    fixture.add_review(json!({ "score": 90 })).await;
    // An older review, from before a critic had only one of each film.
    fixture
        .database()
        .execute("INSERT INTO review (film_id, critic_id) SELECT film_id, critic_id FROM review")
        .await;
    let input = json!({ "id": fixture.post, "detachReviews": true });
    assert_eq!(
        fixture.user_errors("deletePublication", input).await,
        ["id IN_USE"]
    );
    assert_eq!(
        fixture
            .database()
            .texts("SELECT count(*)::text FROM publication")
            .await,
        ["1"]
    );
}
