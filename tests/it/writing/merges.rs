//! Merged critics and publications.

use serde_json::{Value, json};

use super::{Fixture, codes};

#[tokio::test]
async fn two_critics_are_merged() {
    let fixture = Fixture::new().await;
    let ann = fixture.ann_token().await;
    fixture.add_review(json!({ "score": 90 })).await;
    fixture.database()
        .execute("INSERT INTO critic_external_id SELECT 'rt', 'ann-of-rt', id FROM critic WHERE slug = 'ann'")
        .await;
    let selection = "critic { name reviews { totalCount } score(policy: {minimumReviews: 1}) { value } } mergedCriticId movedReviewCount
        userErrors { field code message }";
    let input = json!({ "from": fixture.ann, "into": fixture.bob });
    let payload = fixture
        .write("mergeCritics", selection, input.clone())
        .await;
    assert_eq!(
        payload,
        json!({
            "critic": { "name": "Bob", "reviews": { "totalCount": 1 }, "score": { "value": 90 } },
            "mergedCriticId": fixture.ann, "movedReviewCount": 1, "userErrors": [],
        })
    );
    let owner = "SELECT slug FROM critic JOIN critic_external_id ON critic_id = critic.id";
    assert_eq!(fixture.database().texts(owner).await, ["bob"]);
    // The merged critic's token now belongs to the remaining critic.
    let film = fixture.other_film("moth").await;
    let own = json!({ "film": film, "score": 10 });
    let added = fixture
        .write_as(&ann, "addReview", "review { critic { name } }", own)
        .await;
    assert_eq!(added["review"]["critic"]["name"], "Bob");
    let payload = fixture.write("mergeCritics", selection, input).await;
    assert_eq!(codes(&payload), ["from NOT_FOUND"]);
    let input = json!({ "from": fixture.bob, "into": fixture.bob });
    assert_eq!(
        fixture.user_errors("mergeCritics", input).await,
        ["into CONTRADICTION"]
    );
}

#[tokio::test]
async fn critics_who_both_reviewed_a_film_are_not_merged() {
    let fixture = Fixture::new().await;
    fixture.add_review(json!({ "score": 90 })).await;
    fixture
        .add_review(json!({ "score": 80, "critic": { "id": fixture.bob } }))
        .await;
    let selection = "mergedCriticId movedReviewCount userErrors { field code message }";
    let input = json!({ "from": fixture.ann, "into": fixture.bob });
    let payload = fixture.write("mergeCritics", selection, input).await;
    assert_eq!(codes(&payload), ["from ALREADY_REVIEWED"]);
    assert!(
        payload["userErrors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("\"Lamp\"")
    );
    assert_eq!(payload["mergedCriticId"], Value::Null);
    assert_eq!(
        fixture
            .database()
            .texts("SELECT count(*)::text FROM critic")
            .await,
        ["2"]
    );
    let input = json!({ "name": "Poste" });
    let payload = fixture
        .write("addPublication", "publication { id }", input)
        .await;
    let other = &payload["publication"]["id"];
    // An older review, from before a critic had only one of each film.
    fixture
        .database()
        .execute(
            "INSERT INTO review (film_id, critic_id, publication_id) SELECT 1, critic.id, publication.id
             FROM critic, publication WHERE critic.slug = 'ann' AND publication.slug = 'poste'",
        )
        .await;
    let input = json!({ "from": other, "into": fixture.post });
    assert_eq!(
        fixture.user_errors("mergePublications", input).await,
        ["from ALREADY_REVIEWED"]
    );
}

#[tokio::test]
async fn two_publications_are_merged_and_the_weight_applies() {
    let fixture = Fixture::new().await;
    let input = json!({ "name": "Poste", "weight": 2 });
    let payload = fixture
        .write("addPublication", "publication { id }", input)
        .await;
    let other = payload["publication"]["id"].clone();
    fixture.add_review(json!({ "score": 90 })).await;
    fixture
        .add_review(
            json!({ "score": 30, "critic": { "id": fixture.bob }, "publication": { "id": other } }),
        )
        .await;
    let input = json!({ "from": other, "into": fixture.post });
    let payload = fixture
        .write(
            "mergePublications",
            "publication { reviews { totalCount } } movedReviewCount userErrors { code }",
            input,
        )
        .await;
    assert_eq!(
        payload,
        json!({ "publication": { "reviews": { "totalCount": 2 } }, "movedReviewCount": 1, "userErrors": [] })
    );
    let score = fixture
        .server
        .query(
            r#"{ film(by: {slug: "lamp-1999"}) { score(policy: {minimumReviews: 1}) { value } } }"#,
        )
        .await;
    assert_eq!(score["film"]["score"]["value"], 60);
}
