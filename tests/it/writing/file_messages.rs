//! What `importFile` says about a file: errors with their fields and candidates, and notes.

use serde_json::{Value, json};

use super::Fixture;

const SELECTION: &str =
    "notes userErrors { field code message candidates { slug name } } reviews { added }";

async fn import(fixture: &Fixture, content: &str, more: Value) -> Value {
    let file = json!({ "content": { "text": content }, "name": "reviews.csv" });
    let input = super::merged(file, more);
    fixture.write("importFile", SELECTION, input).await
}

#[tokio::test]
async fn an_error_of_the_plan_has_the_field_that_it_is_about() {
    let fixture = Fixture::new().await;
    let rows = "Title,Year,Text\nAmber Tide,2011,A slow tide.\n";
    let letterboxd =
        "Date,Name,Year,Letterboxd URI,Rating\n2024-05-06,Amber Tide,2011,https://boxd.it/1,3.5\n";
    for (content, more, field) in [
        (rows, json!({ "layout": "no-such" }), "layout"),
        (rows, json!({ "layout": "imdb-ratings" }), "layout"),
        (
            rows,
            json!({ "columns": [{ "column": "Grade", "meaning": "score" }] }),
            "columns",
        ),
        (
            letterboxd,
            json!({ "layout": "letterboxd-ratings" }),
            "critic",
        ),
        ("A,B\n1,2\n", json!({}), "content"),
    ] {
        let payload = import(&fixture, content, more.clone()).await;
        let error = &payload["userErrors"][0];
        assert_eq!(error["field"], json!(["input", field]), "{more}: {error}");
        assert_eq!(error["code"], "INVALID", "{error}");
    }
}

#[tokio::test]
async fn an_ambiguous_name_lists_the_stored_candidates() {
    let fixture = Fixture::new().await;
    let films =
        "kind,film_slug,film,film_year\nfilm,quay-1950,Quay,1950\nfilm,quay-2011,Quay,2011\n";
    import(&fixture, films, json!({})).await;
    let rows = "Title,Year,Critic,Text\nQuay,,Nora Merrow,Calm.\n";
    let payload = import(&fixture, rows, json!({})).await;
    let error = &payload["userErrors"][0];
    assert_eq!(
        json!([error["code"], error["candidates"]]),
        json!(["AMBIGUOUS", [
            { "slug": "quay-1950", "name": "Quay" },
            { "slug": "quay-2011", "name": "Quay" },
        ]]),
        "{error}"
    );
    // A film that the file itself would add can't be referenced.
    let rows = "Title,Year,Critic,Text\nFerry,1999,Nora Merrow,Calm.\nFerry,2004,Nora Merrow,Calm.\nFerry,,Nora Merrow,Calm.\n";
    let payload = import(&fixture, rows, json!({})).await;
    let error = &payload["userErrors"][0];
    assert_eq!(
        json!([error["code"], error["candidates"]]),
        json!(["INVALID", []]),
        "{error}"
    );
}

#[tokio::test]
async fn notes_say_which_names_were_matched_and_who_has_several_reviews() {
    let fixture = Fixture::new().await;
    import(
        &fixture,
        "Title,Year,Critic,Text\nQuay,1950,Nora Merrow,Calm.\n",
        json!({}),
    )
    .await;
    let rows = "Title,Year,Critic,Publication,Text\n\
        QUAY,1950,Nora Merrow,Quay Weekly,Calmer.\n\
        Quay,1950,Nora Merrow,The Post,Calmest.\n";
    let payload = import(&fixture, rows, json!({})).await;
    assert_eq!(payload["userErrors"], json!([]));
    let notes = payload["notes"].as_array().unwrap();
    for expected in [
        "warning: names were matched that differ in case: 1: film \"QUAY\" → \"Quay\", 1 review",
        "warning: 1 × a critic has several reviews of a film",
    ] {
        let is_said = |note: &Value| note.as_str().unwrap().starts_with(expected);
        assert!(notes.iter().any(is_said), "{expected}: {payload}");
    }
}
