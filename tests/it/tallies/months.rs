//! The numbers of reviews by month, which are sums of rows.

use sea_orm::{ConnectionTrait, DatabaseConnection};

use super::recount;
use crate::support::TestDatabase;

const ROWS: &str = "SELECT count(*)::text FROM review_month_count WHERE month = '2021-05-01'";

async fn sum(isolation: &str, connection: &DatabaseConnection) {
    let sql = format!(
        "BEGIN ISOLATION LEVEL {isolation}; SELECT review_month_count_sum(ARRAY['2021-05-01'::date]); COMMIT"
    );
    connection.execute_unprepared(&sql).await.unwrap();
}

#[tokio::test]
async fn the_rows_of_a_number_are_replaced_by_their_sum() {
    let database = TestDatabase::demo().await;
    let connection = database.connect(1);
    // The rows that the triggers may have summed already don't matter.
    let rows = "INSERT INTO review_month_count (month, is_scored, reviews) SELECT '2021-05-01', true, 1 FROM generate_series(1, 20);
        INSERT INTO review_month_count (month, is_scored, reviews) SELECT '2021-05-01', true, -1 FROM generate_series(1, 20);
        INSERT INTO review_month_count (month, is_scored, recommended, reviews) SELECT '2021-05-01', false, true, n FROM (VALUES (1), (-1)) AS changes (n)";
    connection.execute_unprepared(rows).await.unwrap();
    sum("REPEATABLE READ", &connection).await;
    assert_eq!(
        database.texts(ROWS).await,
        ["42"],
        "its snapshot may be old"
    );
    sum("READ COMMITTED", &connection).await;
    assert_eq!(database.texts(ROWS).await, ["0"], "all numbers are zero");

    let rows = "INSERT INTO review_month_count (month, is_scored, reviews) SELECT '2021-05-01', true, 1 FROM generate_series(1, 7)";
    connection.execute_unprepared(rows).await.unwrap();
    sum("READ COMMITTED", &connection).await;
    assert_eq!(
        database.texts(ROWS).await,
        ["7"],
        "few rows are left as they are"
    );
    let rows =
        "INSERT INTO review_month_count (month, is_scored, reviews) VALUES ('2021-05-01', true, 5)";
    connection.execute_unprepared(rows).await.unwrap();
    sum("READ COMMITTED", &connection).await;
    let rows = "SELECT reviews::text FROM review_month_count WHERE month = '2021-05-01'";
    assert_eq!(database.texts(rows).await, ["12"]);
    assert_eq!(
        recount(&connection).await.unwrap().len(),
        1,
        "no such reviews"
    );
    connection.close().await.unwrap();
}

/// PostgreSQL rejects updates and deletes of a published table without a replica identity.
#[tokio::test]
async fn every_table_can_be_published_for_logical_replication() {
    let database = TestDatabase::demo().await;
    let without = "SELECT relname::text FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relreplident <> 'f'
            AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = pg_class.oid AND indisprimary)";
    assert_eq!(database.texts(without).await, [""; 0]);
}
