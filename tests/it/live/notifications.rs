//! What the database tells, whoever changes it and by whichever statement.

use std::collections::HashSet;

use marquee::{
    database::schema::{migrate_down, migrate_up, status},
    live::{CHANNEL, Change, ChangeKind, Notice},
    review::ReviewId,
};
use sea_orm::sqlx::{Executor, postgres::PgListener, postgres::PgPoolOptions};

use super::*;

/// A database with two films and a critic, and somebody who listens.
struct Heard {
    database: TestDatabase,
    connection: DatabaseConnection,
    listener: PgListener,
}

impl Heard {
    async fn new() -> Self {
        let database = TestDatabase::empty().await;
        let connection = database.connect(1);
        run(
            &connection,
            "INSERT INTO film (slug, title) VALUES ('lamp', 'Lamp'), ('moth', 'Moth');
             INSERT INTO critic (slug, name) VALUES ('ann', 'Ann'), ('bob', 'Bob')",
        )
        .await;
        let pool = PgPoolOptions::new().connect_lazy_with(database.options());
        let mut listener = PgListener::connect_with(&pool).await.unwrap();
        listener.listen(CHANNEL).await.unwrap();
        Self {
            database,
            connection,
            listener,
        }
    }

    async fn run(&self, sql: &str) {
        run(&self.connection, sql).await;
    }

    /// What has been told since the last time. A word of the test's own marks the end.
    async fn payloads(&mut self) -> Vec<String> {
        self.run("SELECT pg_notify('marquee_changes', 'end')").await;
        let mut payloads = Vec::new();
        loop {
            let told = tokio::time::timeout(Duration::from_secs(20), self.listener.recv());
            let payload = told.await.unwrap().unwrap().payload().to_owned();
            if payload == "end" {
                return payloads;
            }
            payloads.push(payload);
        }
    }
}

fn changes(payloads: &[String]) -> Vec<Change> {
    let parsed = payloads
        .iter()
        .map(|payload| Notice::parse(payload).unwrap());
    parsed
        .flat_map(|notice| match notice {
            Notice::Reviews(changes) => changes,
            Notice::Scores(_) | Notice::Everything => Vec::new(),
        })
        .collect()
}

const ONE: &str =
    "INSERT INTO review (film_id, critic_id, score, score_rule) VALUES (1, 1, 60, 'given')";

