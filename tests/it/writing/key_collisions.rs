//! Violations of constraints that no input causes are internal errors, never a wrong error of the user.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Fixture;
use crate::support::{
    TestDatabase,
    program::{Program, marquee, url},
};

/// Mutations that generate a key, and the table whose key it is.
fn additions(fixture: &Fixture) -> Vec<(&'static str, &'static str, Value)> {
    let review = |critic: Value, publication: Value| json!({ "film": fixture.film, "critic": critic, "publication": publication, "score": 50 });
    vec![
        (
            "film",
            "addFilm",
            json!({ "title": "Another", "year": 2001 }),
        ),
        ("critic", "addCritic", json!({ "name": "Cleo" })),
        ("publication", "addPublication", json!({ "name": "Herald" })),
        (
            "review",
            "addReview",
            review(json!({ "id": fixture.bob }), Value::Null),
        ),
        (
            "critic",
            "addReview",
            review(json!({ "name": "Dora" }), Value::Null),
        ),
        (
            "publication",
            "addReview",
            review(json!({ "id": fixture.bob }), json!({ "name": "Courier" })),
        ),
    ]
}

/// Sets a sequence back, so that the next key is in use.
async fn set_back(database: &TestDatabase, table: &str) {
    let statement =
        format!("SELECT setval('{table}_id_seq', (SELECT min(id) FROM {table}), false)");
    database.execute(&statement).await;
}

#[tokio::test]
async fn a_key_that_is_in_use_is_an_internal_error() {
    let fixture = Fixture::new().await;
    fixture.add_review(json!({ "score": 10 })).await;
    for (table, mutation, input) in additions(&fixture) {
        set_back(fixture.database(), table).await;
        let code = fixture
            .error_code(&fixture.editor, mutation, input.clone())
            .await;
        assert_eq!(code, "INTERNAL", "{mutation} {input}");
    }
}

#[tokio::test]
async fn keys_that_are_in_use_are_internal_errors_of_each_review_of_a_group() {
    let fixture = Fixture::new().await;
    let publications: Vec<String> = (0..8)
        .map(|number| format!("('p{number}', 'P{number}')"))
        .collect();
    let rows = publications.join(", ");
    fixture
        .database()
        .execute(&format!("INSERT INTO publication (slug, name) VALUES {rows}; INSERT INTO review (film_id, byline) SELECT min(id), 'x' FROM film, generate_series(1, 100) GROUP BY generate_series"))
        .await;
    set_back(fixture.database(), "review").await;
    let codes = join_all((0..8).map(|number| {
        let publication = json!({ "slug": format!("p{number}") });
        let input = json!({ "film": fixture.film, "critic": { "id": fixture.bob }, "publication": publication, "score": 50 });
        fixture.error_code(&fixture.editor, "addReview", input)
    }))
    .await;
    assert_eq!(codes, ["INTERNAL"; 8]);
}

#[tokio::test]
async fn the_cause_of_a_collision_is_logged_once() {
    let database = TestDatabase::demo().await;
    let token = database.token(marquee::access::Role::Editor, None).await;
    let arguments = ["serve", "--listen=127.0.0.1:0", "--workers=1"];
    let mut command = marquee(&arguments);
    command.args([
        "--database-url",
        &url(&database.serving_options()),
        "--migrate=false",
    ]);
    let server = Program::ready(command);
    set_back(&database, "film").await;
    let query = r#"mutation { addFilm(input: {title: "Another"}) { userErrors { code } } }"#;
    let response = server.query_as(&token, query);
    assert_eq!(
        response["errors"][0]["extensions"]["code"], "INTERNAL",
        "{response}"
    );
    let log = server.stop().stderr;
    let causes = log.lines().filter(|line| line.contains("film_pkey"));
    assert_eq!(causes.clone().count(), 1, "{log}");
    assert!(
        causes.clone().all(|line| line.contains("ERROR")
            && line.contains("(SQLSTATE 23505)")
            && line.contains("check --repair")),
        "{log}"
    );
}

/// The violations that a retry resolves are those of unique constraints by which rows are found.
#[tokio::test]
async fn every_unique_constraint_is_raced_or_cannot_be_violated() {
    let database = TestDatabase::empty().await;
    let names = database
        .texts("SELECT relname::text FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indisunique AND relnamespace = 'public'::regnamespace")
        .await;
    let mut unexpected: Vec<_> = names
        .iter()
        .map(String::as_str)
        .filter(|name| !marquee::database::violation::RACED_UNIQUE_CONSTRAINTS.contains(name))
        .filter(|name| !name.ends_with("_pkey"))
        .collect();
    unexpected.sort_unstable();
    // The first is random, and triggers write the second under the lock of the review.
    assert_eq!(
        unexpected,
        [
            "api_token_public_id_unique",
            "review_revision_version_unique"
        ]
    );
    for name in marquee::database::violation::RACED_UNIQUE_CONSTRAINTS {
        assert!(names.iter().any(|existing| existing == name), "{name}");
    }
}
