//! Tallies under concurrent transactions.

use entity::film_tally;
use sea_orm::{
    EntityTrait,
    sqlx::{self, PgConnection, error::DatabaseError},
};

use super::{connect, recount_in_rust::assert_recounted};
use crate::support::TestDatabase;

#[tokio::test]
async fn concurrent_writers_of_one_film_neither_deadlock_nor_lose_a_review() {
    let database = TestDatabase::demo().await;
    let sql = "INSERT INTO review (film_id, critic_id, publication_id, score, score_rule, source, external_id)
        SELECT film.id, critic.id, publication.id, 70, 'given', 'race', gen_random_uuid()::text
        FROM film, critic, publication
        WHERE film.slug = 'the-lighthouse-tax-2019'
        ORDER BY random() LIMIT 3";
    let mut writers = Vec::new();
    for _ in 0..8 {
        let mut connection = connect(&database).await;
        writers.push(tokio::spawn(async move {
            for _ in 0..20 {
                sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let pool = database.connect(1);
    assert_recounted(&pool).await;
    let tally = film_tally::Entity::find().all(&pool).await.unwrap();
    assert_eq!(
        tally.iter().map(|row| row.review_count).max(),
        Some(21 + 8 * 20 * 3)
    );
}

/// A transaction that deletes the earliest review must see an earlier one that another transaction added while it
/// waited.
#[tokio::test]
async fn a_date_added_while_the_first_one_is_deleted_is_seen() {
    let database = TestDatabase::empty().await;
    let (mut adding, mut deleting, mut observing) = (
        connect(&database).await,
        connect(&database).await,
        connect(&database).await,
    );
    let run = async |sql: &'static str, connection: &mut PgConnection| {
        sqlx::raw_sql(sql).execute(connection).await.unwrap();
    };
    run(
        "INSERT INTO film (slug, title) VALUES ('f', 'F');
         INSERT INTO review (film_id, reviewed_on) SELECT id, d FROM film, unnest(ARRAY['2020-01-01', '2020-06-01']::date[]) AS d",
        &mut adding,
    )
    .await;
    run(
        "BEGIN; INSERT INTO review (film_id, reviewed_on) SELECT id, '2020-03-01' FROM film",
        &mut adding,
    )
    .await;
    let deletion = tokio::spawn(async move {
        let sql = "DELETE FROM review WHERE reviewed_on = '2020-01-01'";
        sqlx::raw_sql(sql).execute(&mut deleting).await.unwrap();
    });
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    loop {
        let waiting: i64 = sqlx::query_scalar(waits)
            .fetch_one(&mut observing)
            .await
            .unwrap();
        if waiting > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    run("COMMIT", &mut adding).await;
    deletion.await.unwrap();
    assert_recounted(&database.connect(1)).await;
}

/// A transaction whose snapshot is older than some reviews can't see them, so it must not change their weight.
#[tokio::test]
async fn a_transaction_with_an_old_snapshot_cannot_change_a_weight() {
    let database = TestDatabase::empty().await;
    let (mut stale, mut adding) = (connect(&database).await, connect(&database).await);
    let run = async |sql: &'static str, connection: &mut PgConnection| {
        sqlx::raw_sql(sql).execute(connection).await.map(drop)
    };
    let owners = "INSERT INTO film (slug, title) VALUES ('f', 'F'); INSERT INTO publication (slug, name) VALUES ('p', 'P')";
    run(owners, &mut adding).await.unwrap();
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM review";
    run(begin, &mut stale).await.unwrap();
    let add = "INSERT INTO review (film_id, publication_id, score, score_rule) SELECT film.id, publication.id, 50, 'given' FROM film, publication";
    run(add, &mut adding).await.unwrap();
    let error = run("UPDATE publication SET weight = 300", &mut stale)
        .await
        .unwrap_err();
    let code = error.as_database_error().and_then(DatabaseError::code);
    assert_eq!(code.as_deref(), Some("40001"), "{error}");
    run("ROLLBACK", &mut stale).await.unwrap();
    assert_recounted(&database.connect(1)).await;
}

/// With an old snapshot, the tallies of newer reviews would remain.
#[tokio::test]
async fn a_transaction_with_an_old_snapshot_cannot_truncate_reviews() {
    let database = TestDatabase::demo().await;
    let mut connection = connect(&database).await;
    let truncate = "BEGIN ISOLATION LEVEL REPEATABLE READ; TRUNCATE review; COMMIT";
    let error = sqlx::raw_sql(truncate)
        .execute(&mut connection)
        .await
        .unwrap_err();
    let code = error.as_database_error().and_then(DatabaseError::code);
    assert_eq!(code.as_deref(), Some("40001"), "{error}");
    assert_recounted(&database.connect(1)).await;
}
