//! Additions of reviews.

use serde_json::{Value, json};

use super::{Fixture, merged};

/// Asserts the numbers of stored reviews and critics.
async fn assert_counts(fixture: &Fixture, reviews: &str, critics: &str) {
    let database = fixture.database();
    let count = database.texts("SELECT count(*)::text FROM review").await;
    assert_eq!(count, [reviews]);
    let count = database.texts("SELECT count(*)::text FROM critic").await;
    assert_eq!(count, [critics]);
}

#[tokio::test]
async fn adding_a_review_returns_it_and_the_new_score_of_the_film() {
    let fixture = Fixture::new().await;
    let input = json!({
        "film": fixture.film, "critic": { "id": fixture.ann }, "publication": { "slug": "post" }, "originalScore": "3.5/5",
        "recommended": true, "topCritic": true, "excerpt": " A fine\r\nlamp. ", "url": "https://post.example/lamp",
        "reviewedOn": "1999-05-04",
    });
    let selection = "review { byline score originalScore scoreRule sentiment recommended topCritic excerpt url reviewedOn version
        critic { name } publication { name } revisions { totalCount } }
        film { title score(policy: {minimumReviews: 1}) { value reviewCount } scoreDistribution { positive { label } } } userErrors { code }";
    let payload = fixture.write("addReview", selection, input).await;
    assert_eq!(
        payload,
        json!({
            "review": {
                "byline": "Ann", "score": 70, "originalScore": "3.5/5", "scoreRule": "FRACTION", "sentiment": "POSITIVE",
                "recommended": true, "topCritic": true, "excerpt": "A fine\nlamp.", "url": "https://post.example/lamp",
                "reviewedOn": "1999-05-04", "version": 1, "critic": { "name": "Ann" }, "publication": { "name": "Post" },
                "revisions": { "totalCount": 0 },
            },
            "film": {
                "title": "Lamp", "score": { "value": 70, "reviewCount": 1 },
                "scoreDistribution": { "positive": { "label": "1 out of 1" } },
            },
            "userErrors": [],
        })
    );
}

#[tokio::test]
async fn a_sentiment_or_a_recommendation_without_a_score_is_enough() {
    let fixture = Fixture::new().await;
    for (judgement, sentiment) in [
        (
            json!({ "sentiment": "MIXED", "publication": { "name": "One" } }),
            "MIXED",
        ),
        (
            json!({ "recommended": false, "publication": { "name": "Two" }, "critic": { "slug": "bob" } }),
            "NEGATIVE",
        ),
    ] {
        let input = merged(
            json!({ "film": fixture.film, "critic": { "id": fixture.ann } }),
            judgement,
        );
        let payload = fixture
            .write(
                "addReview",
                "review { score sentiment publication { slug } }",
                input,
            )
            .await;
        assert_eq!(payload["review"]["sentiment"], sentiment);
        assert_eq!(payload["review"]["score"], Value::Null);
    }
}

#[tokio::test]
async fn all_errors_are_reported_together() {
    let fixture = Fixture::new().await;
    fixture.add_review(json!({ "score": 50 })).await;
    let user_errors = fixture
        .user_errors(
            "addReview",
            json!({
                "film": "bm9uZQ", "critic": { "slug": "nobody" }, "publication": { "id": fixture.film }, "score": 101,
                "originalScore": "x".repeat(201), "byline": "a\u{7}b", "excerpt": "a\u{0}", "url": "ftp://a",
            }),
        )
        .await;
    assert_eq!(
        user_errors,
        [
            "film NOT_FOUND",
            "publication.id NOT_FOUND",
            "score OUT_OF_RANGE",
            "originalScore TOO_LONG",
            "byline INVALID",
            "excerpt INVALID",
            "url INVALID",
            "critic.slug NOT_FOUND",
        ]
    );
    assert_counts(&fixture, "1", "2").await;
}

#[tokio::test]
async fn an_inconsistent_review_is_rejected() {
    let fixture = Fixture::new().await;
    let film = &fixture.film;
    // Errors that need the database are reported with those of the input.
    fixture.add_review(json!({ "score": 50 })).await;
    let input = json!({ "film": film, "critic": { "id": fixture.ann }, "publication": { "id": fixture.post }, "score": -1 });
    let existing = fixture.user_errors("addReview", input).await;
    assert_eq!(existing, ["score OUT_OF_RANGE", " ALREADY_REVIEWED"]);
    let input = json!({ "film": film, "critic": { "name": "\u{3000} " } });
    let blank = fixture.user_errors("addReview", input).await;
    assert_eq!(blank, ["critic.name BLANK", " BLANK"]);
    let input =
        json!({ "film": film, "score": 30, "originalScore": "4/5", "sentiment": "POSITIVE" });
    let contradiction = fixture.user_errors("addReview", input).await;
    assert_eq!(contradiction, ["score CONTRADICTION"]);
    assert_counts(&fixture, "1", "2").await;
}

#[tokio::test]
async fn a_name_finds_or_adds_and_its_spellings_match() {
    let fixture = Fixture::new().await;
    let add = async |publication: &str, critic: &str| {
        let input = json!({
            "film": fixture.film, "critic": { "name": critic }, "publication": { "name": publication }, "score": 60,
        });
        fixture
            .write(
                "addReview",
                "review { critic { slug } publication { slug } } userErrors { code }",
                input,
            )
            .await
    };
    let first = add("Le Monde", "Rene\u{301}e").await;
    assert_eq!(first["review"]["critic"]["slug"], "renee");
    // The same critic's review of the same film, for the same publication or another one.
    for publication in ["Le Monde", "La Croix"] {
        let again = add(publication, " Renée ").await;
        assert_eq!(again["userErrors"], json!([{ "code": "ALREADY_REVIEWED" }]));
    }
    fixture
        .database()
        .execute("INSERT INTO critic (slug, name) VALUES ('ann-2', 'Ann')")
        .await;
    let ambiguous = fixture
        .user_errors(
            "addReview",
            json!({ "film": fixture.film, "critic": { "name": "Ann" }, "score": 60 }),
        )
        .await;
    assert_eq!(ambiguous, ["critic.name AMBIGUOUS"]);
}

#[tokio::test]
async fn each_mutation_costs_few_statements() {
    let fixture = Fixture::new().await;
    let input = json!({ "film": fixture.film, "critic": { "id": fixture.ann }, "publication": { "id": fixture.post }, "score": 50 });
    let selection = "review { id score } film { score { value } } userErrors { code }";
    let response = fixture
        .server
        .send_as(
            &fixture.editor,
            super::request("addReview", selection, &input),
        )
        .await;
    // The look-up of the token; BEGIN with the actor, the named rows, the lock of the critic's reviews of the film, the
    // review, COMMIT; and then the film.
    assert_eq!(response.cost, Some((7, 7)));
    let id = &response.body["data"]["addReview"]["review"]["id"];
    let response = fixture
        .server
        .send_as(
            &fixture.editor,
            super::request("updateReview", selection, &json!({ "id": id, "score": 60 })),
        )
        .await;
    // Finally the review and the film in one round trip.
    assert_eq!(response.cost, Some((7, 6)));
}
