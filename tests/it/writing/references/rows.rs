//! References to the rows that mutations change, that filters require, and that tokens belong to.

use marquee::access::Role;
use serde_json::{Value, json};

use crate::writing::{Fixture, codes, merged};

const ERRORS: &str = "userErrors { field code message candidates { slug } }";

#[tokio::test]
async fn rows_are_updated_and_merged_by_any_reference() {
    let fixture = Fixture::new().await;
    fixture
        .database()
        .execute(
            "INSERT INTO publication (slug, name) VALUES ('herald', 'Herald'), ('echo', 'Echo')",
        )
        .await;
    let titled = json!({ "by": { "titled": { "title": "lamp" } }, "synopsis": "S" });
    for (mutation, object, input, slug) in [
        ("updateFilm", "film", titled, "lamp-1999"),
        (
            "updateFilm",
            "film",
            json!({ "by": { "slug": "lamp-1999" }, "synopsis": "T" }),
            "lamp-1999",
        ),
        (
            "updateCritic",
            "critic",
            json!({ "by": { "name": "ANN" }, "url": "https://a.example" }),
            "ann",
        ),
        (
            "updatePublication",
            "publication",
            json!({ "by": { "id": fixture.post }, "weight": 2 }),
            "post",
        ),
        (
            "mergeCritics",
            "critic",
            json!({ "fromBy": { "slug": "bob" }, "intoBy": { "name": "ann" } }),
            "ann",
        ),
        (
            "mergePublications",
            "publication",
            json!({ "fromBy": { "name": "echo" }, "into": fixture.post }),
            "post",
        ),
    ] {
        let selection = format!("{object} {{ slug }} {ERRORS}");
        let payload = fixture.write(mutation, &selection, input).await;
        assert_eq!(codes(&payload), [""; 0], "{mutation}");
        assert_eq!(payload[object]["slug"], slug, "{mutation}");
    }
}

#[tokio::test]
async fn rows_are_deleted_by_any_reference() {
    let fixture = Fixture::new().await;
    for (mutation, input) in [
        ("deletePublication", json!({ "by": { "name": "POST" } })),
        ("deleteCritic", json!({ "by": { "slug": "bob" } })),
        ("deleteFilm", json!({ "by": { "slug": "lamp-1999" } })),
    ] {
        assert_eq!(
            fixture.user_errors(mutation, input).await,
            [""; 0],
            "{mutation}"
        );
    }
    let left = "SELECT slug FROM film UNION ALL SELECT slug FROM critic UNION ALL SELECT slug FROM publication";
    assert_eq!(fixture.database().texts(left).await, ["ann"]);
}

#[tokio::test]
async fn a_reference_that_means_no_row_or_several_changes_nothing() {
    let fixture = Fixture::new().await;
    fixture
        .database()
        .execute("INSERT INTO critic (slug, name) VALUES ('ann-2', 'ANN')")
        .await;
    for mutation in ["updateCritic", "deleteCritic"] {
        for (input, error) in [
            (json!({}), "id BLANK"),
            (
                json!({ "id": fixture.ann, "by": { "slug": "ann" } }),
                "by CONTRADICTION",
            ),
            (json!({ "by": { "slug": "nobody" } }), "by.slug NOT_FOUND"),
            (json!({ "by": { "name": "Nobody" } }), "by.name NOT_FOUND"),
            (json!({ "by": { "name": "ann" } }), "by.name AMBIGUOUS"),
            (json!({ "by": { "id": fixture.film } }), "by.id NOT_FOUND"),
        ] {
            assert_eq!(
                fixture.user_errors(mutation, input).await,
                [error],
                "{mutation}"
            );
        }
    }
    let merge =
        json!({ "fromBy": { "name": "ann" }, "into": fixture.ann, "intoBy": { "slug": "ann" } });
    assert_eq!(
        fixture.user_errors("mergeCritics", merge).await,
        ["fromBy.name AMBIGUOUS", "intoBy CONTRADICTION"]
    );
    // The payload has the object that a reference means, also if it was not changed.
    let stale = json!({ "by": { "slug": "ann" }, "expectedVersion": 7, "name": "Anna" });
    let payload = fixture
        .write(
            "updateCritic",
            &format!("critic {{ name }} {ERRORS}"),
            stale,
        )
        .await;
    assert_eq!(codes(&payload), ["expectedVersion STALE"]);
    assert_eq!(payload["critic"]["name"], "Ann");
    let anonymous = json!({ "by": { "name": "ann" } });
    let token = fixture.ann_token().await;
    assert_eq!(
        fixture.error_code(&token, "deleteCritic", anonymous).await,
        "FORBIDDEN"
    );
}

