//! Mutations of reviews.

use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use serde_json::{Value, json};

use super::{Fixture, codes, merged};
use crate::support::TestDatabase;

#[tokio::test]
async fn adding_a_review_returns_it_and_the_new_score_of_the_film() {
    let desk = Fixture::new().await;
    let input = json!({
        "film": desk.film, "critic": { "id": desk.ann }, "publication": { "slug": "post" }, "originalScore": "3.5/5",
        "recommended": true, "topCritic": true, "excerpt": " A fine\r\nlamp. ", "url": "https://post.example/lamp",
        "reviewedOn": "1999-05-04",
    });
    let selection = "review { byline score originalScore scoreRule sentiment recommended topCritic excerpt url reviewedOn version
        critic { name } publication { name } revisions { totalCount } }
        film { title score(policy: {minimumReviews: 1}) { value reviewCount } scoreDistribution { positive { label } } } userErrors { code }";
    let payload = desk.write("addReview", selection, input).await;
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
    let desk = Fixture::new().await;
    for (judgement, sentiment) in [
        (
            json!({ "sentiment": "MIXED", "publication": { "name": "One" } }),
            "MIXED",
        ),
        (
            json!({ "recommended": false, "publication": { "name": "Two" } }),
            "NEGATIVE",
        ),
    ] {
        let input = merged(
            json!({ "film": desk.film, "critic": { "id": desk.ann } }),
            judgement,
        );
        let payload = desk
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
    let desk = Fixture::new().await;
    desk.add_review(json!({ "score": 50 })).await;
    let wrong = desk
        .wrong(
            "addReview",
            json!({
                "film": "bm9uZQ", "critic": { "slug": "nobody" }, "publication": { "id": desk.film }, "score": 101,
                "originalScore": "x".repeat(201), "byline": "a\u{7}b", "excerpt": "a\u{0}", "url": "ftp://a",
            }),
        )
        .await;
    assert_eq!(
        wrong,
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
    // Errors that need the database are reported with those of the input.
    let wrong = desk
        .wrong(
            "addReview",
            json!({ "film": desk.film, "critic": { "id": desk.ann }, "publication": { "id": desk.post }, "score": -1 }),
        )
        .await;
    assert_eq!(wrong, ["score OUT_OF_RANGE", " ALREADY_REVIEWED"]);
    let nothing = desk
        .wrong(
            "addReview",
            json!({ "film": desk.film, "critic": { "name": "\u{3000} " } }),
        )
        .await;
    assert_eq!(nothing, ["critic.name BLANK", " BLANK"]);
    let contradiction = desk
        .wrong(
            "addReview",
            json!({ "film": desk.film, "score": 30, "originalScore": "4/5", "sentiment": "POSITIVE" }),
        )
        .await;
    assert_eq!(contradiction, ["score CONTRADICTION"]);
    assert_eq!(
        desk.database()
            .texts("SELECT count(*)::text FROM review")
            .await,
        ["1"]
    );
    assert_eq!(
        desk.database()
            .texts("SELECT count(*)::text FROM critic")
            .await,
        ["2"]
    );
}

#[tokio::test]
async fn a_name_finds_or_adds_and_its_spellings_match() {
    let desk = Fixture::new().await;
    let add = async |publication: &str, critic: &str| {
        let input = json!({
            "film": desk.film, "critic": { "name": critic }, "publication": { "name": publication }, "score": 60,
        });
        desk.write(
            "addReview",
            "review { critic { slug } publication { slug } } userErrors { code }",
            input,
        )
        .await
    };
    let first = add("Le Monde", "Rene\u{301}e").await;
    assert_eq!(first["review"]["critic"]["slug"], "renee");
    let second = add("La Croix", " Renée ").await;
    assert_eq!(second["review"]["critic"]["slug"], "renee");
    // The same critic's review of the same film for the same publication.
    let third = add("Le Monde", "Renée").await;
    assert_eq!(third["userErrors"], json!([{ "code": "ALREADY_REVIEWED" }]));
    desk.database()
        .execute("INSERT INTO critic (slug, name) VALUES ('ann-2', 'Ann')")
        .await;
    let ambiguous = desk
        .wrong(
            "addReview",
            json!({ "film": desk.film, "critic": { "name": "Ann" }, "score": 60 }),
        )
        .await;
    assert_eq!(ambiguous, ["critic.name AMBIGUOUS"]);
}

#[tokio::test]
async fn an_update_sets_given_fields_and_null_clears_them() {
    let desk = Fixture::new().await;
    let review = desk
        .add_review(json!({ "originalScore": "B+", "excerpt": "Old.", "reviewedOn": "1999-05-04", "recommended": true }))
        .await;
    let selection = "review { version score originalScore scoreRule excerpt reviewedOn recommended byline critic { name } publication { name } }
        film { score(policy: {minimumReviews: 1}) { value } } userErrors { field code message }";
    let input = json!({
        "id": review["id"], "expectedVersion": 1, "originalScore": "2/4", "excerpt": "New.", "reviewedOn": null,
        "publication": { "name": "Herald" },
    });
    let payload = desk.write("updateReview", selection, input).await;
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
    let payload = desk.write("updateReview", selection, input).await;
    assert_eq!(payload["review"]["version"], 2);
    let input = json!({ "id": review["id"], "publication": null, "critic": { "id": desk.bob }, "score": null, "originalScore": null });
    let payload = desk.write("updateReview", selection, input).await;
    assert_eq!(payload["review"]["publication"], Value::Null);
    assert_eq!(payload["review"]["critic"]["name"], "Bob");
    assert_eq!(payload["review"]["score"], Value::Null);
}

#[tokio::test]
async fn a_stale_update_is_rejected_and_shows_the_current_review() {
    let desk = Fixture::new().await;
    let review = desk.add_review(json!({ "score": 50 })).await;
    let update = |score: i32| json!({ "id": review["id"], "expectedVersion": 1, "score": score });
    let selection = "review { version score } userErrors { field code message }";
    let first = desk.write("updateReview", selection, update(60)).await;
    assert_eq!(first["review"], json!({ "version": 2, "score": 60 }));
    // All errors are reported, the stale version among them.
    let late = desk.write("updateReview", selection, update(101)).await;
    assert_eq!(
        codes(&late),
        ["expectedVersion STALE", "score OUT_OF_RANGE"]
    );
    assert_eq!(late["review"], json!({ "version": 2, "score": 60 }));
    let late = json!({ "id": review["id"], "expectedVersion": 1 });
    let late = desk
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
    let desk = Fixture::new().await;
    let review = desk.add_review(json!({ "score": 50 })).await;
    let selection = "deletedReviewId review { id } film { score { reviewCount } } userErrors { field code message }";
    let input = json!({ "id": review["id"], "expectedVersion": 1 });
    let payload = desk.write("deleteReview", selection, input.clone()).await;
    assert_eq!(
        payload,
        json!({
            "deletedReviewId": review["id"], "review": null, "film": { "score": { "reviewCount": 0 } }, "userErrors": [],
        })
    );
    let again = desk.write("deleteReview", selection, input).await;
    assert_eq!(codes(&again), ["id NOT_FOUND"]);
    let revision = "SELECT concat_ws(' ', score, operation, replaced_by LIKE 'editor (token %)') FROM review_revision";
    assert_eq!(desk.database().texts(revision).await, ["50 deleted t"]);
}

#[tokio::test]
async fn revisions_show_previous_states_actors_and_changed_fields() {
    let desk = Fixture::new().await;
    let ann = desk.ann_token().await;
    let review = desk.add_review(json!({ "score": 50 })).await;
    for change in [
        json!({ "score": 60 }),
        json!({ "excerpt": "Fine.", "score": 65 }),
    ] {
        let input = merged(json!({ "id": review["id"] }), change);
        desk.write_as(&ann, "updateReview", "userErrors { code }", input)
            .await;
    }
    let id = review["id"].as_str().unwrap();
    let document = format!(
        r#"{{ review(id: "{id}") {{ version revisions(first: 1) {{ totalCount pageInfo {{ hasNextPage endCursor }}
            nodes {{ version score excerpt changed end replacedBy critic {{ name }} }} }} }} }}"#
    );
    let request = json!({ "query": document });
    let response = desk.server.send_as(&desk.editor, request.clone()).await;
    let revisions = &response.body["data"]["review"]["revisions"];
    assert_eq!(revisions["totalCount"], 2);
    let node = &revisions["nodes"][0];
    let by = node["replacedBy"].as_str().unwrap();
    assert!(by.starts_with("critic (token "), "{by}");
    assert_eq!(node["changed"], json!(["SCORE", "EXCERPT"]));
    assert_eq!(
        (&node["version"], &node["score"], &node["end"]),
        (&json!(2), &json!(60), &json!("UPDATED"))
    );
    // The actor is hidden from callers without the right to write.
    let response = desk.server.send(request).await;
    assert_eq!(
        response.body["data"]["review"]["revisions"]["nodes"][0]["replacedBy"],
        Value::Null
    );
    let cursor = revisions["pageInfo"]["endCursor"].as_str().unwrap();
    let next = format!(
        r#"{{ review(id: "{id}") {{ revisions(first: 5, after: "{cursor}") {{ pageInfo {{ hasNextPage }} nodes {{ version score }} }} }} }}"#
    );
    assert_eq!(
        desk.server.query(&next).await["review"]["revisions"],
        json!({ "pageInfo": { "hasNextPage": false }, "nodes": [{ "version": 1, "score": 50 }] })
    );
}

