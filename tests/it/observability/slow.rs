//! Logs of slow operations and statements.

use std::time::Duration;

use marquee::database;
use sea_orm::{ConnectionTrait, sqlx::postgres::PgConnectOptions};
use serde_json::json;

use super::{lines, send, with_message};
use crate::support::program::DataDir;

const OPERATION: &str = "a slow operation";
const STATEMENT: &str = "a slow statement";

/// Returns the log of a server with this argument, after a request that waited 300 ms for a lock on the films.
async fn log_of_waiting(argument: &str) -> String {
    let dir = DataDir::migrated();
    let server = dir.serve(&["--log-format=json", argument]);
    let options = PgConnectOptions::new_without_pgpass()
        .socket(dir.path().join("run"))
        .username("marquee")
        .database("marquee");
    let lock = database::connect_pool(&options, 1);
    lock.execute_unprepared("BEGIN; LOCK TABLE film")
        .await
        .unwrap();
    let body = json!({
        "query": "query Waiting($slug: String!) { film(by: {slug: $slug}) { title } }",
        "variables": { "slug": "a-variable-of-mine" },
    });
    let headers = [("x-request-id", "waiting-1")];
    let pending = send(&server, &headers, &body);
    let unlocking = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        lock.execute_unprepared("COMMIT").await.unwrap();
    };
    let (response, ()) = tokio::join!(pending, unlocking);
    assert_eq!(response.status(), 200);
    lock.close().await.unwrap();
    server.stop().stderr
}

#[tokio::test]
async fn a_slow_operation_and_its_slow_statement_are_logged_without_values() {
    let log = log_of_waiting("--slow-query-ms=200").await;
    let lines = lines(&log);
    let operations = with_message(&lines, OPERATION);
    assert_eq!(operations.len(), 1, "{log}");
    let operation = operations[0];
    assert_eq!(operation["level"], "WARN");
    assert_eq!(operation["operation.name"], "Waiting");
    assert_eq!(operation["span"]["request.id"], "waiting-1");
    assert_eq!(operation["document.hash"].as_str().unwrap().len(), 64);
    assert_eq!(operation["sql.statements"], 1);
    assert!(operation["request.duration_ms"].as_f64().unwrap() >= 200.0);
    let statements = with_message(&lines, STATEMENT);
    let statement = statements
        .iter()
        .find(|line| line["span"]["request.id"] == "waiting-1")
        .unwrap();
    assert_eq!(statement["level"], "WARN");
    assert!(statement["db.duration_ms"].as_f64().unwrap() >= 200.0);
    assert!(
        statement["db.statement"].as_str().unwrap().contains("$1"),
        "{statement}"
    );
    assert!(!log.contains("a-variable-of-mine"), "{log}");
}

#[tokio::test]
async fn slow_logs_can_be_disabled() {
    let log = log_of_waiting("--slow-query-ms=0").await;
    assert!(
        !log.contains(OPERATION) && !log.contains(STATEMENT),
        "{log}"
    );
}
