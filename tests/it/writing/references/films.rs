//! Films by id, slug and title.

use serde_json::{Value, json};

use crate::writing::{Fixture, codes, merged};

async fn with_films() -> Fixture {
    let fixture = Fixture::new().await;
    fixture
        .database()
        .execute(
            "INSERT INTO film (slug, title, year) VALUES
                ('quay-1950', 'Quay', 1950), ('quay-2011', 'QUAY', 2011), ('quay', 'quay', NULL),
                ('ferry-1', 'Ferry', 1961), ('ferry-2', 'Ferry', 1961), ('ferry-1999', 'Ferry', 1999)",
        )
        .await;
    fixture
}

/// The references to films, each with the slug of the film or the code of the error.
fn references(fixture: &Fixture) -> Vec<(Value, &'static str)> {
    let titled = |title: &str, year: Value| json!({ "titled": { "title": title, "year": year } });
    vec![
        (json!({ "id": fixture.film }), "lamp-1999"),
        (json!({ "slug": "quay-2011" }), "quay-2011"),
        (titled("Lamp", json!(1999)), "lamp-1999"),
        (titled(" LAMP ", Value::Null), "lamp-1999"),
        (titled("Quay", json!(1950)), "quay-1950"),
        (titled("Quay", json!(2011)), "quay-2011"),
        (titled("Quay", Value::Null), "quay-1950"),
        (titled("qUAY", Value::Null), "quay"),
        (titled("ferry", json!(1999)), "ferry-1999"),
        (titled("ferry", json!(1961)), "AMBIGUOUS"),
        (titled("Ferry", Value::Null), "AMBIGUOUS"),
        (titled("Lamp", json!(2000)), "NOT_FOUND"),
        (json!({ "slug": "nothing" }), "NOT_FOUND"),
    ]
}

#[tokio::test]
async fn reviews_are_added_and_moved_by_any_reference() {
    let fixture = with_films().await;
    let bobs = json!({ "film": fixture.film, "score": 1, "critic": { "id": fixture.bob } });
    let moved = fixture.write("addReview", "review { id }", bobs).await["review"]["id"].take();
    for (reference, expected) in references(&fixture) {
        let selection = "review { film { slug } } userErrors { field code message }";
        let added = json!({ "filmBy": reference, "score": 50 });
        let updated = json!({ "id": moved, "filmBy": reference });
        for (mutation, input) in [("addReview", added), ("updateReview", updated)] {
            let payload = fixture.write(mutation, selection, input).await;
            if expected == expected.to_uppercase() {
                let codes = codes(&payload);
                assert!(codes[0].starts_with("filmBy."), "{codes:?}");
                assert!(codes[0].ends_with(expected), "{codes:?}");
            } else {
                assert_eq!(codes(&payload), [""; 0]);
                assert_eq!(payload["review"]["film"]["slug"], expected, "{reference}");
            }
        }
    }
}

#[tokio::test]
async fn one_form_of_the_reference_is_required() {
    let fixture = with_films().await;
    let both = json!({ "film": fixture.film, "filmBy": { "slug": "quay" } });
    for (references, error) in [
        (json!({}), "film BLANK"),
        (both, "filmBy CONTRADICTION"),
        (
            json!({ "filmBy": { "slug": "No Slug" } }),
            "filmBy.slug NOT_FOUND",
        ),
        (
            json!({ "filmBy": { "titled": { "title": " " } } }),
            "filmBy.titled.title BLANK",
        ),
        (
            json!({ "filmBy": { "titled": { "title": "Quay", "year": 1869 } } }),
            "filmBy.titled.year OUT_OF_RANGE",
        ),
    ] {
        let input = merged(json!({ "score": 50 }), references);
        assert_eq!(fixture.user_errors("addReview", input).await, [error]);
    }
}

#[tokio::test]
async fn a_query_finds_films_by_title() {
    let fixture = with_films().await;
    for (reference, expected) in references(&fixture) {
        let query = "query($by: FilmBy!) { film(by: $by) { slug } }";
        let response = fixture
            .server
            .send(json!({ "query": query, "variables": { "by": reference } }))
            .await;
        match expected {
            "AMBIGUOUS" => {
                assert_eq!(response.body["errors"][0]["extensions"]["code"], expected);
            }
            "NOT_FOUND" => assert_eq!(response.body["data"]["film"], Value::Null),
            slug => assert_eq!(response.body["data"]["film"]["slug"], slug, "{reference}"),
        }
    }
}
