//! PostgreSQL unavailable, busy or slow: error responses, cancellation of statements, and recovery.

mod admission;
mod conflicts;
mod deadline;
pub mod outage_server;
mod unavailable;

use std::time::{Duration, Instant};

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::{TestDatabase, TestServer};

/// Costs one statement.
const FILMS: &str = "{ films { nodes { title } } }";

/// The status, the code and message of the error, `Retry-After` and the duration of a response.
struct TimedResponse {
    status: u16,
    code: Value,
    message: Value,
    retry_after: Option<String>,
    duration: Duration,
}

impl TimedResponse {
    fn status_and_code(&self) -> (u16, Value) {
        (self.status, self.code.clone())
    }
}

async fn send(server: &TestServer, query: &str) -> TimedResponse {
    send_as(server, "10.0.0.1", query).await
}

/// Sends a query as a client at an address behind a proxy.
async fn send_as(server: &TestServer, address: &str, query: &str) -> TimedResponse {
    let start = Instant::now();
    let request = server.client().post(server.url("/graphql"));
    let request = request.header("x-forwarded-for", address);
    let response = request.json(&json!({"query": query})).send().await.unwrap();
    let status = response.status().as_u16();
    let header = response.headers().get("retry-after");
    let retry_after = header.map(|value| value.to_str().unwrap().to_owned());
    let body: Value = response.json().await.unwrap();
    TimedResponse {
        status,
        code: body["errors"][0]["extensions"]["code"].clone(),
        message: body["errors"][0]["message"].clone(),
        retry_after,
        duration: start.elapsed(),
    }
}

/// Returns the number of running statements of a server.
pub async fn running(database: &sea_orm::DatabaseConnection) -> i64 {
    let sql = "SELECT count(*) AS n FROM pg_stat_activity
        WHERE datname = current_database() AND state = 'active' AND application_name = 'marquee' AND pid <> pg_backend_pid()";
    let row = database.query_one_raw(sea_orm::Statement::from_string(
        sea_orm::DbBackend::Postgres,
        sql,
    ));
    row.await.unwrap().unwrap().try_get("", "n").unwrap()
}

/// Locks tables, so that statements that read them wait until the transaction ends.
pub async fn lock_tables(
    connection: &sea_orm::DatabaseConnection,
    tables: &str,
) -> sea_orm::DatabaseTransaction {
    let transaction = sea_orm::TransactionTrait::begin(connection).await.unwrap();
    transaction
        .execute_unprepared(&format!("LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE"))
        .await
        .unwrap();
    transaction
}

