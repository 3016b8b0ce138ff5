//! Request ids, and the log lines of requests.

use serde_json::json;

use super::{lines, read_rules, send, with_message};
use crate::support::{
    TestServer,
    program::{DataDir, Program},
    socket::Socket,
};

const ENDED: &str = "a request has ended";

#[tokio::test]
async fn every_response_has_the_request_id_of_the_client_or_a_new_one() {
    let server = TestServer::demo().await;
    for path in [
        "/graphql?query={__typename}",
        "/graphql",
        "/health/live",
        "/playground",
        "/nothing",
    ] {
        let get = |id: &str| {
            server
                .client()
                .get(server.url(path))
                .header("x-request-id", id)
        };
        let response = get("trace-1:2.3_x").send().await.unwrap();
        assert_eq!(
            response.headers()["x-request-id"],
            "trace-1:2.3_x",
            "{path}"
        );
        for bad in [
            "two words",
            "<b>",
            &"x".repeat(65),
            "marquee_0123456789ab_secret",
        ] {
            let response = get(bad).send().await.unwrap();
            let id = response.headers()["x-request-id"].to_str().unwrap();
            assert_eq!(id.len(), 16, "{path} {id}");
        }
    }
}

#[tokio::test]
async fn the_access_log_has_a_complete_json_line_for_each_request() {
    let dir = DataDir::migrated();
    let server = dir.serve(&["--log-format=json", "--access-log"]);
    let body = json!({ "query": "query Shelf { films { totalCount nodes { title } } }" });
    send(&server, &[("x-request-id", "shelf-1")], &body).await;
    send(
        &server,
        &[("x-request-id", "wrong-1")],
        &json!({ "query": "{ nothing }" }),
    )
    .await;
    let mut socket = Socket::open(server.address()).await;
    socket.start("1", "query OnSocket { __typename }").await;
    socket.next("1").await;
    let path = format!("http://{}/health/live", server.address());
    reqwest::get(path).await.unwrap();
    drop(socket);
    let log = server.stop().stderr;
    let lines = lines(&log);
    let ended = with_message(&lines, ENDED);
    let of = |id: &str| {
        *ended
            .iter()
            .find(|line| line["span"]["request.id"] == id)
            .unwrap()
    };
    let shelf = of("shelf-1");
    for (field, value) in [
        ("level", json!("INFO")),
        ("operation.name", json!("Shelf")),
        ("operation.type", json!("query")),
        ("operation.outcome", json!("ok")),
        ("request.transport", json!("http")),
        ("http.status", json!(200)),
        ("sql.statements", json!(2)),
        ("sql.round_trips", json!(1)),
    ] {
        assert_eq!(shelf[field], value, "{field} {shelf}");
    }
    assert!(
        shelf["operation.cost"].is_u64() && shelf["request.duration_ms"].is_f64(),
        "{shelf}"
    );
    assert!(shelf["timestamp"].is_string(), "{shelf}");
    let wrong = of("wrong-1");
    assert_eq!(wrong["operation.outcome"], "refused", "{wrong}");
    assert_eq!(wrong["error.code"], "VALIDATION_FAILED", "{wrong}");
    let on_socket = ended
        .iter()
        .find(|line| line["operation.name"] == "OnSocket")
        .unwrap();
    assert_eq!(on_socket["request.transport"], "websocket", "{on_socket}");
    assert_eq!(on_socket["span"]["request.id"].as_str().unwrap().len(), 16);
    assert!(
        ended
            .iter()
            .any(|line| line["http.route"] == "/health/live"),
        "{log}"
    );
}

#[tokio::test]
async fn denied_introspection_is_logged_with_its_operation() {
    let dir = DataDir::migrated();
    let arguments = [
        "--log-format=json",
        "--access-log",
        "--anonymous-introspection=false",
    ];
    let server = dir.serve(&arguments);
    let document = "query Explore { __schema { queryType { name } } }";
    send(&server, &[], &json!({ "query": document })).await;
    let log = server.stop().stderr;
    let lines = lines(&log);
    let [denied] = with_message(&lines, ENDED)[..] else {
        panic!("{log}")
    };
    for (field, value) in [
        ("operation.name", "Explore"),
        ("operation.type", "query"),
        ("operation.outcome", "refused"),
        ("error.code", "UNAUTHENTICATED"),
    ] {
        assert_eq!(denied[field], value, "{field} {denied}");
    }
}

#[tokio::test]
async fn without_an_access_log_successful_requests_are_not_logged() {
    let dir = DataDir::migrated();
    let server = dir.serve(&[]);
    server.titles();
    send(&server, &[], &json!({ "query": "{ nothing }" })).await;
    let log = server.stop().stderr;
    assert!(!log.contains(ENDED) && !log.contains("request.id"), "{log}");
}

#[tokio::test]
async fn statements_of_batched_reads_are_logged_with_the_request_id() {
    let dir = DataDir::migrated();
    dir.run(&[
        "generate",
        "--films=3",
        "--critics=2",
        "--publications=1",
        "--reviews=9",
    ])
    .output();
    let mut command = dir.server(&["--log-format=json", "--slow-query-ms=0"]);
    command.env("MARQUEE_LOG", "info,sqlx=trace");
    let server = Program::ready(command);
    read_rules(&server).await;
    let document =
        "{ films { nodes { reviews { nodes { critic { name } publication { name } } } } } }";
    send(
        &server,
        &[("x-request-id", "films-1")],
        &json!({ "query": document }),
    )
    .await;
    let log = server.stop().stderr;
    let lines = lines(&log);
    let of_request = |line: &&serde_json::Value| line["span"]["request.id"] == "films-1";
    let statements = lines
        .iter()
        .filter(of_request)
        .filter(|line| line["rows_returned"].is_u64())
        // Opening a connection sets parameters and queries its process id.
        .filter(|line| !line["summary"].as_str().unwrap().starts_with("SET "));
    assert_eq!(statements.count(), 4, "{log}");
}

#[test]
fn the_text_log_contains_the_request_id() {
    let dir = DataDir::migrated();
    let server = dir.serve(&["--access-log"]);
    server.query("query Shelf { __typename }");
    let log = server.stop().stderr;
    let line = log.lines().find(|line| line.contains(ENDED)).unwrap();
    assert!(
        line.contains("request{request.id=") && line.contains("operation.name=\"Shelf\""),
        "{line}"
    );
}
