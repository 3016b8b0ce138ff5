//! How much a request may ask for: each limit has its setting, and a refusal with its code, the limit and the value.

use serde_json::{Value, json};

use crate::support::{TestDatabase, TestServer};

/// A server with these settings over an empty database.
async fn server(settings: &[&str]) -> TestServer {
    TestServer::with(TestDatabase::empty().await, settings)
}

async fn ask(server: &TestServer, body: &Value) -> (u16, Value) {
    let request = server.client().post(server.url("/graphql"));
    let request = request.header("accept", "application/graphql-response+json");
    let response = request.json(body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

/// Checks that a request is let through at its limit, and refused when the limit is one less.
async fn trips(setting: &str, at: usize, code: &str, body: Value) {
    let fits = server(&[&format!("--{setting}={at}")]).await;
    let (status, answer) = ask(&fits, &body).await;
    assert_eq!(status, 200, "{setting}={at}: {answer}");
    let limit = at - 1;
    let tight = server(&[&format!("--{setting}={limit}")]).await;
    let (status, answer) = ask(&tight, &body).await;
    assert_eq!(status, 400, "{setting}={limit}: {answer}");
    assert!(answer.get("data").is_none(), "{answer}");
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(extensions["code"], code, "{answer}");
    assert_eq!(extensions["limit"], limit, "{answer}");
    // The parser counts no further than to the limit.
    if code != "TOO_MANY_TOKENS" {
        assert_eq!(extensions["value"], at, "{answer}");
    }
}

#[tokio::test]
async fn the_bytes_of_a_document_are_bounded() {
    let body = json!({"query": "{ __typename }"});
    trips("max-document-bytes", 14, "DOCUMENT_TOO_LARGE", body).await;
}

#[tokio::test]
async fn the_tokens_of_a_document_are_bounded() {
    let body = json!({"query": "{ films(first: 1) { totalCount } }"});
    trips("max-tokens", 11, "TOO_MANY_TOKENS", body).await;
}

#[tokio::test]
async fn the_depth_of_a_document_is_bounded() {
    let query = "{ films { ...P } } fragment P on FilmConnection { nodes { score { value } } }";
    trips("max-depth", 4, "TOO_DEEP", json!({"query": query})).await;
}

#[tokio::test]
async fn the_aliases_of_an_operation_are_bounded() {
    let query = "{ a: __typename ...F ...F } fragment F on Query { b: __typename }";
    trips(
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
    trips(
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
    trips(
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
    trips("max-cost", 22, "TOO_COSTLY", body).await;
}

#[tokio::test]
async fn the_size_of_variables_is_bounded() {
    let query = "query($slug: String!) { film(by: {slug: $slug}) { id } }";
    // With its quotes and its name.
    let body = json!({"query": query, "variables": {"slug": "x".repeat(98)}});
    trips("max-variable-bytes", 104, "VARIABLES_TOO_LARGE", body).await;
}

#[tokio::test]
async fn the_depth_of_variables_is_bounded() {
    let query = "query($by: FilmBy!) { film(by: $by) { id } }";
    let body = json!({"query": query, "variables": {"by": {"slug": "a"}, "more": [[{}]]}});
    trips("max-variable-depth", 3, "VARIABLES_TOO_LARGE", body).await;
}

#[tokio::test]
async fn an_answer_tells_what_it_cost_to_who_wants_to_know() {
    let server = server(&["--max-cost=1000"]).await;
    let query = "{ films(first: 10) { nodes { id } } }";
    let (_, answer) = ask(&server, &json!({"query": query})).await;
    assert!(answer.get("extensions").is_none(), "{answer}");
    let body = json!({"query": query, "extensions": {"cost": true}});
    let (_, answer) = ask(&server, &body).await;
    let told = json!({"cost": {"requested": 12, "limit": 1000}});
    assert_eq!(answer["extensions"], told, "{answer}");
}

#[tokio::test]
async fn a_large_document_is_examined_and_answered_as_a_small_one() {
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
        let (status, answer) = ask(&server, &body).await;
        assert_eq!(status, 200);
        assert_eq!(answer["data"].as_object().unwrap().len(), 1_000);
    }
    let body = json!({"query": format!("{{ {} nothing }}", fields.join(" "))});
    let (status, answer) = ask(&server, &body).await;
    assert_eq!(
        (status, &answer["errors"][0]["extensions"]["code"]),
        (400, &json!("VALIDATION_FAILED"))
    );
}
