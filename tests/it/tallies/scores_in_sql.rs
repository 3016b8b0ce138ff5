//! Scores and sentiments that the database computes itself.

use entity::{film_tally, review};
use marquee::score::{Policy, Sentiment, Tally, TallyParts};
use sea_orm::{ConnectionTrait, EntityTrait, Statement, TransactionTrait};

use super::recount_in_rust::stored_tally;
use crate::support::TestDatabase;

/// The database orders by a score that it computes itself. It must equal that of the scoring policy.
#[tokio::test]
async fn the_database_computes_the_score_that_the_policy_computes() {
    let database = TestDatabase::empty().await;
    let pool = database.connect(1);
    pool.execute_unprepared(
        "INSERT INTO film (slug, title) SELECT 'f' || n, 'F' FROM generate_series(1, 300) AS n;
         INSERT INTO publication (slug, name, weight) SELECT 'p' || n, 'P', 1 + (n * 37) % 300 FROM generate_series(1, 40) AS n;
         SELECT setseed(0.5);
         INSERT INTO review (film_id, publication_id, score, score_rule, sentiment, recommended)
         SELECT film.id, (SELECT id FROM publication ORDER BY random() + film.id LIMIT 1), score, CASE WHEN score IS NOT NULL THEN 'given' END,
             CASE WHEN random() < 0.6 THEN (ARRAY['positive', 'mixed', 'negative'])[1 + floor(random() * 3)] END,
             CASE WHEN random() < 0.3 THEN random() < 0.5 END
         FROM film, generate_series(1, 9) AS n,
             LATERAL (SELECT CASE WHEN random() < 0.4 THEN floor(random() * 101) END AS score WHERE n <= film.id % 10) AS rating",
    )
    .await
    .unwrap();
    let rows = film_tally::Entity::find().all(&pool).await.unwrap();
    let (mut scored, mut estimated, mut none) = (0, 0, 0);
    for row in &rows {
        let tally = stored_tally!(row).unwrap();
        let summary = Policy::default().score(&tally, marquee::score::Basis::Critics);
        assert_eq!(row.score, summary.value.map(i16::from), "{row:?}");
        match (summary.value, summary.estimated) {
            (None, _) => none += 1,
            (Some(_), true) => estimated += 1,
            (Some(_), false) => scored += 1,
        }
    }
    assert!(
        scored > 20 && estimated > 20 && none > 20,
        "{scored} {estimated} {none}"
    );
}

/// Both the table and the domain rules define the sentiment that an unscored review implies.
#[tokio::test]
async fn the_database_and_the_domain_rules_imply_the_same_sentiment() {
    let database = TestDatabase::demo().await;
    let pool = database.connect(1);
    let transaction = pool.begin().await.unwrap();
    transaction
        .execute_raw(Statement::from_string(
            sea_orm::DbBackend::Postgres,
            "INSERT INTO review (film_id, score, score_rule, sentiment, recommended)
             SELECT (SELECT min(id) FROM film), score, CASE WHEN score IS NOT NULL THEN 'given' END, sentiment, recommended
             FROM unnest(ARRAY[NULL, 50]) AS score,
                 unnest(ARRAY[NULL, 'positive', 'mixed', 'negative']) AS sentiment,
                 unnest(ARRAY[NULL, true, false]) AS recommended",
        ))
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    for row in review::Entity::find().all(&pool).await.unwrap() {
        let expected = match row.score {
            Some(_) => None,
            None => Sentiment::of_unscored(row.sentiment.map(Sentiment::from), row.recommended),
        };
        assert_eq!(
            row.implied_sentiment.map(Sentiment::from),
            expected,
            "{row:?}"
        );
    }
}
