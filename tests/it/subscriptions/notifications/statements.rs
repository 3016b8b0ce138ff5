//! Statements of any kind and size.

use std::collections::HashSet;

use marquee::review::ReviewId;
use sea_orm::sqlx::{Executor, postgres::PgPoolOptions};

use super::{NotificationListener, ONE, changes};

#[tokio::test]
async fn a_statement_without_changes_sends_no_notification() {
    let mut listener = NotificationListener::new().await;
    listener.run(ONE).await;
    listener.payloads().await;
    listener
        .run(
            "UPDATE review SET score = score, excerpt = NULL;
             UPDATE review SET updated_at = now();
             UPDATE review SET score = 1 WHERE false;
             DELETE FROM review WHERE false;
             INSERT INTO review (film_id) SELECT 1 WHERE false;
             UPDATE film_tally SET review_count = review_count",
        )
        .await;
    assert_eq!(listener.payloads().await, [""; 0]);
}

#[tokio::test]
async fn merge_copy_and_nested_statements_notify_like_any_other() {
    let mut listener = NotificationListener::new().await;
    listener.run(ONE).await;
    listener.payloads().await;
    listener
        .run(
            "MERGE INTO review USING (VALUES (1, 90), (2, 91)) AS given (film, score) ON review.film_id = given.film
             WHEN MATCHED THEN UPDATE SET score = given.score
             WHEN NOT MATCHED THEN INSERT (film_id, critic_id, score, score_rule) VALUES (given.film, 2, given.score, 'given')",
        )
        .await;
    let payloads = changes(&listener.payloads().await);
    let mut payloads: Vec<_> = payloads
        .iter()
        .map(|change| (change.review.0, change.version))
        .collect();
    payloads.sort_unstable();
    assert_eq!(payloads, [(1, 2), (2, 1)]);

    let pool = PgPoolOptions::new().connect_lazy_with(listener.database.options());
    let mut connection = pool.acquire().await.unwrap();
    let mut copy = connection
        .copy_in_raw("COPY review (film_id, byline) FROM STDIN")
        .await
        .unwrap();
    copy.send("1\tOne\n2\tTwo\n".as_bytes()).await.unwrap();
    copy.finish().await.unwrap();
    assert_eq!(changes(&listener.payloads().await).len(), 2);

    connection
        .execute(
            "WITH added AS (INSERT INTO film (slug, title) VALUES ('wick', 'Wick') RETURNING id)
             INSERT INTO review (film_id, byline) SELECT id, 'Staff' FROM added",
        )
        .await
        .unwrap();
    assert_eq!(changes(&listener.payloads().await)[0].film.0, 3);
}

#[tokio::test]
async fn truncate_notifies_that_everything_changed() {
    let mut listener = NotificationListener::new().await;
    listener.run(ONE).await;
    listener.payloads().await;
    listener.run("TRUNCATE review").await;
    let payloads = listener.payloads().await;
    assert!(
        payloads.contains(&r#"{"everything":{}}"#.to_owned()),
        "{payloads:?}"
    );
}

#[tokio::test]
async fn many_rows_are_notified_in_few_payloads_ordered_by_id() {
    let mut listener = NotificationListener::new().await;
    listener
        .run(
            "INSERT INTO film (slug, title) SELECT 'film-' || n, 'Film ' || n FROM generate_series(1, 3000) AS n;
             INSERT INTO review (film_id, byline) SELECT 3 + n % 3000, 'x' FROM generate_series(1, 20000) AS n ORDER BY random()",
        )
        .await;
    let payloads = listener.payloads().await;
    let added = changes(&payloads);
    let ids: Vec<_> = added.iter().map(|change| change.review).collect();
    assert_eq!(ids, (1..=20_000).map(ReviewId).collect::<Vec<_>>());
    // An entry has about 15 bytes.
    assert!(payloads.len() < 60, "{} payloads", payloads.len());
    let full = payloads.iter().filter(|payload| payload.len() > 7_700);
    assert!(
        full.count() >= payloads.len() - 2,
        "all but the last of each kind are full"
    );

    listener
        .run("UPDATE review SET byline = 'y' WHERE id <> 7")
        .await;
    assert_eq!(changes(&listener.payloads().await).len(), 19_999);
    listener.run("DELETE FROM review").await;
    assert_eq!(changes(&listener.payloads().await).len(), 20_000);
}

#[tokio::test]
async fn payloads_stay_within_their_limit_for_any_keys() {
    let mut listener = NotificationListener::new().await;
    listener
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
    let payloads = listener.payloads().await;
    let longest = payloads.iter().map(String::len).max();
    assert!(longest < Some(7_900), "{longest:?}");
    let kinds = changes(&payloads)
        .iter()
        .map(|change| change.kind)
        .collect::<HashSet<_>>();
    assert_eq!((changes(&payloads).len(), kinds.len()), (3_000, 3));
}