#[tokio::test]
async fn revisions_of_many_reviews_are_batched() {
    let desk = Fixture::new().await;
    for critic in ["A", "B", "C", "D"] {
        let review = desk
            .add_review(json!({ "score": 50, "critic": { "name": critic } }))
            .await;
        let input = json!({ "id": review["id"], "score": 60 });
        desk.write("updateReview", "userErrors { code }", input)
            .await;
    }
    let document = "{ reviews { nodes { revisions(first: 2) { totalCount nodes { score } } } } }";
    let response = desk.server.query(document).await;
    for node in response["reviews"]["nodes"].as_array().unwrap() {
        assert_eq!(
            node["revisions"],
            json!({ "totalCount": 1, "nodes": [{ "score": 50 }] })
        );
    }
    assert_eq!(desk.server.cost(document).await, (3, 2));
}

#[tokio::test]
async fn a_critic_writes_their_own_reviews_only() {
    let desk = Fixture::new().await;
    let ann = desk.ann_token().await;
    // The critic defaults to the owner of the token.
    let own = json!({ "film": desk.film, "score": 80, "publication": { "slug": "post" } });
    let added = desk
        .write_as(
            &ann,
            "addReview",
            "review { id critic { name } } userErrors { code }",
            own,
        )
        .await;
    assert_eq!(added["review"]["critic"]["name"], "Ann");
    let bobs = json!({ "film": desk.film, "score": 80, "critic": { "id": desk.bob } });
    assert_eq!(
        desk.error_code(&ann, "addReview", bobs.clone()).await,
        "FORBIDDEN"
    );
    let nobody = json!({ "film": desk.film, "score": 80, "critic": { "name": "Somebody New" } });
    assert_eq!(
        desk.error_code(&ann, "addReview", nobody).await,
        "FORBIDDEN"
    );
    let top = json!({ "film": desk.film, "score": 80, "topCritic": true });
    assert_eq!(desk.error_code(&ann, "addReview", top).await, "FORBIDDEN");
    // Only editors may add a publication.
    let new = json!({ "film": desk.film, "score": 80, "publication": { "name": "New" } });
    let payload = desk
        .write_as(&ann, "addReview", "userErrors { field code message }", new)
        .await;
    assert_eq!(codes(&payload), ["publication NOT_FOUND"]);
    let payload = desk.write("addReview", "review { id }", bobs).await;
    let theirs = &payload["review"]["id"];
    assert_eq!(
        desk.error_code(&ann, "updateReview", json!({ "id": theirs, "score": 1 }))
            .await,
        "FORBIDDEN"
    );
    assert_eq!(
        desk.error_code(&ann, "deleteReview", json!({ "id": theirs }))
            .await,
        "FORBIDDEN"
    );
    let given_away = json!({ "id": added["review"]["id"], "critic": { "id": desk.bob } });
    assert_eq!(
        desk.error_code(&ann, "updateReview", given_away).await,
        "FORBIDDEN"
    );
    let given_up = json!({ "id": added["review"]["id"], "critic": null });
    assert_eq!(
        desk.error_code(&ann, "updateReview", given_up).await,
        "FORBIDDEN"
    );
    assert_eq!(
        desk.database()
            .texts("SELECT name FROM critic JOIN review ON critic.id = critic_id ORDER BY name")
            .await,
        ["Ann", "Bob"]
    );
    assert_eq!(
        desk.database().texts("SELECT name FROM publication").await,
        ["Post"]
    );
}

