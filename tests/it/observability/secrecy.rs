//! Logs, metrics and traces reveal no secrets.

use marquee::access::Role;
use serde_json::{Value, json};

use super::{collector::Collector, send};
use crate::support::{
    TestDatabase,
    program::{Program, marquee, url},
    socket::Socket,
};

const PASSWORD: &str = "hunter2-of-the-database";
const EXCERPT: &str = "An excerpt that only its readers may read";
const BYLINE: &str = "Vera Variable";
const LITERAL: &str = "a-literal-of-a-document";
const IN_URL: &str = "a-variable-in-an-address";

/// Starts a server at its most verbose settings.
fn verbose_server(database: &TestDatabase, collector: &Collector) -> Program {
    let address = url(&database.options()).replacen('@', &format!(":{PASSWORD}@"), 1);
    let mut command = marquee(&[
        "serve",
        "--listen=127.0.0.1:0",
        "--workers=1",
        "--access-log",
        "--slow-query-ms=1",
        "--log-format=json",
        &collector.flag(),
    ]);
    command
        .env("DATABASE_URL", &address)
        .env("MARQUEE_LOG", "info,marquee=trace,sqlx=trace");
    Program::ready(command)
}

/// Adds a review and reads it. Returns the query that reads it.
async fn add_and_read_review(server: &Program, authorization: &str) -> String {
    let body = json!({
        "query": "mutation Add($input: AddReviewInput!) { addReview(input: $input) { review { id excerpt } userErrors { message } } }",
        "variables": { "input": {
            "film": film(server).await, "critic": { "name": BYLINE }, "score": 71, "excerpt": EXCERPT,
        } },
    });
    let added = send(server, &[("authorization", authorization)], &body).await;
    let added: Value = added.json().await.unwrap();
    let review = &added["data"]["addReview"]["review"];
    assert_eq!(review["excerpt"], EXCERPT, "{added}");
    let query = format!(
        "{{ node(id: {}) {{ ... on Review {{ excerpt byline }} }} }}",
        review["id"]
    );
    let read = send(server, &[], &json!({ "query": query })).await;
    assert!(read.text().await.unwrap().contains(EXCERPT));
    query
}

/// Sends documents that are rejected at each stage, a valid one, and variables in a URL.
async fn send_literals(server: &Program, authorization: &str) {
    for document in [
        format!("{{ film(by: {{slug: \"{LITERAL}\"}}) {{ title }} }}"),
        format!("{{ film(by: {{slug: \"{LITERAL}\"}}) {{ nothing }} }}"),
        format!("{{ film(by: {{slug: \"{LITERAL}\" }}"),
        format!("{{ films(first: 1, after: \"{LITERAL}\") {{ totalCount }} }}"),
        format!("{{ node(id: \"{LITERAL}\") {{ id }} }}"),
    ] {
        let headers = [("authorization", authorization)];
        send(server, &headers, &json!({ "query": document })).await;
    }
    let variables = json!({ "slug": IN_URL }).to_string();
    let query = "query($slug: String) { film(by: {slug: $slug}) { title } }";
    let url = format!("http://{}/graphql", server.address());
    let parameters = [("query", query), ("variables", &variables)];
    let url = reqwest::Url::parse_with_params(&url, parameters).unwrap();
    reqwest::get(url).await.unwrap();
}

/// Sends a token in a wrong header, in a wrong form, and in a message of a WebSocket.
async fn send_token(server: &Program, token: &str, query: &str) {
    let wrong = format!("Bearer {token}x");
    send(
        server,
        &[("authorization", &wrong), ("x-request-id", token)],
        &json!({ "query": "{ __typename }" }),
    )
    .await;
    let mut socket = Socket::raw(server.address()).await;
    socket
        .send(json!({ "type": "connection_init", "payload": { "token": token } }))
        .await;
    socket.message().await;
    socket.start("1", query).await;
    assert!(socket.next("1").await.to_string().contains(EXCERPT));
}

#[tokio::test]
async fn logs_metrics_and_traces_contain_no_secrets_and_no_reviews() {
    let (database, collector) = (TestDatabase::demo().await, Collector::start());
    let token = database.token(Role::Editor, None).await;
    let server = verbose_server(&database, &collector);
    let authorization = format!("Bearer {token}");
    let query = add_and_read_review(&server, &authorization).await;
    send_literals(&server, &authorization).await;
    send_token(&server, &token, &query).await;

    let metrics = format!("http://{}/metrics", server.address());
    let metrics = reqwest::get(metrics).await.unwrap().text().await.unwrap();
    let log = server.stop().stderr;
    let traces = collector.text();
    // Metrics, traces and log do contain what was executed.
    assert!(
        metrics.contains("marquee_requests_total")
            && traces.contains("addReview")
            && log.contains("INSERT INTO")
    );
    let secret = &token[21..];
    for (output, text) in [("metrics", &metrics), ("log", &log), ("traces", &traces)] {
        for hidden in [
            &token,
            secret,
            PASSWORD,
            EXCERPT,
            BYLINE,
            LITERAL,
            IN_URL,
            "vera-variable",
        ] {
            assert!(
                !text.contains(hidden),
                "{hidden} is in the {output}:\n{text}"
            );
        }
    }
}

/// Returns the id of a film.
async fn film(server: &Program) -> Value {
    let response = send(
        server,
        &[],
        &json!({ "query": "{ films(first: 1) { nodes { id } } }" }),
    )
    .await;
    let mut response: Value = response.json().await.unwrap();
    response["data"]["films"]["nodes"][0]["id"].take()
}
