//! The constraints of the database, which hold for every client.

use sea_orm::{
    ConnectionTrait,
    sqlx::{self, Connection, PgConnection},
};

use crate::support::TestDatabase;

/// Executes a statement and returns the name of the constraint that rejects it.
async fn violated_constraint(sql: &str, connection: &mut PgConnection) -> String {
    let error = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))
        .execute(connection)
        .await
        .expect_err(sql);
    let error = error.into_database_error().expect("a database error");
    error
        .constraint()
        .unwrap_or_else(|| error.message())
        .to_owned()
}

/// Statements and the constraints that reject them. `$film` stands for the id of a film.
const INVALID_STATEMENTS: [(&str, &str); 46] = [
    (
        "UPDATE site_rules SET minimum_reviews = 0",
        "site_rules_minimum_range",
    ),
    (
        "UPDATE site_rules SET positive_from = 81",
        "site_rules_thresholds_descend",
    ),
    (
        "UPDATE site_rules SET weighting = 'x'",
        "site_rules_weighting_known",
    ),
    (
        "UPDATE site_rules SET stars_out_of = 0",
        "site_rules_stars_range",
    ),
    (
        "UPDATE site_rules SET date_order = 'ymd'",
        "site_rules_date_order_known",
    ),
    (
        "INSERT INTO site_rules (id) VALUES (false)",
        "site_rules_are_one_row",
    ),
    ("INSERT INTO site_rules DEFAULT VALUES", "site_rules_pkey"),
    (
        "DELETE FROM site_rules",
        "the rules of the site can't be deleted; reset them by marquee rules reset",
    ),
    (
        "INSERT INTO film (slug, title) VALUES ('a', ' ')",
        "film_title_not_blank",
    ),
    (
        "INSERT INTO film (slug, title) VALUES ('A b', 'x')",
        "film_slug_form",
    ),
    (
        "INSERT INTO film (slug, title) SELECT slug, 'x' FROM film LIMIT 1",
        "film_slug_unique",
    ),
    (
        "INSERT INTO film (slug, title, runtime_minutes) VALUES ('a', 'x', 0)",
        "film_runtime_positive",
    ),
    (
        "INSERT INTO film (slug, title, release_date) VALUES ('a', 'x', 'infinity')",
        "film_release_date_range",
    ),
    (
        "INSERT INTO film (slug, title, created_at) VALUES ('a', 'x', '-infinity')",
        "film_moments_range",
    ),
    (
        "INSERT INTO film (slug, title, genres) VALUES ('a', 'x', '{NULL}')",
        "film_genres_plain",
    ),
    (
        "INSERT INTO film (slug, title, directors) VALUES ('a', 'x', '{{a},{b}}')",
        "film_directors_plain",
    ),
    (
        "INSERT INTO film (slug, title, countries) VALUES ('a', 'x', '{NULL}')",
        "film_countries_plain",
    ),
    (
        "INSERT INTO film (slug, title, cast_members) VALUES ('a', 'x', '{{a},{b}}')",
        "film_cast_members_plain",
    ),
    (
        "INSERT INTO film (slug, title, alternative_titles) VALUES ('a', 'x', '{NULL}')",
        "film_alternative_titles_plain",
    ),
    (
        "INSERT INTO film (slug, title, poster_url, poster_width) VALUES ('a', 'x', 'https://a.example', 0)",
        "film_poster_size",
    ),
    (
        "INSERT INTO review (film_id, reviewed_on) VALUES ($film, '10000-01-01')",
        "review_date_range",
    ),
    (
        "INSERT INTO critic (slug, name) VALUES ('a', '')",
        "critic_name_not_blank",
    ),
    (
        "INSERT INTO critic (slug, name) SELECT slug, 'x' FROM critic LIMIT 1",
        "critic_slug_unique",
    ),
    (
        "INSERT INTO publication (slug, name) VALUES ('a', '')",
        "publication_name_not_blank",
    ),
    (
        "INSERT INTO publication (slug, name) SELECT slug, 'x' FROM publication LIMIT 1",
        "publication_slug_unique",
    ),
    (
        "UPDATE publication SET weight = 0",
        "publication_weight_range",
    ),
    (
        "UPDATE publication SET weight = -1",
        "publication_weight_range",
    ),
    (
        "UPDATE publication SET weight = 10001",
        "publication_weight_range",
    ),
    (
        "INSERT INTO review (film_id, score, score_rule) VALUES ($film, 101, 'given')",
        "review_score_range",
    ),
    (
        "INSERT INTO review (film_id, score, score_rule) VALUES ($film, -1, 'given')",
        "review_score_range",
    ),
    (
        "INSERT INTO review (film_id, score) VALUES ($film, 50)",
        "review_score_has_rule",
    ),
    (
        "INSERT INTO review (film_id, sentiment) VALUES ($film, 'glad')",
        "review_sentiment_known",
    ),
    (
        "INSERT INTO review (film_id, source) VALUES ($film, 'x')",
        "review_source_has_id",
    ),
    (
        "INSERT INTO review (film_id, excerpt) VALUES ($film, '  ')",
        "review_excerpt_not_blank",
    ),
    (
        "INSERT INTO review (film_id) VALUES (0)",
        "review_film_known",
    ),
    (
        "INSERT INTO review (film_id, critic_id) VALUES ($film, 0)",
        "review_critic_known",
    ),
    (
        "INSERT INTO review (film_id, publication_id) VALUES ($film, 0)",
        "review_publication_known",
    ),
    (
        "INSERT INTO review (film_id, source, external_id) VALUES ($film, 'demo', '1')",
        "review_source_unique",
    ),
    (
        "INSERT INTO review (film_id, critic_id) SELECT $film, (SELECT min(id) FROM critic) FROM generate_series(1, 2)",
        "review_by_hand_unique",
    ),
    (
        "INSERT INTO published_score (film_id, source, kind, value) VALUES ($film, 'x', 'score', 101)",
        "published_score_value_range",
    ),
    (
        "INSERT INTO published_score (film_id, source, kind) VALUES ($film, 'x', 'score')",
        "published_score_says_something",
    ),
    (
        "INSERT INTO published_score (film_id, source, kind, label, scale) VALUES ($film, 'x', 'score', 'Fine', 10)",
        "published_score_original_has_value",
    ),
    (
        "INSERT INTO published_score (film_id, source, kind, value, scale) VALUES ($film, 'x', 'score', 1, 0)",
        "published_score_scale_range",
    ),
    (
        "INSERT INTO published_score (film_id, source, kind, value, original_value) VALUES ($film, 'x', 'score', 1, ' ')",
        "published_score_original_value_not_blank",
    ),
    (
        "INSERT INTO published_score (film_id, source, kind, value, audience) VALUES ($film, 'x', 'score', 1, 'all')",
        "published_score_audience_known",
    ),
    (
        "INSERT INTO published_score (film_id, source, kind, value, audience)
        SELECT $film, 'x', 'score', 1, 'public' FROM generate_series(1, 2)",
        "published_score_unique",
    ),
];