#[tokio::test]
async fn each_mutation_costs_few_statements() {
    let desk = Fixture::new().await;
    let input = json!({ "film": desk.film, "critic": { "id": desk.ann }, "publication": { "id": desk.post }, "score": 50 });
    let selection = "review { id score } film { score { value } } userErrors { code }";
    let response = desk
        .server
        .send_as(&desk.editor, super::request("addReview", selection, &input))
        .await;
    // The look-up of the token; BEGIN with the actor, the named rows, the review, COMMIT; and then the film.
    assert_eq!(response.cost, Some((6, 6)));
    let id = &response.body["data"]["addReview"]["review"]["id"];
    let response = desk
        .server
        .send_as(
            &desk.editor,
            super::request("updateReview", selection, &json!({ "id": id, "score": 60 })),
        )
        .await;
    // Finally the review and the film in one round trip.
    assert_eq!(response.cost, Some((7, 6)));
}

/// The actor is passed to PostgreSQL as a string literal, so any name must be preserved.
#[tokio::test]
async fn names_of_actors_are_preserved() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(1);
    for actor in [
        "",
        "O'Neil",
        r"\'; DROP TABLE review; --",
        "$$ \\\\ E'x'",
        "token \"å\" 漢\n\t\u{1}\u{8}\u{1a}\u{7f}",
    ] {
        let begin = marquee::database::sql::begin(&[("marquee.actor", actor)]);
        let settings = begin.strip_prefix("BEGIN; ").unwrap();
        let setting = "SELECT current_setting('marquee.actor')";
        for odd in [
            "",
            "SET LOCAL backslash_quote = off; ",
            "SET LOCAL standard_conforming_strings = off; ",
        ] {
            let held = connection.begin().await.unwrap();
            held.execute_unprepared(&format!("{odd}{settings}"))
                .await
                .unwrap();
            let setting = Statement::from_string(DbBackend::Postgres, setting);
            let row = held.query_one_raw(setting).await.unwrap();
            let recorded: String = row.unwrap().try_get_by_index(0).unwrap();
            assert_eq!(recorded, actor);
            held.rollback().await.unwrap();
        }
    }
    connection.close().await.unwrap();
}
