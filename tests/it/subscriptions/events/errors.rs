//! Subscriptions that are rejected, and operations that complete.

use crate::subscriptions::*;

#[tokio::test]
async fn the_score_subscription_of_a_deleted_film_completes() {
    let (server, connection) = start().await;
    let mut socket = Socket::open(server.address()).await;
    let document = format!("subscription {{ scoreChanged(film: \"{LAMP}\") {{ title }} }}");
    socket.subscribe("1", &document).await;
    run(&connection, "DELETE FROM film WHERE id = 1").await;
    assert_eq!(
        socket.message().await,
        json!({"id": "1", "type": "complete"})
    );
    assert_eq!(error_code(&mut socket, &document).await, "NOT_FOUND");
}

/// Starts an operation and returns the code of the error that it gets instead of a result.
async fn error_code(socket: &mut Socket, document: &str) -> String {
    socket.start("rejected", document).await;
    let message = socket.message().await;
    assert_eq!(
        (&message["id"], &message["type"]),
        (&json!("rejected"), &json!("error")),
        "{message}"
    );
    message["payload"][0]["extensions"]["code"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn an_invalid_subscription_is_rejected_before_any_event() {
    let (server, _connection) = start().await;
    let mut socket = Socket::open(server.address()).await;
    for (document, code) in [
        ("subscription {", "SYNTAX_ERROR"),
        (
            "subscription { reviewAdded { nothing } }",
            "VALIDATION_FAILED",
        ),
        ("subscription { scoreChanged { title } }", "INVALID_VALUE"),
        (
            "subscription { scoreChanged(film: \"x\") { title } }",
            "INVALID_ID",
        ),
        (
            "subscription { scoreChanged(film: \"UmV2aWV3OjE\") { title } }",
            "INVALID_ID",
        ),
        (
            "subscription { scoreChanged(film: \"RmlsbTo5OTk\") { title } }",
            "NOT_FOUND",
        ),
        (
            "subscription { reviewAdded(film: \"RmlsbTo5OTk\") { score } }",
            "NOT_FOUND",
        ),
        (
            "subscription { reviewChanged(film: \"RmlsbTo5OTk\") { kind } }",
            "NOT_FOUND",
        ),
        (
            "subscription { reviewAdded { score } reviewChanged { kind } }",
            "VALIDATION_FAILED",
        ),
        (
            "subscription { a: reviewAdded { score } b: reviewAdded { score } }",
            "VALIDATION_FAILED",
        ),
        (
            "subscription { reviewAdded @skip(if: false) { score } }",
            "VALIDATION_FAILED",
        ),
        ("subscription { __typename }", "VALIDATION_FAILED"),
        (
            "subscription A { reviewAdded { score } } query B { __typename }",
            "UNKNOWN_OPERATION",
        ),
        (
            "subscription ($film: ID!) { scoreChanged(film: $film) { title } }",
            "VALIDATION_FAILED",
        ),
        ("{ film(by: {}) { title } }", "VALIDATION_FAILED"),
        ("mutation { nothing }", "VALIDATION_FAILED"),
    ] {
        assert_eq!(error_code(&mut socket, document).await, code, "{document}");
    }
}

#[tokio::test]
async fn a_query_over_a_socket_returns_one_result_and_completes() {
    let (server, _connection) = start().await;
    let mut socket = Socket::open(server.address()).await;
    socket.start("1", "{ films { totalCount } }").await;
    assert_eq!(socket.next("1").await, json!({"films": {"totalCount": 2}}));
    assert_eq!(
        socket.message().await,
        json!({"id": "1", "type": "complete"})
    );
    // A field error is part of the result.
    socket.start("2", "{ review(id: \"x\") { score } }").await;
    let message = socket.message().await;
    assert_eq!(message["type"], "next");
    assert_eq!(
        message["payload"]["errors"][0]["extensions"]["code"],
        "INVALID_ID"
    );
    assert_eq!(message["payload"]["data"], json!({"review": null}));
    assert_eq!(
        socket.message().await,
        json!({"id": "2", "type": "complete"})
    );
}

#[tokio::test]
async fn a_reference_that_means_no_film_is_rejected() {
    let (server, _connection) = start().await;
    let mut socket = Socket::open(server.address()).await;
    for (field, code) in [
        (
            "reviewAdded(film: \"RmlsbTox\", filmBy: {slug: \"lamp\"}) { score }",
            "INVALID_VALUE",
        ),
        (
            "reviewChanged(filmBy: {slug: \"nothing\"}) { version }",
            "NOT_FOUND",
        ),
        (
            "scoreChanged(filmBy: {titled: {title: \"Nothing\"}}) { slug }",
            "NOT_FOUND",
        ),
    ] {
        let document = format!("subscription {{ {field} }}");
        assert_eq!(error_code(&mut socket, &document).await, code, "{field}");
    }
}