#[tokio::test]
async fn invalid_rows_are_rejected_by_a_named_constraint() {
    let database = TestDatabase::demo().await;
    let mut connection = PgConnection::connect_with(&database.options())
        .await
        .unwrap();
    for (sql, constraint) in INVALID_STATEMENTS {
        let sql = sql.replace("$film", "(SELECT min(id) FROM film)");
        assert_eq!(
            violated_constraint(&sql, &mut connection).await,
            constraint,
            "{sql}"
        );
    }
}

async fn count(sql: &str, connection: &mut PgConnection) -> i64 {
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned()))
        .fetch_one(connection)
        .await
        .unwrap()
}

#[tokio::test]
async fn deleting_a_film_deletes_its_reviews_but_deleting_a_critic_or_publication_does_not() {
    let database = TestDatabase::demo().await;
    let mut connection = PgConnection::connect_with(&database.options())
        .await
        .unwrap();
    let pool = database.connect(1);
    pool.execute_unprepared("DELETE FROM critic WHERE slug = 'kirihara-suzume'; DELETE FROM publication WHERE slug = 'cormorant-quay-gazette'")
        .await
        .unwrap();
    assert_eq!(
        count("SELECT count(*) FROM review", &mut connection).await,
        150
    );
    assert!(
        count(
            "SELECT count(*) FROM review WHERE critic_id IS NULL AND byline IS NOT NULL",
            &mut connection
        )
        .await
            > 0
    );
    assert_eq!(
        count(
            "SELECT count(*) FROM review WHERE publication_id IS NULL AND weight <> 100",
            &mut connection
        )
        .await,
        0
    );
    pool.execute_unprepared("DELETE FROM film WHERE slug = 'the-lighthouse-tax-2019'")
        .await
        .unwrap();
    assert_eq!(
        count("SELECT count(*) FROM review", &mut connection).await,
        150 - 21
    );
    assert_eq!(
        marquee::review::store::tally::recount(&pool).await.unwrap(),
        []
    );
}

/// Lists and foreign keys need an index to be fast.
#[tokio::test]
async fn every_foreign_key_has_an_index() {
    let database = TestDatabase::empty().await;
    let mut connection = PgConnection::connect_with(&database.options())
        .await
        .unwrap();
    let missing: Vec<String> = sqlx::query_scalar(
        "SELECT conrelid::regclass || '.' || conname FROM pg_constraint
         WHERE contype = 'f' AND NOT EXISTS (
             SELECT FROM pg_index WHERE indrelid = conrelid AND indkey[0] = conkey[1] AND indpred IS NULL
         )",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert_eq!(missing, [""; 0]);
}
