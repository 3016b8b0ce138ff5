//! HTTP: methods, media types, status codes, limits, and the routes other than `/graphql`.

use actix_web::http::StatusCode;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{TestDatabase, TestServer};

const GRAPHQL: &str = "application/graphql-response+json";

async fn post(
    server: &TestServer,
    accept: &str,
    content_type: &str,
    body: impl Into<reqwest::Body>,
) -> Response {
    let request = server
        .client()
        .post(server.url("/graphql"))
        .header("accept", accept)
        .header("content-type", content_type);
    request.body(body).send().await.unwrap()
}

async fn code(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    assert!(body.get("data").is_none(), "{body}");
    (
        status,
        body["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap()
            .to_owned(),
    )
}

#[tokio::test]
async fn each_rejection_has_its_status_and_code() {
    let server = TestServer::empty().await;
    let json = "application/json";
    for (content_type, body, status, expected) in [
        ("text/plain", "{}", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (
            "application/x-www-form-urlencoded",
            "query=%7B__typename%7D",
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (
            "multipart/form-data; boundary=x",
            "--x--",
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (json, "", 400, "BAD_REQUEST"),
        (json, "{", 400, "BAD_REQUEST"),
        (json, "[]", 400, "BAD_REQUEST"),
        (json, "null", 400, "BAD_REQUEST"),
        (json, r#"{"query": 1}"#, 400, "BAD_REQUEST"),
        (
            json,
            r#"{"query": "{ __typename }", "variables": []}"#,
            400,
            "BAD_REQUEST",
        ),
        (json, r#"{"query": "{"}"#, 400, "SYNTAX_ERROR"),
        (json, r#"{"query": ""}"#, 400, "SYNTAX_ERROR"),
        (
            json,
            r#"{"query": "{ nothing }"}"#,
            400,
            "VALIDATION_FAILED",
        ),
        (
            json,
            r#"{"query": "query A { __typename } query B { __typename }"}"#,
            400,
            "UNKNOWN_OPERATION",
        ),
        (
            json,
            r#"{"query": "query A { __typename }", "operationName": "B"}"#,
            400,
            "UNKNOWN_OPERATION",
        ),
        (
            json,
            r#"{"query": "{ __typename }", "operationName": "B"}"#,
            400,
            "UNKNOWN_OPERATION",
        ),
        (
            json,
            r#"{"query": "query($id: ID!) { node(id: $id) { id } }"}"#,
            400,
            "VALIDATION_FAILED",
        ),
        (
            json,
            r#"{"query": "query($id: ID!) { node(id: $id) { id } }", "variables": {"id": null}}"#,
            400,
            "VALIDATION_FAILED",
        ),
    ] {
        let response = code(post(&server, GRAPHQL, content_type, body).await).await;
        assert_eq!(
            response,
            (status, expected.to_owned()),
            "{content_type} {body}"
        );
    }
}

#[tokio::test]
async fn a_plain_json_client_gets_200_for_well_formed_requests() {
    let server = TestServer::empty().await;
    let json = "application/json";
    let response = post(&server, json, json, r#"{"query": "{ nothing }"}"#).await;
    assert_eq!(
        response.headers()["content-type"],
        "application/json; charset=utf-8"
    );
    assert_eq!(code(response).await, (200, "VALIDATION_FAILED".to_owned()));
    assert_eq!(
        code(post(&server, json, json, "{").await).await,
        (400, "BAD_REQUEST".to_owned())
    );
}

#[tokio::test]
async fn an_unsupported_accept_header_gets_406() {
    let server = TestServer::empty().await;
    let response = post(
        &server,
        "text/html",
        "application/json",
        r#"{"query": "{ __typename }"}"#,
    )
    .await;
    assert_eq!(code(response).await, (406, "NOT_ACCEPTABLE".to_owned()));
}

#[tokio::test]
async fn get_requests_run_queries_and_reject_mutations() {
    let server = TestServer::empty().await;
    let get = async |query: &str| {
        let url = reqwest::Url::parse_with_params(
            &server.url("/graphql"),
            [("query", query), ("operationName", "Q")],
        )
        .unwrap();
        server
            .client()
            .get(url)
            .header("accept", GRAPHQL)
            .send()
            .await
            .unwrap()
    };
    let response: Value = get("query Q { __typename } query R { films { totalCount } }")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(response, json!({ "data": { "__typename": "Query" } }));
    let refused = get("mutation Q { __typename }").await;
    assert_eq!(refused.headers()["allow"], "GET, POST");
    assert_eq!(code(refused).await, (405, "METHOD_NOT_ALLOWED".to_owned()));

    let url = reqwest::Url::parse_with_params(
        &server.url("/graphql"),
        [
            ("query", "query($id: ID!) { node(id: $id) { id } }"),
            ("variables", r#"{"id": "RmlsbTox"}"#),
        ],
    );
    let response: Value = server
        .client()
        .get(url.unwrap())
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(response, json!({ "data": { "node": null } }));
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let server = TestServer::empty().await;
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let response = server
            .client()
            .request(method, server.url("/graphql"))
            .send()
            .await
            .unwrap();
        assert_eq!(response.headers()["allow"], "GET, POST");
        assert_eq!(code(response).await, (405, "METHOD_NOT_ALLOWED".to_owned()));
    }
}

#[tokio::test]
async fn a_body_over_one_mebibyte_is_rejected() {
    let server = TestServer::empty().await;
    let padded = |size: usize| {
        let request = r#"{"query": "{ __typename }"}"#;
        format!("{request}{}", " ".repeat(size - request.len()))
    };
    let fits = post(&server, GRAPHQL, "application/json", padded(1 << 20)).await;
    assert_eq!(fits.status(), StatusCode::OK.as_u16());
    let over = post(&server, GRAPHQL, "application/json", padded((1 << 20) + 1)).await;
    assert_eq!(code(over).await, (413, "BODY_TOO_LARGE".to_owned()));
}

#[tokio::test]
async fn a_field_error_leaves_the_rest_of_the_response() {
    let server = TestServer::demo().await;
    let response = server.send(json!({ "query": "{ good: films(first: 1) { totalCount } bad: film(by: {id: \"x\"}) { id } }" })).await;
    assert_eq!(response.status, 200);
    assert_eq!(
        response.body["data"],
        json!({ "good": { "totalCount": 12 }, "bad": null })
    );
    assert_eq!(response.body["errors"][0]["path"], json!(["bad"]));
    assert_eq!(
        response.body["errors"][0]["extensions"],
        json!({ "code": "INVALID_ID" })
    );
}

#[tokio::test]
async fn an_invalid_date_is_rejected_with_a_code() {
    let server = TestServer::demo().await;
    assert_eq!(
        server
            .error_code("{ reviews(filter: {since: \"2020-02-30\"}) { totalCount } }")
            .await,
        "VALIDATION_FAILED"
    );
}

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
async fn internal_errors_reveal_no_details() {
    let unmigrated = TestServer::with_database(TestDatabase::bare().await);
    let response = unmigrated
        .send(json!({ "query": "{ film(by: {slug: \"x\"}) { id } }" }))
        .await;
    assert_eq!(response.status, 200);
    assert_eq!(response.body["errors"][0]["extensions"]["code"], "INTERNAL");
    assert_eq!(
        response.body["errors"][0]["message"],
        "internal server error; the server's log has the cause"
    );
    assert!(
        !response.body.to_string().contains("relation"),
        "{}",
        response.body
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
