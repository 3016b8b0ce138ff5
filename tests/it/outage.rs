//! PostgreSQL away, busy or slow: what is answered meanwhile, that nothing runs on, and that service comes back by itself.

mod away;
mod deadline;
pub mod stage;

use std::time::{Duration, Instant};

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::{TestDatabase, TestServer};

/// One statement, if there is nothing else to read.
const FILMS: &str = "{ films { nodes { title } } }";

/// The status and the code of an answer, its `Retry-After`, and how long it took.
struct Told {
    status: u16,
    code: Value,
    retry_after: Option<String>,
    took: Duration,
}

async fn ask(server: &TestServer, query: &str) -> Told {
    let begun = Instant::now();
    let request = server.client().post(server.url("/graphql"));
    let response = request.json(&json!({"query": query})).send().await.unwrap();
    let status = response.status().as_u16();
    let header = response.headers().get("retry-after");
    let retry_after = header.map(|value| value.to_str().unwrap().to_owned());
    let body: Value = response.json().await.unwrap();
    Told {
        status,
        code: body["errors"][0]["extensions"]["code"].clone(),
        retry_after,
        took: begun.elapsed(),
    }
}

/// How many statements of a server run in its database.
pub async fn running(database: &sea_orm::DatabaseConnection) -> i64 {
    let sql = "SELECT count(*) AS n FROM pg_stat_activity
        WHERE datname = current_database() AND state = 'active' AND application_name = 'marquee' AND pid <> pg_backend_pid()";
    let row = database.query_one_raw(sea_orm::Statement::from_string(
        sea_orm::DbBackend::Postgres,
        sql,
    ));
    row.await.unwrap().unwrap().try_get("", "n").unwrap()
}

/// Waits until so many statements run.
pub async fn wait_for_running(database: &sea_orm::DatabaseConnection, expected: i64) {
    for _ in 0..200 {
        if running(database).await == expected {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("{} statements run, not {expected}", running(database).await);
}

/// A server with a second's deadline, and a connection beside it that holds a lock on all reviews.
async fn held(
    settings: &[&str],
) -> (
    TestServer,
    sea_orm::DatabaseConnection,
    sea_orm::DatabaseTransaction,
) {
    use sea_orm::TransactionTrait;
    let database = TestDatabase::demo().await;
    let watcher = database.connect(1);
    let holder = database.connect(1).begin().await.unwrap();
    let lock = "LOCK TABLE review, film IN ACCESS EXCLUSIVE MODE";
    holder.execute_unprepared(lock).await.unwrap();
    (TestServer::with(database, settings), watcher, holder)
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_given_up_and_nothing_runs_on() {
    let (server, watcher, holder) = held(&["--request-timeout=1"]).await;
    let told = ask(&server, FILMS).await;
    assert_eq!((told.status, told.code), (503, json!("DEADLINE_EXCEEDED")));
    assert_eq!(told.retry_after.as_deref(), Some("1"));
    assert!(told.took < Duration::from_secs(3), "{:?}", told.took);
    wait_for_running(&watcher, 0).await;
    holder.rollback().await.unwrap();
    // The connections that were cut off are good again.
    for _ in 0..10 {
        assert_eq!(ask(&server, FILMS).await.status, 200);
    }
}

#[tokio::test]
async fn what_runs_for_a_client_that_is_gone_is_cancelled() {
    let (server, watcher, holder) = held(&["--request-timeout=60"]).await;
    let url = server.url("/graphql");
    let client = tokio::spawn(async move {
        let client = reqwest::Client::new();
        let _ = client.post(url).json(&json!({"query": FILMS})).send().await;
    });
    wait_for_running(&watcher, 1).await;
    client.abort();
    wait_for_running(&watcher, 0).await;
    holder.rollback().await.unwrap();
    assert_eq!(ask(&server, FILMS).await.status, 200);
}

#[tokio::test]
async fn who_finds_no_connection_free_is_told_when_to_ask_again() {
    let settings = [
        "--request-timeout=60",
        "--connection-timeout=200",
        "--max-waiting=3",
        "--worker-connections=2",
    ];
    let (server, watcher, holder) = held(&settings).await;
    let url = server.url("/graphql");
    // Who asks the same waits for the same statement, so everyone asks for something else.
    let films = |count: usize| format!("{{ films(first: {count}) {{ nodes {{ title }} }} }}");
    let holders: Vec<_> = (1..=2)
        .map(|count| {
            let (client, url) = (reqwest::Client::new(), url.clone());
            let body = json!({ "query": films(count) });
            tokio::spawn(async move { client.post(url).json(&body).send().await.unwrap().status() })
        })
        .collect();
    wait_for_running(&watcher, 2).await;
    // Three wait as long as they may; whoever comes beyond them is answered at once.
    let begun = Instant::now();
    let others: Vec<_> = (3..23).map(films).collect();
    let answers = others.iter().map(|films| ask(&server, films));
    let answers = futures_util::future::join_all(answers).await;
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    for told in &answers {
        assert_eq!((told.status, &told.code), (503, &json!("UNAVAILABLE")));
        assert_eq!(told.retry_after.as_deref(), Some("1"));
    }
    let at_once = |told: &&Told| told.took < Duration::from_millis(150);
    assert!(answers.iter().filter(at_once).count() >= 10);
    holder.rollback().await.unwrap();
    for answered in holders {
        assert_eq!(answered.await.unwrap(), 200);
    }
    assert_eq!(ask(&server, FILMS).await.status, 200);
}
