//! The rules of the protocol for servers, one test per rule.

use super::{super::close::MAX_REASON_BYTES, *};

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_socket_without_our_sub_protocol_is_closed_with_4406() {
    let close = Machine::new(false, SETTINGS).unwrap_err();
    assert_eq!(
        (close.code, &*close.reason),
        (4406, "Subprotocol not acceptable")
    );
}

#[test]
fn a_connection_is_acknowledged_once_its_credentials_are_valid() {
    let mut machine = opened();
    let payload = json!({"Authorization": "Bearer x"});
    let actions = receive(
        &mut machine,
        &json!({"type": "connection_init", "payload": payload}),
    );
    assert_eq!(
        actions,
        [Action::Authenticate(payload.as_object().cloned())]
    );
    let actions = machine.handle(Event::Authenticated { ends_in: None }, FIRST_EVENT_AT);
    assert_eq!(sent(actions), [json!({"type": "connection_ack"})]);
}

#[test]
fn connection_init_may_have_no_payload_or_null() {
    for message in [
        json!({"type": "connection_init"}),
        json!({"type": "connection_init", "payload": null}),
    ] {
        assert_eq!(
            receive(&mut opened(), &message),
            [Action::Authenticate(None)]
        );
    }
}

#[test]
fn invalid_credentials_close_with_4403() {
    let mut machine = opened();
    receive(&mut machine, &json!({"type": "connection_init"}));
    let close = closed(machine.handle(Event::AuthenticationFailed, FIRST_EVENT_AT));
    assert_eq!(close, (4403, "Forbidden".to_owned()));
}

#[test]
fn credentials_that_cannot_be_checked_close_with_1013() {
    let mut machine = opened();
    receive(&mut machine, &json!({"type": "connection_init"}));
    let close = closed(machine.handle(Event::AuthenticationUnavailable, FIRST_EVENT_AT));
    assert_eq!(close, (1013, "Try again later".to_owned()));
}

#[test]
fn a_missing_connection_init_closes_with_4408() {
    let mut machine = opened();
    assert_eq!(machine.deadline(), INIT_TIMEOUT);
    let just_before = INIT_TIMEOUT.checked_sub(Duration::from_millis(1)).unwrap();
    assert_eq!(machine.handle(Event::DeadlinePassed, just_before), []);
    let close = closed(machine.handle(Event::DeadlinePassed, INIT_TIMEOUT));
    assert_eq!(
        close,
        (4408, "Connection initialisation timeout".to_owned())
    );
}

#[test]
fn an_authentication_may_take_longer_than_the_init_timeout() {
    let mut machine = opened();
    receive(&mut machine, &json!({"type": "connection_init"}));
    assert_eq!(machine.handle(Event::DeadlinePassed, at(11)), []);
    assert!(
        !machine
            .handle(Event::Authenticated { ends_in: None }, at(11))
            .is_empty()
    );
}

#[test]
fn a_second_connection_init_closes_with_4429() {
    let again = json!({"type": "connection_init"});
    let mut authenticating = opened();
    receive(&mut authenticating, &again);
    for mut machine in [authenticating, acknowledged()] {
        let close = closed(receive(&mut machine, &again));
        assert_eq!(close, (4429, "Too many initialisation requests".to_owned()));
    }
}

#[test]
fn an_operation_before_the_acknowledgement_closes_with_4401() {
    let mut authenticating = opened();
    receive(&mut authenticating, &json!({"type": "connection_init"}));
    for mut machine in [opened(), authenticating] {
        let close = closed(receive(&mut machine, &subscribe("1")));
        assert_eq!(close, (4401, "Unauthorized".to_owned()));
    }
}

