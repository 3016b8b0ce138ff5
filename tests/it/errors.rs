//! The path, the locations and the messages of errors.

use serde_json::json;

use crate::support::{TestDatabase, TestServer};

/// Sends a query and returns the path and the locations of each error.
async fn errors(server: &TestServer, query: &str) -> Vec<(serde_json::Value, serde_json::Value)> {
    let request = server.client().post(server.url("/graphql"));
    let response = request.json(&json!({"query": query})).send().await.unwrap();
    let body: serde_json::Value = response.json().await.unwrap();
    let errors = body["errors"].as_array().unwrap();
    let place = |error: &serde_json::Value| {
        assert!(error["extensions"].get("path").is_none(), "{error}");
        (error["path"].clone(), error["locations"].clone())
    };
    errors.iter().map(place).collect()
}

#[tokio::test]
async fn an_error_within_lists_has_its_whole_path() {
    let server = TestServer::demo().await;
    let query = "{ films(first: 2) { nodes { reviews(first: 2) { nodes { film { r: reviews(last: -1) { totalCount } } } } } } }";
    let path = json!(["films", "nodes", 0, "reviews", "nodes", 0, "film", "r"]);
    let places = json!([{"line": 1, "column": 64}]);
    assert_eq!(errors(&server, query).await, [(path, places)]);
    let query =
        "{ films(first: 1) { edges { node { score(policy: {minimumReviews: -1}) { value } } } } }";
    let path = json!(["films", "edges", 0, "node", "score"]);
    assert_eq!(errors(&server, query).await[0].0, path);
}

#[tokio::test]
async fn an_error_of_a_merged_field_lists_both_locations() {
    let server = TestServer::demo().await;
    let query = "{ node(id: \"x\") { id }\n  node(id: \"x\") { __typename } }";
    let places = json!([{"line": 1, "column": 3}, {"line": 2, "column": 3}]);
    assert_eq!(errors(&server, query).await, [(json!(["node"]), places)]);
}

#[tokio::test]
async fn suggestions_for_names_and_values_require_anonymous_introspection() {
    let message = async |settings: &[&str], query: &str| {
        let server = TestServer::with_arguments(TestDatabase::empty().await, settings);
        let request = server.client().post(server.url("/graphql"));
        let response = request.json(&json!({"query": query})).send().await.unwrap();
        let body: serde_json::Value = response.json().await.unwrap();
        body["errors"][0]["message"].as_str().unwrap().to_owned()
    };
    for (query, hint, like) in [
        ("{ films { nodes { titel } } }", "did you mean", "`title`"),
        (
            "{ films(frist: 1) { totalCount } }",
            "did you mean",
            "`first`",
        ),
        (
            "{ film(by: \"lamp\") { title } }",
            "write an object such as `{id: …}`",
            "`slug`",
        ),
    ] {
        let message_text = message(&[], query).await;
        assert!(
            message_text.contains(hint) && message_text.contains(like),
            "{message_text}"
        );
        let message_text = message(&["--anonymous-introspection=false"], query).await;
        assert!(
            !message_text.contains(hint) && !message_text.contains(like),
            "{message_text}"
        );
    }
}