#[tokio::test]
async fn each_change_of_a_review_and_of_a_score_is_told_with_its_version() {
    let mut heard = Heard::new().await;
    heard.run(ONE).await;
    assert_eq!(
        heard.payloads().await,
        [r#"{"added":[[1,1,1]]}"#, r#"{"scores":[1]}"#]
    );
    heard.run("UPDATE review SET score = 70").await;
    let mut told = heard.payloads().await;
    told.sort();
    assert_eq!(told, [r#"{"scores":[1]}"#, r#"{"updated":[[1,1,2]]}"#]);
    // A quote is no part of the score.
    heard.run("UPDATE review SET excerpt = 'Bright.'").await;
    assert_eq!(heard.payloads().await, [r#"{"updated":[[1,1,3]]}"#]);
    heard.run("DELETE FROM review").await;
    let mut told = heard.payloads().await;
    told.sort();
    assert_eq!(told, [r#"{"deleted":[[1,1,3]]}"#, r#"{"scores":[1]}"#]);
}

#[tokio::test]
async fn a_statement_that_changes_nothing_tells_nothing() {
    let mut heard = Heard::new().await;
    heard.run(ONE).await;
    heard.payloads().await;
    heard
        .run(
            "UPDATE review SET score = score, excerpt = NULL;
             UPDATE review SET updated_at = now();
             UPDATE review SET score = 1 WHERE false;
             DELETE FROM review WHERE false;
             INSERT INTO review (film_id) SELECT 1 WHERE false;
             UPDATE film_tally SET review_count = review_count",
        )
        .await;
    assert_eq!(heard.payloads().await, [""; 0]);
}

#[tokio::test]
async fn a_review_that_is_given_to_another_film_tells_both() {
    let mut heard = Heard::new().await;
    heard.run(ONE).await;
    heard.payloads().await;
    heard.run("UPDATE review SET film_id = 2").await;
    let mut told = heard.payloads().await;
    told.sort();
    assert_eq!(told, [r#"{"scores":[1,2]}"#, r#"{"updated":[[1,2,2,1]]}"#]);
}

#[tokio::test]
async fn a_film_that_goes_takes_its_reviews_along_and_that_is_told() {
    let mut heard = Heard::new().await;
    heard.run(ONE).await;
    heard.payloads().await;
    heard.run("DELETE FROM film WHERE id = 1").await;
    let told = heard.payloads().await;
    assert!(
        told.contains(&r#"{"deleted":[[1,1,1]]}"#.to_owned()),
        "{told:?}"
    );
    assert!(told.contains(&r#"{"scores":[1]}"#.to_owned()), "{told:?}");
    // A film without reviews has a score to wait for as well.
    heard.run("DELETE FROM film WHERE id = 2").await;
    assert_eq!(heard.payloads().await, [r#"{"scores":[2]}"#]);
}

#[tokio::test]
async fn a_weight_that_changes_tells_scores_and_no_reviews() {
    let mut heard = Heard::new().await;
    heard
        .run(
            "INSERT INTO publication (slug, name) VALUES ('post', 'Post');
             INSERT INTO review (film_id, publication_id, score, score_rule) VALUES (1, 1, 60, 'given')",
        )
        .await;
    assert_eq!(
        heard.payloads().await,
        [r#"{"added":[[1,1,1]]}"#, r#"{"scores":[1]}"#]
    );
    heard.run("UPDATE publication SET weight = 300").await;
    assert_eq!(heard.payloads().await, [r#"{"scores":[1]}"#]);
}

#[tokio::test]
async fn what_is_rolled_back_is_not_told_and_what_is_kept_of_a_transaction_is() {
    let mut heard = Heard::new().await;
    heard.run(&format!("BEGIN; {ONE}; ROLLBACK")).await;
    assert_eq!(heard.payloads().await, [""; 0]);
    heard
        .run(&format!(
            "BEGIN; {ONE}; SAVEPOINT s; UPDATE review SET score = 1; ROLLBACK TO s; UPDATE review SET score = 2; COMMIT"
        ))
        .await;
    let told = changes(&heard.payloads().await);
    let told: Vec<_> = told
        .iter()
        .map(|change| (change.kind, change.version))
        .collect();
    assert_eq!(told, [(ChangeKind::Added, 1), (ChangeKind::Updated, 2)]);
}

#[tokio::test]
async fn merge_copy_and_statements_within_statements_tell_as_any() {
    let mut heard = Heard::new().await;
    heard.run(ONE).await;
    heard.payloads().await;
    heard
        .run(
            "MERGE INTO review USING (VALUES (1, 90), (2, 91)) AS given (film, score) ON review.film_id = given.film
             WHEN MATCHED THEN UPDATE SET score = given.score
             WHEN NOT MATCHED THEN INSERT (film_id, critic_id, score, score_rule) VALUES (given.film, 2, given.score, 'given')",
        )
        .await;
    let told = changes(&heard.payloads().await);
    let mut told: Vec<_> = told
        .iter()
        .map(|change| (change.review.0, change.version))
        .collect();
    told.sort_unstable();
    assert_eq!(told, [(1, 2), (2, 1)]);

    let pool = PgPoolOptions::new().connect_lazy_with(heard.database.options());
    let mut connection = pool.acquire().await.unwrap();
    let mut copy = connection
        .copy_in_raw("COPY review (film_id, byline) FROM STDIN")
        .await
        .unwrap();
    copy.send("1\tOne\n2\tTwo\n".as_bytes()).await.unwrap();
    copy.finish().await.unwrap();
    assert_eq!(changes(&heard.payloads().await).len(), 2);

    connection
        .execute(
            "WITH added AS (INSERT INTO film (slug, title) VALUES ('wick', 'Wick') RETURNING id)
             INSERT INTO review (film_id, byline) SELECT id, 'Staff' FROM added",
        )
        .await
        .unwrap();
    assert_eq!(changes(&heard.payloads().await)[0].film.0, 3);
}

#[tokio::test]
async fn truncating_tells_that_nothing_is_as_it_was() {
    let mut heard = Heard::new().await;
    heard.run(ONE).await;
    heard.payloads().await;
    heard.run("TRUNCATE review").await;
    let told = heard.payloads().await;
    assert!(
        told.contains(&r#"{"everything":{}}"#.to_owned()),
        "{told:?}"
    );
}

#[tokio::test]
async fn many_rows_are_told_in_few_full_payloads_in_the_order_of_their_ids() {
    let mut heard = Heard::new().await;
    heard
        .run(
            "INSERT INTO film (slug, title) SELECT 'film-' || n, 'Film ' || n FROM generate_series(1, 3000) AS n;
             INSERT INTO review (film_id, byline) SELECT 3 + n % 3000, 'x' FROM generate_series(1, 20000) AS n ORDER BY random()",
        )
        .await;
    let told = heard.payloads().await;
    let added = changes(&told);
    let ids: Vec<_> = added.iter().map(|change| change.review).collect();
    assert_eq!(ids, (1..=20_000).map(ReviewId).collect::<Vec<_>>());
    // An entry has 15 bytes or so.
    assert!(told.len() < 60, "{} payloads", told.len());
    let full = told.iter().filter(|payload| payload.len() > 7_700);
    assert!(
        full.count() >= told.len() - 2,
        "all but the last of each kind are full"
    );

    heard
        .run("UPDATE review SET byline = 'y' WHERE id <> 7")
        .await;
    assert_eq!(changes(&heard.payloads().await).len(), 19_999);
    heard.run("DELETE FROM review").await;
    assert_eq!(changes(&heard.payloads().await).len(), 20_000);
}

#[tokio::test]
async fn no_payload_is_too_long_whatever_the_keys() {
    let mut heard = Heard::new().await;
    heard
        .run(
            "ALTER SEQUENCE film_id_seq RESTART 9223372036854770001;
             ALTER SEQUENCE review_id_seq RESTART 9223372036854770001;
             ALTER TABLE review DISABLE TRIGGER review_count_version;
             INSERT INTO film (slug, title) VALUES ('a', 'A'), ('b', 'B');
             INSERT INTO review (film_id, byline, version)
                SELECT 9223372036854770001, 'x', 2147483646 FROM generate_series(1, 1000);
             UPDATE review SET film_id = 9223372036854770002, version = version + 1;
             DELETE FROM review",
        )
        .await;
    let told = heard.payloads().await;
    let longest = told.iter().map(String::len).max();
    assert!(longest < Some(7_900), "{longest:?}");
    let kinds = changes(&told)
        .iter()
        .map(|change| change.kind)
        .collect::<HashSet<_>>();
    assert_eq!((changes(&told).len(), kinds.len()), (3_000, 3));
}

#[tokio::test]
async fn the_migration_goes_back_without_a_trace_and_comes_again() {
    let mut heard = Heard::new().await;
    let steps = status(&heard.connection).await.unwrap();
    let before = steps
        .iter()
        .position(|step| step.name.ends_with("notify_changes"));
    let later = u32::try_from(steps.len() - before.unwrap()).unwrap();
    migrate_down(&heard.connection, later).await.unwrap();
    heard.run(ONE).await;
    assert_eq!(heard.payloads().await, [""; 0]);
    let left = "SELECT proname::text AS text FROM pg_proc WHERE proname LIKE '%notify%' AND pronamespace = 'public'::regnamespace";
    assert_eq!(texts(&heard.connection, left).await, [""; 0]);
    migrate_up(&heard.connection).await.unwrap();
    heard.run("DELETE FROM review").await;
    assert!(!heard.payloads().await.is_empty());
}
