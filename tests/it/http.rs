//! HTTP: methods, media types, status codes, limits, and the routes other than `/graphql`.

mod prefix;
mod rejections;
mod requests;
mod routes;

use reqwest::Response;
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
    let rejected = get("mutation Q { __typename }").await;
    assert_eq!(rejected.headers()["allow"], "GET, HEAD, POST");
    assert_eq!(code(rejected).await, (405, "METHOD_NOT_ALLOWED".to_owned()));

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
async fn internal_errors_reveal_no_details() {
    let server = TestServer::empty().await;
    let revoke = "REVOKE SELECT ON film FROM marquee_serving";
    server.database.execute(revoke).await;
    let response = server
        .send(json!({ "query": "{ film(by: {slug: \"x\"}) { id } }" }))
        .await;
    assert_eq!(response.status, 200);
    assert_eq!(response.body["errors"][0]["extensions"]["code"], "INTERNAL");
    assert_eq!(
        response.body["errors"][0]["message"],
        "internal server error; the server's log has the cause"
    );
    assert!(
        !response.body.to_string().contains("permission"),
        "{}",
        response.body
    );
}

#[tokio::test]
async fn a_database_without_tables_is_unavailable() {
    let unmigrated = TestServer::with_database(TestDatabase::bare().await);
    let response = unmigrated
        .send(json!({ "query": "{ film(by: {slug: \"x\"}) { id } }" }))
        .await;
    assert_eq!(response.status, 503);
    let error = &response.body["errors"][0];
    assert_eq!(error["extensions"]["code"], "UNAVAILABLE");
    let message = "a part of the database is missing or being restored; try again later";
    assert_eq!(error["message"], message);
}
