//! The fields that an update has changed, in its payload.

use serde_json::{Value, json};

use super::Fixture;

const SELECTION: &str = "changed userErrors { field code message }";

async fn changed(fixture: &Fixture, mutation: &str, input: Value) -> Value {
    let payload = fixture.write(mutation, SELECTION, input).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    payload["changed"].clone()
}

/// Some clients send null for every field that the program doesn't set.
#[tokio::test]
async fn nulls_that_remove_values_are_seen_in_the_payload() {
    let fixture = Fixture::new().await;
    let review = fixture
        .add_review(json!({ "score": 50, "excerpt": "Fine.", "reviewedOn": "1999-05-04", "url": "https://a.example/1" }))
        .await;
    let input = json!({
        "id": review["id"], "expectedVersion": null, "critic": null, "publication": null, "score": 70, "originalScore": null,
        "sentiment": null, "recommended": null, "topCritic": null, "byline": null, "excerpt": null, "url": null,
        "reviewedOn": null, "film": null, "idempotencyKey": null,
    });
    assert_eq!(
        changed(&fixture, "updateReview", input).await,
        json!([
            "CRITIC",
            "PUBLICATION",
            "SCORE",
            "BYLINE",
            "EXCERPT",
            "URL",
            "REVIEWED_ON"
        ])
    );
    // They are those of the revision.
    let id = review["id"].as_str().unwrap();
    let query = format!("{{ review(id: \"{id}\") {{ revisions {{ nodes {{ changed }} }} }} }}");
    assert_eq!(
        fixture.read(&query).await["review"]["revisions"]["nodes"][0]["changed"],
        json!([
            "CRITIC",
            "PUBLICATION",
            "SCORE",
            "BYLINE",
            "EXCERPT",
            "URL",
            "REVIEWED_ON"
        ])
    );
}

#[tokio::test]
async fn the_changed_fields_of_a_review_include_those_that_follow_from_others() {
    let fixture = Fixture::new().await;
    let review = fixture.add_review(json!({ "score": 50 })).await;
    let update = |more: Value| super::merged(json!({ "id": review["id"] }), more);
    for (input, expected) in [
        (
            json!({ "originalScore": "3/4" }),
            json!(["SCORE", "ORIGINAL_SCORE", "SCORE_RULE"]),
        ),
        (json!({ "originalScore": "3/4" }), json!([])),
        (json!({}), json!([])),
        (
            json!({ "excerpt": "New.", "recommended": true }),
            json!(["RECOMMENDED", "EXCERPT"]),
        ),
        (
            json!({ "topCritic": true, "sentiment": "POSITIVE" }),
            json!(["SENTIMENT", "TOP_CRITIC"]),
        ),
        (
            json!({ "critic": { "name": "Cleo" } }),
            json!(["CRITIC", "BYLINE"]),
        ),
    ] {
        assert_eq!(
            changed(&fixture, "updateReview", update(input.clone())).await,
            expected,
            "{input}"
        );
    }
    let refused = fixture
        .write("updateReview", SELECTION, update(json!({ "score": 101 })))
        .await;
    assert_eq!(refused["changed"], json!([]));
}

#[tokio::test]
async fn the_changed_fields_of_films_critics_and_publications_are_listed() {
    let fixture = Fixture::new().await;
    let film = |more: Value| super::merged(json!({ "id": fixture.film }), more);
    for (input, expected) in [
        (
            json!({ "year": null, "synopsis": null, "url": null, "directors": null }),
            json!(["YEAR"]),
        ),
        (
            json!({ "slug": "lamp", "title": "Lamps", "year": 2001, "releaseDate": "2001-02-03", "runtimeMinutes": 90,
                "directors": ["A"], "genres": ["B"], "synopsis": "C", "url": "https://d.example/",
                "countries": ["E"], "cast": ["F"], "alternativeTitles": [{ "title": "G" }], "poster": { "url": "https://h.example/" } }),
            json!([
                "SLUG",
                "TITLE",
                "YEAR",
                "RELEASE_DATE",
                "RUNTIME_MINUTES",
                "DIRECTORS",
                "GENRES",
                "SYNOPSIS",
                "URL",
                "COUNTRIES",
                "CAST",
                "ALTERNATIVE_TITLES",
                "POSTER"
            ]),
        ),
        (json!({ "title": " Lamps " }), json!([])),
    ] {
        assert_eq!(
            changed(&fixture, "updateFilm", film(input.clone())).await,
            expected,
            "{input}"
        );
    }
    let critic =
        json!({ "id": fixture.ann, "name": "Anna", "url": "https://a.example/", "slug": "ann" });
    assert_eq!(
        changed(&fixture, "updateCritic", critic).await,
        json!(["NAME", "URL"])
    );
    let critic = json!({ "id": fixture.ann, "url": null });
    assert_eq!(
        changed(&fixture, "updateCritic", critic).await,
        json!(["URL"])
    );
    let publication = json!({ "id": fixture.post, "weight": 2.5, "slug": "the-post" });
    assert_eq!(
        changed(&fixture, "updatePublication", publication).await,
        json!(["SLUG", "WEIGHT"])
    );
    let publication = json!({ "id": fixture.post, "weight": null });
    assert_eq!(
        changed(&fixture, "updatePublication", publication).await,
        json!(["WEIGHT"])
    );
}

#[tokio::test]
async fn a_retried_update_returns_the_fields_that_the_first_one_changed() {
    let fixture = Fixture::new().await;
    let review = fixture.add_review(json!({ "score": 50 })).await;
    let input = json!({ "id": review["id"], "score": 60, "idempotencyKey": "one" });
    for _ in 0..2 {
        assert_eq!(
            changed(&fixture, "updateReview", input.clone()).await,
            json!(["SCORE"])
        );
    }
    let input = json!({ "id": fixture.film, "year": 2000, "idempotencyKey": "two" });
    for _ in 0..2 {
        assert_eq!(
            changed(&fixture, "updateFilm", input.clone()).await,
            json!(["YEAR"])
        );
    }
    // An older version has stored no fields.
    let old = "UPDATE idempotency_key SET outcome = (outcome::jsonb #- '{Done,changed}' #- '{Done,previous_film}')::text";
    fixture.database().execute(old).await;
    let input = json!({ "id": review["id"], "score": 60, "idempotencyKey": "one" });
    assert_eq!(changed(&fixture, "updateReview", input).await, json!([]));
}
