//! Merged critics and publications.

use serde_json::{Value, json};

use super::{Fixture, codes};

#[tokio::test]
async fn two_critics_are_merged() {
    let desk = Fixture::new().await;
    let ann = desk.ann_token().await;
    desk.add_review(json!({ "score": 90 })).await;
    desk.database()
        .execute("INSERT INTO critic_external_id SELECT 'rt', 'ann-of-rt', id FROM critic WHERE slug = 'ann'")
        .await;
    let selection = "critic { name reviews { totalCount } score(policy: {minimumReviews: 1}) { value } } mergedCriticId movedReviewCount
        userErrors { field code message }";
    let input = json!({ "from": desk.ann, "into": desk.bob });
    let payload = desk.write("mergeCritics", selection, input.clone()).await;
    assert_eq!(
        payload,
        json!({
            "critic": { "name": "Bob", "reviews": { "totalCount": 1 }, "score": { "value": 90 } },
            "mergedCriticId": desk.ann, "movedReviewCount": 1, "userErrors": [],
        })
    );
    let owner = "SELECT slug FROM critic JOIN critic_external_id ON critic_id = critic.id";
    assert_eq!(desk.database().texts(owner).await, ["bob"]);
    // The merged critic's token now belongs to the remaining critic.
    let own = json!({ "film": desk.film, "score": 10 });
    let added = desk
        .write_as(&ann, "addReview", "review { critic { name } }", own)
        .await;
    assert_eq!(added["review"]["critic"]["name"], "Bob");
    let payload = desk.write("mergeCritics", selection, input).await;
    assert_eq!(codes(&payload), ["from NOT_FOUND"]);
    let input = json!({ "from": desk.bob, "into": desk.bob });
    assert_eq!(
        desk.wrong("mergeCritics", input).await,
        ["into CONTRADICTION"]
    );
}

#[tokio::test]
async fn critics_who_both_reviewed_a_film_are_not_merged() {
    let desk = Fixture::new().await;
    desk.add_review(json!({ "score": 90 })).await;
    desk.add_review(json!({ "score": 80, "critic": { "id": desk.bob } }))
        .await;
    let selection = "mergedCriticId movedReviewCount userErrors { field code message }";
    let input = json!({ "from": desk.ann, "into": desk.bob });
    let payload = desk.write("mergeCritics", selection, input).await;
    assert_eq!(codes(&payload), ["from ALREADY_REVIEWED"]);
    assert!(
        payload["userErrors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("\"Lamp\"")
    );
    assert_eq!(payload["mergedCriticId"], Value::Null);
    assert_eq!(
        desk.database()
            .texts("SELECT count(*)::text FROM critic")
            .await,
        ["2"]
    );
    let input = json!({ "name": "Poste" });
    let payload = desk
        .write("addPublication", "publication { id }", input)
        .await;
    let other = &payload["publication"]["id"];
    desk.add_review(json!({ "score": 70, "publication": { "id": other } }))
        .await;
    let input = json!({ "from": other, "into": desk.post });
    assert_eq!(
        desk.wrong("mergePublications", input).await,
        ["from ALREADY_REVIEWED"]
    );
}

#[tokio::test]
async fn two_publications_are_merged_and_the_weight_applies() {
    let desk = Fixture::new().await;
    let input = json!({ "name": "Poste", "weight": 2 });
    let payload = desk
        .write("addPublication", "publication { id }", input)
        .await;
    let other = payload["publication"]["id"].clone();
    desk.add_review(json!({ "score": 90 })).await;
    desk.add_review(
        json!({ "score": 30, "critic": { "id": desk.bob }, "publication": { "id": other } }),
    )
    .await;
    let input = json!({ "from": other, "into": desk.post });
    let payload = desk
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
    let score = desk
        .server
        .query(
            r#"{ film(by: {slug: "lamp-1999"}) { score(policy: {minimumReviews: 1}) { value } } }"#,
        )
        .await;
    assert_eq!(score["film"]["score"]["value"], 60);
}
