//! Mutations past their deadline: the response states correctly what was changed.

use std::time::{Duration, Instant};

use marquee::access::Role;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{lock_tables, running, server_with_locks, wait_for_running};
use crate::support::{TestDatabase, TestServer};

/// Returns a mutation that adds a film with an idempotency key.
fn add(title: &str) -> Value {
    let film = json!({"title": title, "idempotencyKey": title});
    let document = "mutation($film: AddFilmInput!) { addFilm(input: $film) { film { title } userErrors { code } } }";
    json!({"query": document, "variables": {"film": film}})
}

/// Creates a trigger that sleeps for longer than any test.
async fn sleep_on(database: &TestDatabase, trigger: &str) {
    let function = "CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NEW; END';";
    database.execute(&format!("{function} {trigger}")).await;
}

/// Returns the number of films with this title.
async fn films(database: &TestDatabase, title: &str) -> String {
    let sql = format!("SELECT count(*)::text FROM film WHERE title = '{title}'");
    database.texts(&sql).await.remove(0)
}

#[tokio::test]
async fn a_mutation_past_its_deadline_changes_nothing_and_is_cancelled() {
    let (server, watcher, holder) = server_with_locks(&["--request-timeout=1"]).await;
    let token = server.database.token(Role::Editor, None).await;
    let start = Instant::now();
    let response = server.send_as(&token, add("Too Late")).await;
    let elapsed = start.elapsed();
    assert!(elapsed < Duration::from_millis(2_500), "{elapsed:?}");
    assert_eq!(response.status, 200);
    let error = &response.body["errors"][0];
    assert_eq!(error["extensions"]["code"], "DEADLINE_EXCEEDED");
    assert_eq!(error["path"], json!(["addFilm"]));
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("nothing was changed"),
        "{error}"
    );
    wait_for_running(&watcher, 0).await;
    holder.rollback().await.unwrap();
    assert_eq!(films(&server.database, "Too Late").await, "0");
    // Its idempotency key can be used again.
    let response = server.send_as(&token, add("Too Late")).await;
    assert_eq!(
        response.body["data"]["addFilm"]["film"]["title"], "Too Late",
        "{}",
        response.body
    );
}

#[tokio::test]
async fn mutations_before_the_deadline_return_results_and_later_ones_do_not_run() {
    let database = TestDatabase::demo().await;
    // The insertion of this film sleeps.
    sleep_on(
        &database,
        "CREATE TRIGGER sleep BEFORE INSERT ON film FOR EACH ROW WHEN (NEW.title = 'Second') EXECUTE FUNCTION sleep()",
    )
    .await;
    let token = database.token(Role::Editor, None).await;
    let server = TestServer::with_arguments(database, &["--request-timeout=1"]);
    let document = r#"mutation {
        first: addFilm(input: {title: "First"}) { film { title } }
        second: addFilm(input: {title: "Second"}) { film { title } }
        third: addFilm(input: {title: "Third"}) { film { title } }
    }"#;
    let response = server.send_as(&token, json!({"query": document})).await;
    let expected = json!({"first": {"film": {"title": "First"}}, "second": null, "third": null});
    assert_eq!(response.body["data"], expected, "{}", response.body);
    for (place, field) in ["second", "third"].iter().enumerate() {
        let error = &response.body["errors"][place];
        assert_eq!(error["path"], json!([field]));
        assert_eq!(error["extensions"]["code"], "DEADLINE_EXCEEDED", "{error}");
    }
    for (title, expected) in [("First", "1"), ("Second", "0"), ("Third", "0")] {
        assert_eq!(films(&server.database, title).await, expected, "{title}");
    }
}

#[tokio::test]
async fn an_unconfirmed_commit_is_never_cancelled_and_a_retry_with_the_key_returns_its_result() {
    let database = TestDatabase::demo().await;
    // The deferred trigger makes the commit wait for a lock.
    database
        .execute(
            "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(77); RETURN NEW; END';
             CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON film DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION wait()",
        )
        .await;
    let token = database.token(Role::Editor, None).await;
    let watcher = database.connect(1);
    let holder = database.connect(1);
    holder
        .execute_unprepared("SELECT pg_advisory_lock(77)")
        .await
        .unwrap();
    let server = TestServer::with_arguments(database, &["--request-timeout=1"]);
    let start = Instant::now();
    let response = server.send_as(&token, add("Who Knows")).await;
    let elapsed = start.elapsed();
    // The commit had the rest of its time budget.
    assert!(elapsed < Duration::from_millis(2_500), "{elapsed:?}");
    assert_eq!(
        response.body["errors"][0]["extensions"]["code"], "OUTCOME_UNKNOWN",
        "{}",
        response.body
    );
    sleep(Duration::from_millis(500)).await;
    assert_eq!(running(&watcher).await, 1);
    holder.close().await.unwrap();
    wait_for_running(&watcher, 0).await;
    assert_eq!(films(&server.database, "Who Knows").await, "1");
    for _ in 0..2 {
        let response = server.send_as(&token, add("Who Knows")).await;
        assert_eq!(
            response.body["data"]["addFilm"]["film"]["title"], "Who Knows",
            "{}",
            response.body
        );
    }
    assert_eq!(films(&server.database, "Who Knows").await, "1");
}

#[tokio::test]
async fn an_unavailable_result_differs_from_a_failed_mutation() {
    let database = TestDatabase::demo().await;
    let token = database.token(Role::Editor, None).await;
    let holder = lock_tables(&database.connect(1), "published_score").await;
    let name = database.options().get_database().unwrap().to_owned();
    database
        .execute(&format!(
            "ALTER ROLE marquee_serving IN DATABASE {name} SET lock_timeout = '300ms'"
        ))
        .await;
    let server = TestServer::with_arguments(database, &[]);
    let document = r#"mutation { addFilm(input: {title: "Shown Later"}) { film { title publishedScores { source } } } }"#;
    let response = server.send_as(&token, json!({"query": document})).await;
    let error = &response.body["errors"][0];
    assert_eq!(
        error["extensions"]["code"], "RESULT_UNAVAILABLE",
        "{}",
        response.body
    );
    assert_eq!(error["path"], json!(["addFilm", "film", "publishedScores"]));
    assert_eq!(films(&server.database, "Shown Later").await, "1");
    holder.rollback().await.unwrap();
}

#[tokio::test]
async fn the_deadline_includes_the_lookup_of_the_token() {
    let database = TestDatabase::demo().await;
    let token = database.token(Role::Editor, None).await;
    let holder = lock_tables(&database.connect(1), "api_token").await;
    let server = TestServer::with_arguments(database, &["--request-timeout=1"]);
    let start = Instant::now();
    let response = server
        .send_as(&token, json!({"query": "{ films { nodes { title } } }"}))
        .await;
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(response.status, 503);
    assert_eq!(
        response.body["errors"][0]["extensions"]["code"],
        "DEADLINE_EXCEEDED"
    );
    holder.rollback().await.unwrap();
}
