//! Limits of requests: each has a setting, and an error with its code, the limit and the value.

use serde_json::{Value, json};

use crate::support::{TestDatabase, TestServer};

/// Starts a server with these settings and an empty database.
async fn server(settings: &[&str]) -> TestServer {
    TestServer::with_arguments(TestDatabase::empty().await, settings)
}

async fn send(server: &TestServer, body: &Value) -> (u16, Value) {
    let request = server.client().post(server.url("/graphql"));
    let request = request.header("accept", "application/graphql-response+json");
    let response = request.json(body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

/// Asserts that a request is accepted at its limit, and rejected if the limit is one less.
async fn assert_limit(setting: &str, at: usize, code: &str, body: Value) {
    let fits = server(&[&format!("--{setting}={at}")]).await;
    let (status, response) = send(&fits, &body).await;
    assert_eq!(status, 200, "{setting}={at}: {response}");
    let limit = at - 1;
    let tight = server(&[&format!("--{setting}={limit}")]).await;
    let (status, response) = send(&tight, &body).await;
    assert_eq!(status, 400, "{setting}={limit}: {response}");
    assert!(response.get("data").is_none(), "{response}");
    let extensions = &response["errors"][0]["extensions"];
    assert_eq!(extensions["code"], code, "{response}");
    assert_eq!(extensions["limit"], limit, "{response}");
    // The lexer stops at the limit, so it reports no value.
    if code != "TOO_MANY_TOKENS" {
        assert_eq!(extensions["value"], at, "{response}");
    }
}

#[tokio::test]
async fn the_bytes_of_a_document_are_bounded() {
    let body = json!({"query": "{ __typename }"});
    assert_limit("max-document-bytes", 14, "DOCUMENT_TOO_LARGE", body).await;
}

#[tokio::test]
async fn the_tokens_of_a_document_are_bounded() {
    let body = json!({"query": "{ films(first: 1) { totalCount } }"});
    assert_limit("max-tokens", 11, "TOO_MANY_TOKENS", body).await;
}

#[tokio::test]
async fn the_depth_of_a_document_is_bounded() {
    let query = "{ films { ...P } } fragment P on FilmConnection { nodes { score { value } } }";
    assert_limit("max-depth", 4, "TOO_DEEP", json!({"query": query})).await;
}

#[tokio::test]
async fn the_aliases_of_an_operation_are_bounded() {
    let query = "{ a: __typename ...F ...F } fragment F on Query { b: __typename }";
    assert_limit(
        "max-aliases",
        3,
        "TOO_MANY_ALIASES",
        json!({"query": query}),
    )
    .await;
}

#[tokio::test]
async fn the_root_fields_of_an_operation_are_bounded() {
    let query = "{ __typename ... { a: __typename films { totalCount } } }";
    assert_limit(
        "max-root-fields",
        3,
        "TOO_MANY_ROOT_FIELDS",
        json!({"query": query}),
    )
    .await;
}

#[tokio::test]
async fn the_directives_of_an_operation_are_bounded() {
    let query = "{ a: __typename @skip(if: true) __typename @include(if: true) }";
    assert_limit(
        "max-directives",
        2,
        "TOO_MANY_DIRECTIVES",
        json!({"query": query}),
    )
    .await;
}

#[tokio::test]
async fn the_cost_of_an_operation_is_bounded() {
    let query = "query($n: Int!) { films(first: $n) { nodes { id title } } }";
    let body = json!({"query": query, "variables": {"n": 10}});
    assert_limit("max-cost", 196, "TOO_COSTLY", body).await;
}

#[tokio::test]
async fn the_size_of_variables_is_bounded() {
    let query = "query($slug: String!) { film(by: {slug: $slug}) { id } }";
    // The size includes the quotes and the name.
    let body = json!({"query": query, "variables": {"slug": "x".repeat(98)}});
    assert_limit("max-variable-bytes", 104, "VARIABLES_TOO_LARGE", body).await;
}

#[tokio::test]
async fn the_depth_of_variables_is_bounded() {
    let query = "query($by: FilmBy!) { film(by: $by) { id } }";
    let body = json!({"query": query, "variables": {"by": {"slug": "a"}, "more": [[{}]]}});
    assert_limit("max-variable-depth", 3, "VARIABLES_TOO_LARGE", body).await;
}

#[tokio::test]
async fn the_response_reports_its_cost_on_request() {
    let server = server(&["--max-cost=1000"]).await;
    let query = "{ films(first: 10) { nodes { id } } }";
    let (_, response) = send(&server, &json!({"query": query})).await;
    assert!(response.get("extensions").is_none(), "{response}");
    let body = json!({"query": query, "extensions": {"cost": true}});
    let (_, response) = send(&server, &body).await;
    let mut cost = response["extensions"]["cost"].clone();
    // The time of a test varies.
    let actual = cost.as_object_mut().unwrap().remove("actual");
    assert!(actual.unwrap().as_u64().unwrap() >= 186, "{response}");
    assert_eq!(cost, json!({"base": 186, "requested": 186, "limit": 1000}));
}

#[tokio::test]
async fn a_large_document_runs_like_a_small_one() {
    let server = server(&[
        "--max-aliases=2000",
        "--max-root-fields=2000",
        "--max-tokens=15000",
    ])
    .await;
    let fields: Vec<_> = (0..1_000)
        .map(|number| format!("a{number}: __typename"))
        .collect();
    let body = json!({"query": format!("{{ {} }}", fields.join(" "))});
    for _ in 0..2 {
        let (status, response) = send(&server, &body).await;
        assert_eq!(status, 200);
        assert_eq!(response["data"].as_object().unwrap().len(), 1_000);
    }
    let body = json!({"query": format!("{{ {} nothing }}", fields.join(" "))});
    let (status, response) = send(&server, &body).await;
    assert_eq!(
        (status, &response["errors"][0]["extensions"]["code"]),
        (400, &json!("VALIDATION_FAILED"))
    );
}
