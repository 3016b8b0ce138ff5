//! Requests for streams that are rejected.

use super::{post, stream};
use crate::subscriptions::*;

#[tokio::test]
async fn document_errors_are_events_unless_the_client_accepts_json() {
    let (server, _connection) = start().await;
    for (document, code) in [
        ("subscription {", "SYNTAX_ERROR"),
        ("subscription { nothing }", "VALIDATION_FAILED"),
        (
            "subscription { scoreChanged(film: \"RmlsbTo5OTk\") { title } }",
            "NOT_FOUND",
        ),
    ] {
        let mut stream = stream(&server, document).await;
        let (event, data) = stream.event().await.unwrap();
        assert_eq!(
            (&*event, &data["errors"][0]["extensions"]["code"]),
            ("next", &json!(code))
        );
        assert_eq!(stream.event().await.unwrap().0, "complete");
        assert_eq!(stream.event().await, None);
    }
    let accept = "text/event-stream, application/graphql-response+json";
    let response = post(&server, accept, "subscription {")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 400);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["errors"][0]["extensions"]["code"], "SYNTAX_ERROR");
}

#[tokio::test]
async fn an_invalid_request_gets_an_http_error() {
    let (server, _connection) = start().await;
    let request = |body: &'static str, media_type: &'static str| {
        let post = server.client().post(server.url("/graphql"));
        post.header("accept", "text/event-stream")
            .header("content-type", media_type)
            .body(body)
    };
    for (body, media_type, status) in [
        ("{", "application/json", 400),
        ("{\"query\":\"{ __typename }\"}", "text/plain", 415),
    ] {
        let response = request(body, media_type).send().await.unwrap();
        assert_eq!(response.status(), status);
        assert!(response.json::<Value>().await.unwrap()["errors"].is_array());
    }
    let response =
        post(&server, "text/event-stream", "{ __typename }").header("authorization", "Bearer x");
    assert_eq!(response.send().await.unwrap().status(), 401);
    let url = server
        .url("/graphql?query=mutation%7BdeleteReview(input:%7Bid:%22%22%7D)%7B__typename%7D%7D");
    let get = server
        .client()
        .get(url)
        .header("accept", "text/event-stream");
    assert_eq!(get.send().await.unwrap().status(), 405);
}

#[tokio::test]
async fn a_subscription_without_a_streaming_media_type_is_rejected() {
    let (server, _connection) = start().await;
    for accept in [
        "application/json",
        "application/graphql-response+json",
        "*/*",
    ] {
        let response = post(&server, accept, "subscription { reviewAdded { id } }")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 406, "{accept}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(
            body["errors"][0]["extensions"]["code"],
            "SUBSCRIPTION_NOT_STREAMED"
        );
        let message = body["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("text/event-stream") && message.contains("graphql-transport-ws"));
    }
    // Some clients accept both media types for every operation.
    let accept = "application/graphql-response+json, application/json, text/event-stream";
    let response = post(&server, accept, "subscription { reviewAdded { id } }")
        .send()
        .await
        .unwrap();
    assert_eq!(
        response.headers()["content-type"],
        "text/event-stream; charset=utf-8"
    );
    let response = post(&server, accept, "{ __typename }")
        .send()
        .await
        .unwrap();
    assert_eq!(
        response.headers()["content-type"],
        "application/graphql-response+json; charset=utf-8"
    );
}
