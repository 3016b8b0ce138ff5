//! Tallies equal a recount after any history of changes, from any client, under concurrency.

mod concurrency;
mod deletion;
mod history;
mod insertion;
mod months;
mod rating;
mod recount_in_rust;
mod scores_in_sql;
mod sql;
mod update;

use marquee::review::store::tally::recount;
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use sea_orm::{
    ConnectionTrait,
    sqlx::{Connection, PgConnection},
};

use self::{
    history::{History, add_owners, history, run_history},
    recount_in_rust::assert_recounted,
};
use crate::support::TestDatabase;

async fn connect(database: &TestDatabase) -> PgConnection {
    PgConnection::connect_with(&database.options())
        .await
        .unwrap()
}

/// The number of cases: each has one history alone, and then three concurrent ones. `TALLY_CASES` overrides it.
fn cases() -> u32 {
    std::env::var("TALLY_CASES").map_or(24, |cases| cases.parse().unwrap())
}

#[tokio::test]
async fn after_any_history_each_tally_equals_a_recount() {
    let database = TestDatabase::empty().await;
    let pool = database.connect(2);
    let mut runner = TestRunner::new(Config::default());
    let mut committed = 0;
    for case in 0..cases() {
        let histories: Vec<History> = prop::collection::vec(history(), 4)
            .new_tree(&mut runner)
            .unwrap()
            .current();
        let mut connection = connect(&database).await;
        add_owners(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        // One history alone first, then concurrent ones; the isolation level alternates.
        let isolation = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"][case as usize % 3];
        let (first, others) = histories.split_first().unwrap();
        committed += run_history(first.clone(), "READ COMMITTED", connect(&database).await).await;
        assert_recounted(&pool).await;
        let mut tasks = Vec::new();
        for history in others {
            tasks.push(tokio::spawn(run_history(
                history.clone(),
                isolation,
                connect(&database).await,
            )));
        }
        for task in tasks {
            committed += task.await.unwrap();
        }
        assert_recounted(&pool).await;
    }
    assert!(
        committed > 500,
        "only {committed} transactions were committed"
    );
}

#[tokio::test]
async fn a_falsified_tally_is_reported() {
    let database = TestDatabase::demo().await;
    let pool = database.connect(1);
    assert_eq!(recount(&pool).await.unwrap(), []);
    pool.execute_unprepared("UPDATE film_tally SET score_counts[81] = 99 WHERE film_id = (SELECT id FROM film WHERE slug = 'the-lighthouse-tax-2019')")
        .await
        .unwrap();
    pool.execute_unprepared(
        "DELETE FROM critic_tally WHERE critic_id = (SELECT min(id) FROM critic)",
    )
    .await
    .unwrap();
    pool.execute_unprepared(
        "INSERT INTO review_month_count (month, is_scored, reviews) VALUES ('2019-03-01', true, 2)",
    )
    .await
    .unwrap();
    let differences = recount(&pool).await.unwrap();
    let found: Vec<_> = differences
        .iter()
        .map(|difference| (difference.kind.as_str(), difference.stored.is_some()))
        .collect();
    assert_eq!(found, [("film", true), ("critic", false), ("month", true)]);
    assert_eq!(differences[0].slug, "the-lighthouse-tax-2019");
    assert_eq!(differences[2].slug, "2019-03-01");
}
