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

/// Sends a variety of requests to a server at its most verbose settings.
#[tokio::test]
async fn logs_metrics_and_traces_contain_no_secrets_and_no_reviews() {
    let (database, collector) = (TestDatabase::demo().await, Collector::start());
    let token = database.token(Role::Editor, None).await;
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
    let server = Program::ready(command);
    let authorization = format!("Bearer {token}");
    let editor = [("authorization", authorization.as_str())];

    let made = send(&server, &editor, &json!({
        "query": "mutation Add($input: AddReviewInput!) { addReview(input: $input) { review { id excerpt } userErrors { message } } }",
        "variables": { "input": {
            "film": film(&server).await, "critic": { "name": BYLINE }, "score": 71, "excerpt": EXCERPT,
        } },
    })).await;
    let made: Value = made.json().await.unwrap();
    assert_eq!(
        made["data"]["addReview"]["review"]["excerpt"], EXCERPT,
        "{made}"
    );
    let id = &made["data"]["addReview"]["review"]["id"];
    let reading = format!("{{ node(id: {id}) {{ ... on Review {{ excerpt byline }} }} }}");
    let read = send(&server, &[], &json!({ "query": reading })).await;
    assert!(read.text().await.unwrap().contains(EXCERPT));
    // Documents that are rejected at each stage, and a valid one.
    for document in [
        format!("{{ film(by: {{slug: \"{LITERAL}\"}}) {{ title }} }}"),
        format!("{{ film(by: {{slug: \"{LITERAL}\"}}) {{ nothing }} }}"),
        format!("{{ film(by: {{slug: \"{LITERAL}\" }}"),
        format!("{{ films(first: 1, after: \"{LITERAL}\") {{ totalCount }} }}"),
        format!("{{ node(id: \"{LITERAL}\") {{ id }} }}"),
    ] {
        send(&server, &editor, &json!({ "query": document })).await;
    }
    let variables = json!({ "slug": IN_URL }).to_string();
    let get = format!("http://{}/graphql", server.address());
    let query = [
        (
            "query",
            "query($slug: String) { film(by: {slug: $slug}) { title } }",
        ),
        ("variables", &variables),
    ];
    let get = reqwest::Url::parse_with_params(&get, query).unwrap();
    reqwest::get(get).await.unwrap();
    let wrong = format!("{authorization}x");
    send(
        &server,
        &[("authorization", &wrong), ("x-request-id", &token)],
        &json!({ "query": "{ __typename }" }),
    )
    .await;
    let mut socket = Socket::raw(server.address()).await;
    socket
        .send(json!({ "type": "connection_init", "payload": { "token": token } }))
        .await;
    socket.message().await;
    socket.start("1", &reading).await;
    assert!(socket.next("1").await.to_string().contains(EXCERPT));
    drop(socket);

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
    for (place, text) in [("metrics", &metrics), ("log", &log), ("traces", &traces)] {
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
                "{hidden} is in the {place}:\n{text}"
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