#[test]
fn an_invalid_message_closes_with_4400_and_the_reason() {
    let payload = json!({"query": "{a}"});
    let long = "x".repeat(257);
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
        (json!({"type": "complete"}), "The message has no id"),
        (json!({"type": "complete", "id": ""}), "The id is empty"),
        (
            json!({"type": "complete", "id": 7}),
            "The id is not a string",
        ),
    ] {
        for mut machine in [opened(), acknowledged()] {
            assert_eq!(
                closed(receive(&mut machine, &message)),
                (4400, reason.to_owned()),
                "{message}"
            );
        }
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

#[test]
fn the_response_to_a_ping_is_a_pong_also_before_the_acknowledgement() {
    for mut machine in [opened(), acknowledged()] {
        for ping in [
            json!({"type": "ping"}),
            json!({"type": "ping", "payload": null}),
        ] {
            assert_eq!(
                sent(receive(&mut machine, &ping)),
                [json!({"type": "pong"})]
            );
        }
    }
}

#[test]
fn a_pong_has_the_payload_of_the_ping() {
    let mut machine = acknowledged();
    for payload in [json!({}), json!({"at": 17, "deep": {"list": [null]}})] {
        let pong = sent(receive(
            &mut machine,
            &json!({"type": "ping", "payload": payload}),
        ));
        assert_eq!(pong, [json!({"type": "pong", "payload": payload})]);
    }
}

#[test]
fn an_unsolicited_pong_is_accepted_without_a_response() {
    for mut machine in [opened(), acknowledged()] {
        for pong in [
            json!({"type": "pong"}),
            json!({"type": "pong", "payload": {"x": 1}}),
        ] {
            assert_eq!(receive(&mut machine, &pong), []);
        }
    }
}

#[test]
fn unknown_members_are_ignored() {
    let mut machine = acknowledged();
    let message =
        json!({"type": "subscribe", "id": "1", "more": 1, "payload": {"query": "{a}", "more": 2}});
    assert_eq!(receive(&mut machine, &message).len(), 1);
}

#[test]
fn an_operation_is_started_with_all_its_parameters() {
    let mut machine = acknowledged();
    let message = json!({"type": "subscribe", "id": "é\"1", "payload": {
        "query": "query Q($n: Int) {a}", "operationName": "Q", "variables": {"n": 1}, "extensions": {}
    }});
    let actions = receive(&mut machine, &message);
    let [Action::Start { request, .. }] = &actions[..] else {
        panic!("{actions:?}");
    };
    assert_eq!(request.id, "é\"1");
    assert_eq!(request.query.as_deref(), Some("query Q($n: Int) {a}"));
    assert_eq!(request.operation_name.as_deref(), Some("Q"));
    assert_eq!(request.variables.as_ref().unwrap()["n"], 1);
}

#[test]
fn null_parameters_are_absent() {
    let mut machine = acknowledged();
    let message = json!({"type": "subscribe", "id": "1", "payload": {
        "query": "{a}", "operationName": null, "variables": null, "extensions": null
    }});
    let actions = receive(&mut machine, &message);
    let [Action::Start { request, .. }] = &actions[..] else {
        panic!("{actions:?}");
    };
    assert_eq!(
        (&request.operation_name, &request.variables),
        (&None, &None)
    );
}

#[test]
fn results_are_sent_as_next_under_the_clients_id() {
    let mut machine = acknowledged();
    let operation = start(&mut machine, "a \"b\"");
    for _ in 0..2 {
        let expected = json!({"type": "next", "id": "a \"b\"", "payload": {"data": {"a": 1}}});
        assert_eq!(next(&mut machine, operation), [expected]);
    }
}

#[test]
fn an_operation_is_completed_after_its_last_result() {
    let mut machine = acknowledged();
    let operation = start(&mut machine, "1");
    next(&mut machine, operation);
    assert_eq!(
        ended(&mut machine, operation),
        [json!({"type": "complete", "id": "1"})]
    );
}

#[test]
fn an_operation_without_any_result_is_completed_too() {
    let mut machine = acknowledged();
    let operation = start(&mut machine, "1");
    assert_eq!(
        ended(&mut machine, operation),
        [json!({"type": "complete", "id": "1"})]
    );
}

#[test]
fn an_operation_that_fails_without_a_result_gets_error_and_no_complete() {
    let mut machine = acknowledged();
    let operation = start(&mut machine, "1");
    let error = json!({"type": "error", "id": "1", "payload": [{"message": "no"}]});
    assert_eq!(failed(&mut machine, operation), [error]);
    assert_eq!(ended(&mut machine, operation), [Value::Null; 0]);
    assert_eq!(next(&mut machine, operation), [Value::Null; 0]);
}

#[test]
fn a_failure_after_a_result_is_sent_as_the_last_result() {
    let mut machine = acknowledged();
    let operation = start(&mut machine, "1");
    next(&mut machine, operation);
    let last = json!({"type": "next", "id": "1", "payload": {"errors": [{"message": "no"}], "data": null}});
    assert_eq!(
        failed(&mut machine, operation),
        [last, json!({"type": "complete", "id": "1"})]
    );
}

#[test]
fn the_id_of_a_running_operation_closes_with_4409() {
    let mut machine = acknowledged();
    start(&mut machine, "left");
    let close = closed(receive(&mut machine, &subscribe("left")));
    assert_eq!(
        close,
        (4409, "Subscriber for left already exists".to_owned())
    );
}

#[test]
fn a_reason_always_fits_in_a_close_frame() {
    for length in 1..=256 {
        let mut machine = acknowledged();
        let id = "é".repeat(length / 2) + &"x".repeat(length % 2);
        start(&mut machine, &id);
        let (code, reason) = closed(receive(&mut machine, &subscribe(&id)));
        assert!(code == 4409 && reason.len() <= MAX_REASON_BYTES, "{reason}");
    }
}

#[test]
fn an_id_can_be_reused_after_an_operation_has_ended() {
    let mut machine = acknowledged();
    let first = start(&mut machine, "1");
    ended(&mut machine, first);
    let second = start(&mut machine, "1");
    failed(&mut machine, second);
    let third = start(&mut machine, "1");
    receive(&mut machine, &json!({"type": "complete", "id": "1"}));
    let fourth = start(&mut machine, "1");
    assert!(first < second && second < third && third < fourth);
}

#[test]
fn a_complete_from_the_client_stops_the_operation_without_a_response() {
    let mut machine = acknowledged();
    let operation = start(&mut machine, "1");
    let stopped = receive(&mut machine, &json!({"type": "complete", "id": "1"}));
    assert_eq!(stopped, [Action::Stop { operation }]);
}

#[test]
fn results_after_a_complete_from_the_client_are_dropped_even_if_the_id_is_reused() {
    let mut machine = acknowledged();
    let dropped = start(&mut machine, "1");
    receive(&mut machine, &json!({"type": "complete", "id": "1"}));
    assert_eq!(next(&mut machine, dropped), [Value::Null; 0]);
    let again = start(&mut machine, "1");
    assert_eq!(next(&mut machine, dropped), [Value::Null; 0]);
    assert_eq!(failed(&mut machine, dropped), [Value::Null; 0]);
    assert_eq!(ended(&mut machine, dropped), [Value::Null; 0]);
    assert_eq!(next(&mut machine, again).len(), 1);
}

#[test]
fn a_complete_for_an_unknown_operation_is_ignored() {
    let mut machine = acknowledged();
    let operation = start(&mut machine, "1");
    ended(&mut machine, operation);
    for id in ["1", "never"] {
        assert_eq!(
            receive(&mut machine, &json!({"type": "complete", "id": id})),
            []
        );
    }
    assert_eq!(
        receive(&mut opened(), &json!({"type": "complete", "id": "1"})),
        []
    );
}

#[test]
fn operations_run_concurrently() {
    let mut machine = acknowledged();
    let (one, other) = (start(&mut machine, "1"), start(&mut machine, "2"));
    assert_eq!(next(&mut machine, one)[0]["id"], "1");
    assert_eq!(next(&mut machine, other)[0]["id"], "2");
    ended(&mut machine, one);
    assert_eq!(next(&mut machine, other)[0]["id"], "2");
}

#[test]
fn an_operation_above_the_limit_gets_an_error_and_the_others_continue() {
    let mut machine = acknowledged();
    let running = ["1", "2", "3"].map(|id| start(&mut machine, id));
    let rejected = sent(receive(&mut machine, &subscribe("4")));
    assert_eq!(rejected[0]["type"], "error");
    assert_eq!(rejected[0]["id"], "4");
    assert_eq!(
        rejected[0]["payload"][0]["extensions"]["code"],
        "TOO_MANY_OPERATIONS"
    );
    assert_eq!(next(&mut machine, running[0]).len(), 1);
    ended(&mut machine, running[0]);
    start(&mut machine, "4");
}

#[test]
fn the_client_is_pinged_at_each_interval_while_it_responds() {
    let mut machine = acknowledged();
    let mut now = Duration::ZERO;
    for _ in 0..5 {
        now += PING_INTERVAL;
        assert_eq!(machine.deadline(), now);
        assert_eq!(machine.handle(Event::DeadlinePassed, now), [Action::Ping]);
        assert_eq!(machine.handle(Event::Pong, now + FIRST_EVENT_AT), []);
    }
}

#[test]
fn any_message_counts_as_a_response_to_a_ping() {
    let mut machine = acknowledged();
    machine.handle(Event::DeadlinePassed, PING_INTERVAL);
    machine.handle(
        Event::Text(r#"{"type":"pong"}"#),
        PING_INTERVAL + FIRST_EVENT_AT,
    );
    assert_eq!(
        machine.handle(Event::DeadlinePassed, 2 * PING_INTERVAL),
        [Action::Ping]
    );
}

#[test]
fn a_missing_pong_closes_with_4408() {
    let mut machine = acknowledged();
    machine.handle(Event::DeadlinePassed, PING_INTERVAL);
    assert_eq!(machine.deadline(), 2 * PING_INTERVAL);
    let close = closed(machine.handle(Event::DeadlinePassed, 2 * PING_INTERVAL));
    assert_eq!(close, (4408, "No pong in time".to_owned()));
}

#[test]
fn an_expired_token_closes_with_4403() {
    let mut machine = opened();
    receive(&mut machine, &json!({"type": "connection_init"}));
    machine.handle(
        Event::Authenticated {
            ends_in: Some(at(5)),
        },
        at(1),
    );
    assert_eq!(machine.deadline(), at(6));
    assert_eq!(machine.handle(Event::DeadlinePassed, at(5)), []);
    let close = closed(machine.handle(Event::DeadlinePassed, at(6)));
    assert_eq!(close, (4403, "The token has expired".to_owned()));
}

#[test]
fn a_slow_client_is_closed_with_4290() {
    let mut machine = acknowledged();
    start(&mut machine, "1");
    let close = closed(machine.handle(Event::ResultsLost, FIRST_EVENT_AT));
    assert_eq!(close, (4290, "Too slow: events were lost".to_owned()));
}

#[test]
fn nothing_is_sent_after_a_close() {
    let mut machine = acknowledged();
    let operation = start(&mut machine, "1");
    assert_eq!(
        closed(machine.close(Close::going_away())),
        (1001, "Going away".to_owned())
    );
    assert_eq!(machine.close(Close::going_away()), []);
    assert_eq!(next(&mut machine, operation), [Value::Null; 0]);
    assert_eq!(receive(&mut machine, &json!({"type": "ping"})), []);
    assert_eq!(machine.handle(Event::DeadlinePassed, at(100)), []);
}
