//! The notifications of the database's triggers, for any client and statement.

mod statements;

use marquee::{
    database::schema::{migrate_down, migrate_up, status},
    subscriptions::{CHANNEL, Change, ChangeKind, Notification},
};
use sea_orm::sqlx::postgres::{PgListener, PgPoolOptions};

use super::*;

/// A database with two films and a critic, and a listener.
struct NotificationListener {
    database: TestDatabase,
    connection: DatabaseConnection,
    listener: PgListener,
}

impl NotificationListener {
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

    /// Returns the payloads since the last call. A payload of the test marks the end.
    async fn payloads(&mut self) -> Vec<String> {
        self.run("SELECT pg_notify('marquee_changes', 'end')").await;
        let mut payloads = Vec::new();
        loop {
            let received = tokio::time::timeout(Duration::from_secs(20), self.listener.recv());
            let payload = received.await.unwrap().unwrap().payload().to_owned();
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
        .map(|payload| Notification::parse(payload).unwrap());
    parsed
        .flat_map(|notice| match notice {
            Notification::Reviews(changes) => changes,
            Notification::Scores(_) | Notification::Reset | Notification::Resync => Vec::new(),
        })
        .collect()
}

const ONE: &str =
    "INSERT INTO review (film_id, critic_id, score, score_rule) VALUES (1, 1, 60, 'given')";

#[tokio::test]
async fn each_change_of_a_review_or_score_is_notified_with_its_version() {
    let mut listener = NotificationListener::new().await;
    listener.run(ONE).await;
    assert_eq!(
        listener.payloads().await,
        [r#"{"added":[[1,1,1]]}"#, r#"{"scores":[1]}"#]
    );
    listener.run("UPDATE review SET score = 70").await;
    let mut payloads = listener.payloads().await;
    payloads.sort();
    assert_eq!(payloads, [r#"{"scores":[1]}"#, r#"{"updated":[[1,1,2]]}"#]);
    // The excerpt does not affect the score.
    listener.run("UPDATE review SET excerpt = 'Bright.'").await;
    assert_eq!(listener.payloads().await, [r#"{"updated":[[1,1,3]]}"#]);
    listener.run("DELETE FROM review").await;
    let mut payloads = listener.payloads().await;
    payloads.sort();
    assert_eq!(payloads, [r#"{"deleted":[[1,1,3]]}"#, r#"{"scores":[1]}"#]);
}

#[tokio::test]
async fn moving_a_review_to_another_film_notifies_both_films() {
    let mut listener = NotificationListener::new().await;
    listener.run(ONE).await;
    listener.payloads().await;
    listener.run("UPDATE review SET film_id = 2").await;
    let mut payloads = listener.payloads().await;
    payloads.sort();
    assert_eq!(
        payloads,
        [r#"{"scores":[1,2]}"#, r#"{"updated":[[1,2,2,1]]}"#]
    );
}

#[tokio::test]
async fn deleting_a_film_notifies_the_deletion_of_its_reviews() {
    let mut listener = NotificationListener::new().await;
    listener.run(ONE).await;
    listener.payloads().await;
    listener.run("DELETE FROM film WHERE id = 1").await;
    let payloads = listener.payloads().await;
    assert!(
        payloads.contains(&r#"{"deleted":[[1,1,1]]}"#.to_owned()),
        "{payloads:?}"
    );
    assert!(
        payloads.contains(&r#"{"scores":[1]}"#.to_owned()),
        "{payloads:?}"
    );
    // A film without reviews has a score to subscribe to as well.
    listener.run("DELETE FROM film WHERE id = 2").await;
    assert_eq!(listener.payloads().await, [r#"{"scores":[2]}"#]);
}

#[tokio::test]
async fn a_changed_weight_notifies_scores_but_no_reviews() {
    let mut listener = NotificationListener::new().await;
    listener
        .run(
            "INSERT INTO publication (slug, name) VALUES ('post', 'Post');
             INSERT INTO review (film_id, publication_id, score, score_rule) VALUES (1, 1, 60, 'given')",
        )
        .await;
    assert_eq!(
        listener.payloads().await,
        [r#"{"added":[[1,1,1]]}"#, r#"{"scores":[1]}"#]
    );
    listener.run("UPDATE publication SET weight = 300").await;
    assert_eq!(listener.payloads().await, [r#"{"scores":[1]}"#]);
}

#[tokio::test]
async fn only_committed_changes_are_notified() {
    let mut listener = NotificationListener::new().await;
    listener.run(&format!("BEGIN; {ONE}; ROLLBACK")).await;
    assert_eq!(listener.payloads().await, [""; 0]);
    listener
        .run(&format!(
            "BEGIN; {ONE}; SAVEPOINT s; UPDATE review SET score = 1; ROLLBACK TO s; UPDATE review SET score = 2; COMMIT"
        ))
        .await;
    let payloads = changes(&listener.payloads().await);
    let payloads: Vec<_> = payloads
        .iter()
        .map(|change| (change.kind, change.version))
        .collect();
    assert_eq!(payloads, [(ChangeKind::Added, 1), (ChangeKind::Updated, 2)]);
}

#[tokio::test]
async fn the_migration_is_reverted_completely_and_applied_again() {
    let mut listener = NotificationListener::new().await;
    let steps = status(&listener.connection).await.unwrap();
    let before = steps
        .iter()
        .position(|step| step.name.ends_with("notify_changes"));
    let later = u32::try_from(steps.len() - before.unwrap()).unwrap();
    migrate_down(&listener.connection, later).await.unwrap();
    listener.run(ONE).await;
    assert_eq!(listener.payloads().await, [""; 0]);
    let left = "SELECT proname::text AS text FROM pg_proc WHERE proname LIKE '%notify%' AND pronamespace = 'public'::regnamespace";
    assert_eq!(texts(&listener.connection, left).await, [""; 0]);
    migrate_up(&listener.connection).await.unwrap();
    listener.run("DELETE FROM review").await;
    assert!(!listener.payloads().await.is_empty());
}
