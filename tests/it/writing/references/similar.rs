//! New names that differ from existing ones only in accents, punctuation and blanks.

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use crate::{
    support::TestDatabase,
    writing::{Fixture, codes, merged},
};

const SELECTION: &str =
    "review { critic { slug } } userErrors { field code message candidates { slug name } }";

async fn with_names() -> Fixture {
    let fixture = Fixture::new().await;
    fixture
        .database()
        .execute(
            "INSERT INTO critic (slug, name) VALUES
                ('renee-dubois', 'Renée Dubois'), ('obrien', 'Pat O\u{2019}Brien'), ('lodz', 'Łódź Søren'), ('dots', '???');
             INSERT INTO publication (slug, name) VALUES ('kino', 'Kino & Kiez');
             INSERT INTO film (slug, title, year) VALUES ('amelie', 'Amélie!', 2001)",
        )
        .await;
    fixture
}

async fn add(fixture: &Fixture, input: Value) -> Value {
    let input = merged(json!({ "film": fixture.film, "score": 70 }), input);
    fixture.write("addReview", SELECTION, input).await
}

#[tokio::test]
async fn a_review_does_not_add_a_similar_name_unless_the_input_insists() {
    let fixture = with_names().await;
    for (kind, name, slug) in [
        ("critic", "renee dubois", "renee-dubois"),
        ("critic", "Renée-Dubois", "renee-dubois"),
        ("critic", "RENE\u{301}E  DU BOIS", "renee-dubois"),
        ("critic", "Pat O'Brien", "obrien"),
        ("critic", "pat obrien", "obrien"),
        ("critic", "Lodz Soren", "lodz"),
        ("publication", "Kino Kiez", "kino"),
    ] {
        let payload = add(&fixture, json!({ kind: { "name": name } })).await;
        assert_eq!(
            codes(&payload),
            [format!("{kind}.name AMBIGUOUS")],
            "{name}"
        );
        let error = &payload["userErrors"][0];
        assert_eq!(error["candidates"][0]["slug"], slug, "{error}");
        assert!(error["message"].as_str().unwrap().contains("create: true"));
    }
    // Blanks alone make no other name.
    let payload = add(
        &fixture,
        json!({ "critic": { "name": "renée \u{a0} dubois" } }),
    )
    .await;
    assert_eq!(payload["review"]["critic"]["slug"], "renee-dubois");
    // Names that differ in letters are not similar, nor are names without letters.
    for name in ["Renata Dubois", "!!!", "Ren\u{e9}e Dubois Jr."] {
        let payload = add(&fixture, json!({ "critic": { "name": name } })).await;
        assert_eq!(codes(&payload), [""; 0], "{name}");
    }
    let named = json!({ "named": { "name": "renee dubois", "create": true } });
    let payload = add(&fixture, json!({ "critic": named })).await;
    assert_eq!(payload["review"]["critic"]["slug"], "renee-dubois-2");
}

#[tokio::test]
async fn similar_rows_are_not_added_without_a_slug() {
    let fixture = with_names().await;
    let film = |year: i32| json!({ "title": "AMELIE", "year": year });
    for (mutation, input, expected) in [
        (
            "addCritic",
            json!({ "name": "Renee Dubois" }),
            "name ALREADY_EXISTS",
        ),
        (
            "addPublication",
            json!({ "name": "Kino-Kiez" }),
            "name ALREADY_EXISTS",
        ),
        ("addFilm", film(2001), "title ALREADY_EXISTS"),
    ] {
        assert_eq!(
            fixture.user_errors(mutation, input.clone()).await,
            [expected]
        );
        let input = merged(input, json!({ "slug": "another-one" }));
        assert_eq!(fixture.user_errors(mutation, input).await, [""; 0]);
    }
    // It is a remake.
    assert_eq!(fixture.user_errors("addFilm", film(2030)).await, [""; 0]);
}

/// A lookup reads only the rows with the key.
#[tokio::test]
async fn indexes_have_the_keys_of_similar_names() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(1);
    for (table, column) in [
        ("critic", "name"),
        ("publication", "name"),
        ("film", "title"),
    ] {
        let add = format!(
            "INSERT INTO {table} (slug, {column}) SELECT 'row-' || n, 'Row ' || n FROM generate_series(1, 5000) AS n"
        );
        connection.execute_unprepared(&add).await.unwrap();
        connection
            .execute_unprepared(&format!("ANALYZE {table}"))
            .await
            .unwrap();
        let sql = format!(
            "EXPLAIN SELECT alike.id FROM unnest(ARRAY['row 7']) AS given (folded) CROSS JOIN LATERAL (
                SELECT id FROM {table} WHERE similarity_key({table}.{column}_folded) = similarity_key(folded)
                ORDER BY id LIMIT 11
            ) AS alike"
        );
        let statement = Statement::from_string(DbBackend::Postgres, sql);
        let plan = connection.query_all_raw(statement).await.unwrap();
        let plan: Vec<String> = plan
            .iter()
            .map(|row| row.try_get_by_index(0).unwrap())
            .collect();
        let index = format!("{table}_by_similarity");
        assert!(plan.iter().any(|line| line.contains(&index)), "{plan:?}");
    }
    connection.close().await.unwrap();
}
