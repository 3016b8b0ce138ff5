//! How critics agree, compared with SQL that is written apart from the store's.

mod agreement;
mod outliers;
mod recommendations;

use serde_json::Value;

use crate::support::TestServer;

/// Critics with many, with few and without any reviews; with several of one film, without scores and without critics.
const CATALOGUE: &str = "
INSERT INTO film (slug, title) SELECT 'film-' || n, 'Film ' || n FROM generate_series(1, 30) AS n;
INSERT INTO critic (slug, name) SELECT 'critic-' || n, 'Critic ' || n FROM generate_series(1, 14) AS n;
INSERT INTO publication (slug, name, weight) SELECT 'publication-' || n, 'Publication ' || n, 50 * n FROM generate_series(1, 4) AS n;
INSERT INTO review (source, external_id, film_id, critic_id, publication_id, byline, score, score_rule, sentiment, recommended, top_critic, excerpt, reviewed_on)
SELECT
    'test', n, 1 + (n * 13 + n / 30) % 30, (SELECT id FROM critic WHERE slug = 'critic-' || n * n % 14), (SELECT id FROM publication WHERE slug = 'publication-' || n % 6), 'x',
    CASE WHEN n % 5 > 0 THEN n * 37 % 101 END, CASE WHEN n % 5 > 0 THEN 'given' END,
    (ARRAY['positive', 'mixed', 'negative', NULL])[1 + n % 4], (ARRAY[true, false, NULL])[1 + n % 3], n % 7 = 0,
    CASE WHEN n % 4 > 0 THEN 'Excerpt ' || n END, nullif(date '2017-06-01' + n * 3, date '2017-06-04')
FROM generate_series(1, 420) AS n";

/// Changes; `{n}` is a random number.
const CHANGES: [&str; 7] = [
    "UPDATE review SET score = {n} % 101, score_rule = 'given' WHERE id % 20 = {n} % 20",
    "UPDATE review SET score = NULL, score_rule = NULL WHERE id % 40 = {n} % 40",
    "UPDATE review SET critic_id = 1 + {n} % 14 WHERE id % 30 = {n} % 30",
    "UPDATE review SET film_id = 1 + {n} % 30 WHERE id % 50 = {n} % 50",
    "UPDATE review SET critic_id = NULL WHERE id % 90 = {n} % 90",
    "DELETE FROM review WHERE id % 60 = {n} % 60",
    "INSERT INTO review (source, external_id, film_id, critic_id, byline, recommended) SELECT 'test', gen_random_uuid(), id, 1 + {n} % 14, 'x', {n} % 2 = 0 FROM film WHERE id % 6 = {n} % 6",
];

/// Returns the rows of a statement of one column of JSON.
async fn rows(server: &TestServer, sql: &str) -> Vec<Value> {
    let rows = server.database.texts(sql).await;
    rows.iter()
        .map(|row| serde_json::from_str(row).unwrap())
        .collect()
}

/// Returns whether two values are the same, apart from the last digits of numbers.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            (one.as_f64().unwrap() - other.as_f64().unwrap()).abs() < 1e-9
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let mut members = one.iter();
            one.len() == other.len()
                && members
                    .all(|(name, value)| other.get(name).is_some_and(|other| is_same(value, other)))
        }
        _ => one == other,
    }
}