/// Waits until this many statements run.
pub async fn wait_for_running(database: &sea_orm::DatabaseConnection, expected: i64) {
    for _ in 0..200 {
        if running(database).await == expected {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("{} statements run, not {expected}", running(database).await);
}

/// Starts a server with these settings, and returns it with a connection that observes and a transaction that locks the
/// reviews and films.
async fn server_with_locks(
    settings: &[&str],
) -> (
    TestServer,
    sea_orm::DatabaseConnection,
    sea_orm::DatabaseTransaction,
) {
    let database = TestDatabase::demo().await;
    let watcher = database.connect(1);
    let holder = lock_tables(&database.connect(1), "review, film").await;
    (
        TestServer::with_arguments(database, settings),
        watcher,
        holder,
    )
}

#[tokio::test]
async fn a_request_past_its_deadline_gets_503_and_its_statements_are_cancelled() {
    let (server, watcher, holder) = server_with_locks(&["--request-timeout=1"]).await;
    let response = send(&server, FILMS).await;
    assert_eq!(
        (response.status, response.code),
        (503, json!("DEADLINE_EXCEEDED"))
    );
    assert_eq!(response.retry_after.as_deref(), Some("1"));
    assert!(
        response.duration < Duration::from_secs(3),
        "{:?}",
        response.duration
    );
    wait_for_running(&watcher, 0).await;
    holder.rollback().await.unwrap();
    // The connections of cancelled statements work again.
    for _ in 0..10 {
        assert_eq!(send(&server, FILMS).await.status, 200);
    }
}

#[tokio::test]
async fn a_statement_of_a_cheap_operation_is_cancelled_before_the_deadline() {
    let (server, watcher, holder) =
        server_with_locks(&["--request-timeout=3", "--connection-timeout=200"]).await;
    let response = send(&server, FILMS).await;
    assert_eq!(
        response.status_and_code(),
        (503, json!("DEADLINE_EXCEEDED"))
    );
    assert_eq!(response.retry_after.as_deref(), Some("1"));
    let message = "a statement took longer than the cost of the operation allows; request less data, or try again later";
    assert_eq!(response.message, message);
    wait_for_running(&watcher, 0).await;
    holder.rollback().await.unwrap();
    assert_eq!(send(&server, FILMS).await.status, 200);
}

#[tokio::test]
async fn statements_of_a_disconnected_client_are_cancelled() {
    let (server, watcher, holder) = server_with_locks(&["--request-timeout=60"]).await;
    let url = server.url("/graphql");
    let client = tokio::spawn(async move {
        let client = reqwest::Client::new();
        let _ = client.post(url).json(&json!({"query": FILMS})).send().await;
    });
    wait_for_running(&watcher, 1).await;
    client.abort();
    wait_for_running(&watcher, 0).await;
    holder.rollback().await.unwrap();
    assert_eq!(send(&server, FILMS).await.status, 200);
}

/// A query for this number of films. Queries for different numbers don't share a statement.
fn films_of(count: usize) -> String {
    format!("{{ films(first: {count}) {{ nodes {{ title }} }} }}")
}

/// Sends queries whose statements wait for a lock, until they hold this number of connections.
async fn hold_connections(
    server: &TestServer,
    watcher: &sea_orm::DatabaseConnection,
    number: usize,
) -> Vec<tokio::task::JoinHandle<reqwest::StatusCode>> {
    let url = server.url("/graphql");
    let holders = (1..=number).map(|count| {
        let request = reqwest::Client::new().post(&url);
        let request = request.header("x-forwarded-for", "10.0.0.1");
        let request = request.json(&json!({ "query": films_of(count) }));
        tokio::spawn(async move { request.send().await.unwrap().status() })
    });
    let holders = holders.collect();
    wait_for_running(watcher, i64::try_from(number).unwrap()).await;
    holders
}

#[tokio::test]
async fn a_request_without_a_free_connection_gets_retry_after_and_the_reason() {
    let settings = [
        "--request-timeout=60",
        "--connection-timeout=200",
        "--max-waiting=3",
        "--worker-connections=2",
        "--trusted-proxy=127.0.0.1",
    ];
    let (server, watcher, holder) = server_with_locks(&settings).await;
    let holders = hold_connections(&server, &watcher, 2).await;
    // Three requests wait until the timeout; further ones are rejected immediately.
    let start = Instant::now();
    let others: Vec<_> = (3..23).map(films_of).collect();
    let responses = others.iter().map(|films| send(&server, films));
    let responses = futures_util::future::join_all(responses).await;
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    // The caller itself holds both connections.
    for response in &responses {
        assert_eq!(response.status_and_code(), (429, json!("RATE_LIMITED")));
        assert_eq!(response.retry_after.as_deref(), Some("1"));
        let message = "your other requests use your share of the database connections; send fewer at the same time, and try again later";
        assert_eq!(response.message, message);
    }
    let at_once = |response: &&TimedResponse| response.duration < Duration::from_millis(150);
    assert!(responses.iter().filter(at_once).count() >= 10);
    // Another caller does not.
    let response = send_as(&server, "10.0.0.2", &films_of(23)).await;
    assert_eq!(response.status_and_code(), (503, json!("UNAVAILABLE")));
    assert_eq!(response.retry_after.as_deref(), Some("1"));
    let message =
        "the server is busy: no connection to the database was free in time; try again later";
    assert_eq!(response.message, message);
    for (reason, refused) in [("over_share", 20), ("overloaded", 1)] {
        let labels = format!("marquee_database_refused_total{{reason=\"{reason}\"}}");
        assert_eq!(server.metric(&labels).await, refused);
    }
    holder.rollback().await.unwrap();
    for status in holders {
        assert_eq!(status.await.unwrap(), 200);
    }
    assert_eq!(send(&server, FILMS).await.status, 200);
}