/// A fixture with a review by Ann in the Post, one by Bob, and two other critics of one name.
async fn with_reviews() -> Fixture {
    let fixture = Fixture::new().await;
    fixture.add_review(json!({ "score": 80 })).await;
    let bobs = json!({ "film": fixture.film, "critic": { "id": fixture.bob }, "score": 20 });
    assert_eq!(fixture.user_errors("addReview", bobs).await, [""; 0]);
    fixture
        .database()
        .execute("INSERT INTO critic (slug, name) VALUES ('cleo-1', 'Cleo'), ('cleo-2', 'CLEO')")
        .await;
    fixture
}

/// Returns the response to a query with a filter of reviews in each place.
async fn filtered(fixture: &Fixture, filter: &Value) -> Value {
    let document = "query($filter: ReviewFilter) {
        reviews(filter: $filter) { totalCount nodes { score } }
        film(by: {slug: \"lamp-1999\"}) { score(filter: $filter) { reviewCount } reviews(filter: $filter) { totalCount } }
    }";
    let request = json!({ "query": document, "variables": { "filter": filter } });
    fixture.server.send(request).await.body
}

#[tokio::test]
async fn filters_take_any_reference() {
    let fixture = with_reviews().await;
    for (filter, scores) in [
        (
            json!({ "criticBy": { "name": "ANN" } }),
            json!([{ "score": 80 }]),
        ),
        (
            json!({ "criticBy": { "slug": "bob" } }),
            json!([{ "score": 20 }]),
        ),
        (
            json!({ "criticBy": { "id": fixture.bob } }),
            json!([{ "score": 20 }]),
        ),
        (
            json!({ "publicationBy": { "name": "post" } }),
            json!([{ "score": 80 }]),
        ),
        (
            json!({ "publicationBy": { "slug": "post" }, "criticBy": { "name": "bob" } }),
            json!([]),
        ),
        (json!({ "criticBy": { "name": "Nobody" } }), json!([])),
        (json!({ "publicationBy": { "slug": "none" } }), json!([])),
    ] {
        let body = filtered(&fixture, &filter).await;
        let count = scores.as_array().unwrap().len();
        assert_eq!(
            body["data"],
            json!({
                "reviews": { "totalCount": count, "nodes": scores },
                "film": { "score": { "reviewCount": count }, "reviews": { "totalCount": count } },
            }),
            "{filter}: {body}"
        );
    }
}

#[tokio::test]
async fn a_filter_with_an_invalid_reference_is_an_error_and_follows_renames() {
    let fixture = with_reviews().await;
    let nobody = json!({ "criticBy": { "name": "Nobody" } });
    let body = filtered(&fixture, &nobody).await;
    assert_eq!(body["data"]["reviews"]["totalCount"], 0);
    for (filter, code) in [
        (json!({ "criticBy": { "name": "cleo" } }), "AMBIGUOUS"),
        (json!({ "criticBy": { "id": fixture.film } }), "INVALID_ID"),
        (
            json!({ "criticBy": { "slug": "ann" }, "critic": fixture.ann }),
            "INVALID_VALUE",
        ),
    ] {
        let body = filtered(&fixture, &filter).await;
        assert_eq!(body["errors"][0]["extensions"]["code"], code, "{filter}");
    }
    // A critic who takes the name is found at once.
    let renamed = json!({ "id": fixture.ann, "name": "Nobody" });
    assert_eq!(fixture.user_errors("updateCritic", renamed).await, [""; 0]);
    let body = filtered(&fixture, &nobody).await;
    assert_eq!(body["data"]["reviews"]["totalCount"], 1);
}

#[tokio::test]
async fn a_token_is_created_for_a_critic_by_any_reference() {
    let fixture = Fixture::new().await;
    let admin = fixture.database().token(Role::Admin, None).await;
    let create = async |more: Value| {
        let input = merged(json!({ "name": "t", "role": "CRITIC" }), more);
        let selection = format!("token {{ critic {{ slug }} }} {ERRORS}");
        fixture
            .write_as(&admin, "createToken", &selection, input)
            .await
    };
    for reference in [
        json!({ "critic": fixture.ann }),
        json!({ "criticBy": { "slug": "ann" } }),
        json!({ "criticBy": { "name": "ANN" } }),
    ] {
        let payload = create(reference).await;
        assert_eq!(payload["token"]["critic"]["slug"], "ann");
    }
    for (reference, errors) in [
        (json!({}), vec!["critic BLANK"]),
        (
            json!({ "criticBy": { "name": "Nobody" } }),
            vec!["criticBy.name NOT_FOUND"],
        ),
        (
            json!({ "critic": fixture.ann, "criticBy": { "slug": "ann" } }),
            vec!["criticBy CONTRADICTION"],
        ),
        (json!({ "critic": fixture.film }), vec!["critic INVALID"]),
        (
            json!({ "criticBy": { "slug": "ann" }, "role": "EDITOR" }),
            vec!["critic CONTRADICTION"],
        ),
    ] {
        assert_eq!(codes(&create(reference).await), errors);
    }
}
