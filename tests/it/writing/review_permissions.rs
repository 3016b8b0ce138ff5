//! The reviews that a critic may write.

use serde_json::json;

use super::{Fixture, codes, merged};

#[tokio::test]
async fn a_critic_adds_their_own_reviews_only() {
    let fixture = Fixture::new().await;
    let ann = fixture.ann_token().await;
    // The critic defaults to the owner of the token.
    let own = json!({ "film": fixture.film, "score": 80, "publication": { "slug": "post" } });
    let added = fixture
        .write_as(
            &ann,
            "addReview",
            "review { id critic { name } } userErrors { code }",
            own,
        )
        .await;
    assert_eq!(added["review"]["critic"]["name"], "Ann");
    for forbidden in [
        json!({ "critic": { "id": fixture.bob } }),
        json!({ "critic": { "name": "Somebody New" } }),
        json!({ "topCritic": true }),
    ] {
        let input = merged(json!({ "film": fixture.film, "score": 80 }), forbidden);
        let code = fixture.error_code(&ann, "addReview", input).await;
        assert_eq!(code, "FORBIDDEN");
    }
    // Only editors may add a publication.
    let film = fixture.other_film("moth").await;
    let new = json!({ "film": film, "score": 80, "publication": { "name": "New" } });
    let payload = fixture
        .write_as(&ann, "addReview", "userErrors { field code message }", new)
        .await;
    assert_eq!(codes(&payload), ["publication NOT_FOUND"]);
    let publications = "SELECT name FROM publication";
    assert_eq!(fixture.database().texts(publications).await, ["Post"]);
    let critics = "SELECT name FROM critic JOIN review ON critic.id = critic_id ORDER BY name";
    assert_eq!(fixture.database().texts(critics).await, ["Ann"]);
}

#[tokio::test]
async fn a_critic_changes_their_own_reviews_only() {
    let fixture = Fixture::new().await;
    let ann = fixture.ann_token().await;
    let own = fixture.add_review(json!({ "score": 80 })).await["id"].take();
    let bobs = json!({ "film": fixture.film, "score": 80, "critic": { "id": fixture.bob } });
    let payload = fixture.write("addReview", "review { id }", bobs).await;
    let foreign = &payload["review"]["id"];
    for (mutation, input) in [
        ("updateReview", json!({ "id": foreign, "score": 1 })),
        ("deleteReview", json!({ "id": foreign })),
        // Nor may a critic assign a review to another critic, or to none.
        (
            "updateReview",
            json!({ "id": own, "critic": { "id": fixture.bob } }),
        ),
        ("updateReview", json!({ "id": own, "critic": null })),
    ] {
        let code = fixture.error_code(&ann, mutation, input).await;
        assert_eq!(code, "FORBIDDEN");
    }
    let critics = "SELECT name FROM critic JOIN review ON critic.id = critic_id ORDER BY name";
    assert_eq!(fixture.database().texts(critics).await, ["Ann", "Bob"]);
}
