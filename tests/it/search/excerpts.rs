//! Reviews that are found by their excerpts.

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::json;

use super::{found, server_with};
use crate::support::{TestDatabase, test_rng::TestRng};

#[tokio::test]
async fn all_words_must_occur_and_the_last_may_be_incomplete() {
    let server = server_with(&["--answer-cache=8"]).await;
    server
        .database
        .execute(
            "INSERT INTO review (film_id, byline, excerpt) SELECT id, 'x', excerpt FROM film, unnest(ARRAY[
                 'A tender, slow-burning film.', 'Слишком долгая зима', '夜の東京は美しい', 'It''s “never” dull', 'TENDERNESS, slowly'
             ]) AS excerpt WHERE slug = 'pusher'",
        )
        .await;
    server.clear_caches().await;
    for (text, expected) in [
        ("slow tender", &["A tender, slow-burning film."][..]),
        ("tender slow", &["A tender, slow-burning film."]),
        (
            "tend",
            &["TENDERNESS, slowly", "A tender, slow-burning film."],
        ),
        ("burning", &["A tender, slow-burning film."]),
        ("ДОЛГАЯ", &["Слишком долгая зима"]),
        ("東京", &["夜の東京は美しい"]),
        ("its never", &["It's “never” dull"]),
        ("tender dull", &[]),
        (
            "creme strasse",
            &["Ein Film über die Straße; crème brûlée."],
        ),
        (
            "' | & ! ( \\ :* tender",
            &["TENDERNESS, slowly", "A tender, slow-burning film."],
        ),
    ] {
        let found = found(&server, json!({ "text": text, "kinds": ["REVIEW"] })).await;
        assert_eq!(found, expected, "{text}");
    }
}

/// Each branch of the function finds what reading all excerpts finds: words that nearly all, many, some or few reviews have,
/// also if only the oldest have them.
#[tokio::test]
async fn the_newest_reviews_are_found_however_many_match() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(1);
    let setup = "INSERT INTO film (slug, title) VALUES ('a', 'a');
        INSERT INTO review (film_id, byline, excerpt)
        SELECT (SELECT id FROM film), 'x', nullif(concat_ws(' ',
            CASE WHEN n % 10 <> 0 THEN 'usual' END, CASE WHEN n % 3 = 0 THEN 'often' END, CASE WHEN n % 97 = 0 THEN 'some' END,
            CASE WHEN n % 7001 = 0 THEN 'rare' END, CASE WHEN n <= 8000 THEN 'old' END, CASE WHEN n = 5 THEN 'unique' END), '')
        FROM generate_series(1, 30000) AS n; ANALYZE review";
    connection.execute_unprepared(setup).await.unwrap();
    let ids = async |sql: String| -> Vec<i64> {
        let statement = Statement::from_string(DbBackend::Postgres, sql);
        let rows = connection.query_all_raw(statement).await.unwrap();
        rows.iter()
            .map(|row| row.try_get_by_index(0).unwrap())
            .collect()
    };
    let max = ids("SELECT max(id) FROM review".to_owned()).await[0];
    let mut rng = TestRng::new(3, 1);
    let words = [
        "usual", "often", "some", "rare", "old", "unique", "nowhere", "u",
    ];
    for round in 0..60 {
        let first = words[round % words.len()];
        let second = words[rng.below(words.len())];
        let before = if rng.one_in(3) {
            i64::MAX
        } else {
            1 + i64::try_from(rng.below(usize::try_from(max).unwrap())).unwrap()
        };
        let page = [1, 11, 101][rng.below(3)];
        let query = format!("'{first}' & '{second}':*");
        let expected = format!(
            "SELECT id FROM review WHERE search_vector(excerpt) @@ $${query}$$::tsquery AND id < {before} ORDER BY id DESC LIMIT {page}"
        );
        let found = format!(
            "SELECT id FROM search_excerpts($${query}$$, $$'{first}'$$, {before}, {page}) AS id"
        );
        assert_eq!(
            ids(found).await,
            ids(expected).await,
            "{query} {before} {page}"
        );
    }
    connection.close().await.unwrap();
}

/// The index is used, whatever the statistics of the planner are.
#[tokio::test]
async fn few_excerpts_are_read_for_a_rare_word() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(1);
    connection
        .execute_unprepared("SET enable_seqscan = off")
        .await
        .unwrap();
    let sql = "EXPLAIN SELECT id FROM review WHERE excerpt IS NOT NULL AND search_vector(excerpt) @@ 'x'::tsquery LIMIT 5";
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let plan = connection.query_all_raw(statement).await.unwrap();
    let plan: Vec<String> = plan
        .iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect();
    connection.close().await.unwrap();
    assert!(
        plan.iter()
            .any(|line| line.contains("Bitmap Index Scan on review_by_words")),
        "{plan:?}"
    );
}

/// The planner has no statistics of partial indexes. Without those of the words, it would expect as many of each.
#[tokio::test]
async fn the_planner_knows_frequent_words() {
    let database = TestDatabase::empty().await;
    database
        .execute(
            "INSERT INTO film (slug, title) VALUES ('lamp', 'Lamp');
             INSERT INTO review (film_id, excerpt)
             SELECT 1, CASE WHEN n % 2 = 0 THEN 'often said ' ELSE 'said ' END || n FROM generate_series(1, 2000) AS n;
             ANALYZE review",
        )
        .await;
    let expected = async |word: &str| {
        let sql = format!(
            "SELECT plan::jsonb #>> '{{0,Plan,Plan Rows}}' FROM explained('{word}') AS plan"
        );
        database.texts(&sql).await[0].parse::<u32>().unwrap()
    };
    database
        .execute(
            "CREATE FUNCTION explained(word text) RETURNS json LANGUAGE plpgsql AS $$
             DECLARE plan json;
             BEGIN
                 EXECUTE format(
                     'EXPLAIN (FORMAT JSON) SELECT FROM review WHERE excerpt IS NOT NULL AND search_vector(excerpt) @@ %L::tsquery', word
                 ) INTO plan;
                 RETURN plan;
             END $$",
        )
        .await;
    let (often, never) = (expected("often").await, expected("nowhere").await);
    assert!(
        (900..=1_100).contains(&often) && never < 50,
        "{often} {never}"
    );
}
