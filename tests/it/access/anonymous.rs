//! Anonymous callers: what they may query, and what they may not when anonymous access is disabled.

use marquee::access::Role;

use super::{error_of, query, send, token};
use crate::support::{TestDatabase, TestServer};

const CHALLENGE: &str = "Bearer realm=\"marquee\"";

/// Starts a server without anonymous introspection. Returns it with the token of an editor.
async fn without_introspection() -> (TestServer, String) {
    let database = TestDatabase::empty().await;
    let editor = token(&database, Role::Editor, None).await;
    let server = TestServer::with_arguments(database, &["--anonymous-introspection=false"]);
    (server, editor)
}

#[tokio::test]
async fn disabled_introspection_is_rejected_anywhere_in_a_document() {
    let (server, editor) = without_introspection().await;
    for document in [
        "{ __schema { queryType { name } } }",
        "{ films: __type(name: \"Film\") { name } }",
        "{ ...Hidden } fragment Hidden on Query { __schema { queryType { name } } }",
        "{ ... on Query { ... { __schema { queryType { name } } } } }",
    ] {
        let (status, challenge, code, message) =
            error_of(send(&server, None, document).await).await;
        assert_eq!(
            (status, challenge.as_str(), code.as_str()),
            (401, CHALLENGE, "UNAUTHENTICATED"),
            "{document}"
        );
        assert_eq!(
            message,
            "introspection requires a token: send one in the Authorization header"
        );
        query(&server, &editor, document).await;
    }
    // Operations that aren't executed are checked too.
    let request = serde_json::json!({
        "query": "query Run { __typename } query Rest { __schema { queryType { name } } }", "operationName": "Run"
    });
    let response = server.client().post(server.url("/graphql")).json(&request);
    assert_eq!(error_of(response.send().await.unwrap()).await.0, 401);
    // GET requests are checked too.
    let get = server.url("/graphql?query=%7B__schema%7BqueryType%7Bname%7D%7D%7D");
    let get = server.client().get(get).send().await.unwrap();
    assert_eq!(error_of(get).await.0, 401);
}

#[tokio::test]
async fn disabled_introspection_hides_the_schema_file() {
    let (server, editor) = without_introspection().await;
    let text = server
        .client()
        .get(server.url("/schema.graphql"))
        .send()
        .await
        .unwrap();
    let (status, challenge, ..) = error_of(text).await;
    assert_eq!((status, challenge.as_str()), (401, CHALLENGE));
    let text = server
        .client()
        .get(server.url("/schema.graphql"))
        .bearer_auth(&editor);
    assert!(
        text.send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
            .contains("type Query")
    );
}

#[tokio::test]
async fn disabled_introspection_leaves_other_queries_and_removes_suggestions() {
    let (server, _) = without_introspection().await;
    server
        .query("{ __typename films { nodes { __typename } } }")
        .await;
    let body = send(&server, None, "{ filmz { totalCount } }")
        .await
        .text()
        .await
        .unwrap();
    assert!(
        body.contains("VALIDATION_FAILED") && !body.contains("films"),
        "{body}"
    );
}

#[tokio::test]
async fn a_closed_server_rejects_requests_without_a_token() {
    let database = TestDatabase::empty().await;
    let editor = token(&database, Role::Editor, None).await;
    let server = TestServer::with_arguments(database, &["--anonymous-reads=off"]);
    for document in [
        "{ __typename }",
        "{ films { totalCount } }",
        "{ viewer { role } }",
        "{ nothing }",
        "mutation { nothing }",
    ] {
        let (status, challenge, code, message) =
            error_of(send(&server, None, document).await).await;
        assert_eq!(
            (status, challenge.as_str(), code.as_str()),
            (401, CHALLENGE, "UNAUTHENTICATED"),
            "{document}"
        );
        assert_eq!(
            message,
            "this server requires a token: send one in the Authorization header"
        );
    }
    query(&server, &editor, "{ films { totalCount } }").await;
    // `/schema.graphql` is still public: `--anonymous-introspection` controls it.
    let text = server
        .client()
        .get(server.url("/schema.graphql"))
        .send()
        .await
        .unwrap();
    assert_eq!(text.status(), 200);
    let health = server
        .client()
        .get(server.url("/health/live"))
        .send()
        .await
        .unwrap();
    assert_eq!(health.status(), 200);
}

#[tokio::test]
async fn anonymous_reads_are_allowed_by_default() {
    let server = TestServer::empty().await;
    server
        .query("{ __schema { queryType { name } } films { totalCount } }")
        .await;
    let body = send(&server, None, "{ filmz { totalCount } }")
        .await
        .text()
        .await
        .unwrap();
    assert!(body.contains("films"), "{body}");
}
