//! The routes other than `/graphql`.

use reqwest::Method;
use serde_json::Value;

use crate::support::{TestDatabase, TestServer};

#[tokio::test]
async fn health_reports_liveness_and_readiness() {
    let server = TestServer::empty().await;
    for (path, status) in [("/health/live", "live"), ("/health/ready", "ready")] {
        let response = server.client().get(server.url(path)).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(response.json::<Value>().await.unwrap()["status"], status);
    }
    let unmigrated = TestServer::with_database(TestDatabase::bare().await);
    let response = unmigrated
        .client()
        .get(unmigrated.url("/health/ready"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status().as_u16(), 503);
    assert_eq!(
        response.json::<Value>().await.unwrap()["reason"],
        "migrations are pending"
    );
}

#[tokio::test]
async fn readable_routes_allow_head_and_reject_post() {
    let server = TestServer::empty().await;
    for path in [
        "/health/live",
        "/health/ready",
        "/schema.graphql",
        "/playground",
        "/playground/playground.js",
    ] {
        let head = server.client().head(server.url(path)).send().await.unwrap();
        assert_eq!(head.status().as_u16(), 200, "{path}");
        let post = server.client().post(server.url(path)).send().await.unwrap();
        assert_eq!(post.status().as_u16(), 405, "{path}");
    }
}

#[tokio::test]
async fn the_schema_and_the_playground_are_served() {
    let server = TestServer::empty().await;
    let schema = server
        .client()
        .get(server.url("/schema.graphql"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(schema, marquee::graphql::schema::sdl());
    for path in [
        "/",
        "/playground",
        "/playground/playground.js",
        "/playground/graphiql.min.js",
        "/playground/licences.txt",
    ] {
        let response = server.client().get(server.url(path)).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200, "{path}");
        let policy = response.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    }
}

#[tokio::test]
async fn a_path_that_a_proxy_has_not_removed_is_told() {
    let server = TestServer::empty().await;
    for path in [
        "/reviews/graphql",
        "/reviews/playground",
        "/playground/x",
        "/nothing",
    ] {
        for method in [Method::GET, Method::POST] {
            let request = server.client().request(method, server.url(path));
            let response = request.send().await.unwrap();
            assert_eq!(response.status().as_u16(), 404, "{path}");
            let body: Value = response.json().await.unwrap();
            let error = &body["errors"][0];
            assert_eq!(error["extensions"]["code"], "UNKNOWN_PATH", "{path}");
            let message = error["message"].as_str().unwrap();
            assert!(
                message.contains("/graphql") && message.contains("proxy_pass"),
                "{message}"
            );
        }
    }
}
