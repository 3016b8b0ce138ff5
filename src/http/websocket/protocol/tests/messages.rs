//! The rules of invalid messages.

use super::*;

/// Asserts that a message closes the socket with 4400, before and after the acknowledgement.
fn assert_closes_with_4400(message: &Value, reason: &str) {
    for mut machine in [opened(), acknowledged()] {
        assert_eq!(
            closed(receive(&mut machine, message)),
            (4400, reason.to_owned()),
            "{message}"
        );
    }
}

#[test]
fn a_message_without_a_type_of_clients_closes_with_4400() {
    for (message, reason) in [
        (json!([]), "The message is not an object"),
        (json!("ping"), "The message is not an object"),
        (json!(null), "The message is not an object"),
        (json!({}), "The message has no type"),
        (json!({"type": 1}), "The message's type is not a string"),
        (json!({"type": null}), "The message's type is not a string"),
        (json!({"type": ""}), "Unknown message type"),
        (json!({"type": "start"}), "Unknown message type"),
        (json!({"type": "Ping"}), "Unknown message type"),
        (
            json!({"type": "connection_ack"}),
            "Only the server sends this type",
        ),
        (
            json!({"type": "next", "id": "1", "payload": {}}),
            "Only the server sends this type",
        ),
        (
            json!({"type": "error", "id": "1", "payload": []}),
            "Only the server sends this type",
        ),
    ] {
        assert_closes_with_4400(&message, reason);
    }
}

#[test]
fn a_payload_that_is_not_an_object_closes_with_4400() {
    for (message, reason) in [
        (
            json!({"type": "connection_init", "payload": "x"}),
            "The payload is not an object",
        ),
        (
            json!({"type": "ping", "payload": []}),
            "The payload is not an object",
        ),
        (
            json!({"type": "pong", "payload": 0}),
            "The payload is not an object",
        ),
    ] {
        assert_closes_with_4400(&message, reason);
    }
}

#[test]
fn an_invalid_id_closes_with_4400() {
    let payload = json!({"query": "{a}"});
    let long = "x".repeat(257);
    for (message, reason) in [
        (
            json!({"type": "subscribe", "payload": payload}),
            "The message has no id",
        ),
        (
            json!({"type": "subscribe", "id": "", "payload": payload}),
            "The id is empty",
        ),
        (
            json!({"type": "subscribe", "id": 1, "payload": payload}),
            "The id is not a string",
        ),
        (
            json!({"type": "subscribe", "id": long, "payload": payload}),
            "The id is too long",
        ),
        (json!({"type": "complete"}), "The message has no id"),
        (json!({"type": "complete", "id": ""}), "The id is empty"),
        (
            json!({"type": "complete", "id": 7}),
            "The id is not a string",
        ),
    ] {
        assert_closes_with_4400(&message, reason);
    }
}

#[test]
fn an_invalid_payload_of_subscribe_closes_with_4400() {
    for (message, reason) in [
        (
            json!({"type": "subscribe", "id": "1"}),
            "The payload of subscribe is not an object",
        ),
        (
            json!({"type": "subscribe", "id": "1", "payload": null}),
            "The payload of subscribe is not an object",
        ),
        (
            json!({"type": "subscribe", "id": "1", "payload": "{a}"}),
            "The payload of subscribe is not an object",
        ),
        (
            json!({"type": "subscribe", "id": "1", "payload": {}}),
            "The payload has no query",
        ),
        (
            json!({"type": "subscribe", "id": "1", "payload": {"query": 1}}),
            "The query is not a string",
        ),
        (
            json!({"type": "subscribe", "id": "1", "payload": {"query": "", "operationName": 1}}),
            "The operationName is not a string",
        ),
        (
            json!({"type": "subscribe", "id": "1", "payload": {"query": "", "variables": []}}),
            "The variables are not an object",
        ),
        (
            json!({"type": "subscribe", "id": "1", "payload": {"query": "", "extensions": "x"}}),
            "The extensions are not an object",
        ),
    ] {
        assert_closes_with_4400(&message, reason);
    }
}

#[test]
fn invalid_json_closes_with_4400_without_the_parsers_message() {
    let deep = "[".repeat(100_000);
    for text in [
        "",
        "{",
        "{\"type\":\"ping\"} {}",
        "\u{0}",
        &deep,
        "{\"type\":\"ping\"",
    ] {
        let close = closed(acknowledged().handle(Event::Text(text), FIRST_EVENT_AT));
        assert_eq!(close, (4400, "The message is not JSON".to_owned()));
    }
}

#[test]
fn a_binary_message_closes_with_4400() {
    let close = closed(acknowledged().handle(Event::Binary, FIRST_EVENT_AT));
    assert_eq!(
        close,
        (4400, "Binary messages are not supported".to_owned())
    );
}
