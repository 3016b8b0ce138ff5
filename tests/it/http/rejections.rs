//! Requests that are rejected, with their statuses and codes.

use actix_web::http::StatusCode;
use reqwest::Method;

use super::{GRAPHQL, code, post};
use crate::support::TestServer;

/// Bodies that are rejected with the status 400, and the codes of their errors.
const INVALID_BODIES: [(&str, &str); 14] = [
    ("", "BAD_REQUEST"),
    ("{", "BAD_REQUEST"),
    ("[]", "BAD_REQUEST"),
    ("null", "BAD_REQUEST"),
    (r#"{"query": 1}"#, "BAD_REQUEST"),
    (
        r#"{"query": "{ __typename }", "variables": []}"#,
        "BAD_REQUEST",
    ),
    (r#"{"query": "{"}"#, "SYNTAX_ERROR"),
    (r#"{"query": ""}"#, "SYNTAX_ERROR"),
    (r#"{"query": "{ nothing }"}"#, "VALIDATION_FAILED"),
    (
        r#"{"query": "query A { __typename } query B { __typename }"}"#,
        "UNKNOWN_OPERATION",
    ),
    (
        r#"{"query": "query A { __typename }", "operationName": "B"}"#,
        "UNKNOWN_OPERATION",
    ),
    (
        r#"{"query": "{ __typename }", "operationName": "B"}"#,
        "UNKNOWN_OPERATION",
    ),
    (
        r#"{"query": "query($id: ID!) { node(id: $id) { id } }"}"#,
        "VALIDATION_FAILED",
    ),
    (
        r#"{"query": "query($id: ID!) { node(id: $id) { id } }", "variables": {"id": null}}"#,
        "VALIDATION_FAILED",
    ),
];

#[tokio::test]
async fn each_rejection_has_its_status_and_code() {
    let server = TestServer::empty().await;
    for (body, expected) in INVALID_BODIES {
        let response = code(post(&server, GRAPHQL, "application/json", body).await).await;
        assert_eq!(response, (400, expected.to_owned()), "{body}");
    }
}

#[tokio::test]
async fn an_unsupported_content_type_gets_415() {
    let server = TestServer::empty().await;
    for (content_type, body) in [
        ("text/plain", "{}"),
        (
            "application/x-www-form-urlencoded",
            "query=%7B__typename%7D",
        ),
        ("multipart/form-data; boundary=x", "--x--"),
    ] {
        let response = code(post(&server, GRAPHQL, content_type, body).await).await;
        let expected = (415, "UNSUPPORTED_MEDIA_TYPE".to_owned());
        assert_eq!(response, expected, "{content_type} {body}");
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
async fn other_methods_are_not_allowed() {
    let server = TestServer::empty().await;
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let response = server
            .client()
            .request(method, server.url("/graphql"))
            .send()
            .await
            .unwrap();
        assert_eq!(response.headers()["allow"], "GET, HEAD, POST");
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
