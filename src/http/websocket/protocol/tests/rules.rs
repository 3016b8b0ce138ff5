//! What the protocol says that a server must do, one test a rule.

use super::{super::close::LONGEST_REASON, *};

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_socket_without_our_sub_protocol_is_closed_with_4406() {
    let close = Machine::open(false, SETTINGS).unwrap_err();
    assert_eq!(
        (close.code, &*close.reason),
        (4406, "Subprotocol not acceptable")
    );
}

#[test]
fn a_connection_is_acknowledged_once_its_credentials_are_good() {
    let mut machine = opened();
    let payload = json!({"Authorization": "Bearer x"});
    let asked = say(
        &mut machine,
        &json!({"type": "connection_init", "payload": payload}),
    );
    assert_eq!(asked, [Action::Authenticate(payload.as_object().cloned())]);
    let answer = machine.handle(Event::Accepted { ends_in: None }, SOON);
    assert_eq!(sent(answer), [json!({"type": "connection_ack"})]);
}

#[test]
fn a_connection_may_be_asked_for_without_a_payload_or_with_null() {
    for message in [
        json!({"type": "connection_init"}),
        json!({"type": "connection_init", "payload": null}),
    ] {
        assert_eq!(say(&mut opened(), &message), [Action::Authenticate(None)]);
    }
}

#[test]
fn bad_credentials_close_with_4403() {
    let mut machine = opened();
    say(&mut machine, &json!({"type": "connection_init"}));
    let close = closed(machine.handle(Event::Refused, SOON));
    assert_eq!(close, (4403, "Forbidden".to_owned()));
}

#[test]
fn credentials_that_nobody_can_look_up_close_with_1013() {
    let mut machine = opened();
    say(&mut machine, &json!({"type": "connection_init"}));
    let close = closed(machine.handle(Event::NotTold, SOON));
    assert_eq!(close, (1013, "Try again later".to_owned()));
}

#[test]
fn who_asks_for_no_connection_in_time_is_closed_with_4408() {
    let mut machine = opened();
    assert_eq!(machine.deadline(), INIT_TIMEOUT);
    let just_before = INIT_TIMEOUT.checked_sub(Duration::from_millis(1)).unwrap();
    assert_eq!(machine.handle(Event::Time, just_before), []);
    let close = closed(machine.handle(Event::Time, INIT_TIMEOUT));
    assert_eq!(
        close,
        (4408, "Connection initialisation timeout".to_owned())
    );
}

#[test]
fn who_has_asked_in_time_waits_for_the_answer_as_long_as_it_takes() {
    let mut machine = opened();
    say(&mut machine, &json!({"type": "connection_init"}));
    assert_eq!(machine.handle(Event::Time, at(11)), []);
    assert!(
        !machine
            .handle(Event::Accepted { ends_in: None }, at(11))
            .is_empty()
    );
}

#[test]
fn a_second_connection_init_closes_with_4429_before_and_after_the_first_is_answered() {
    let again = json!({"type": "connection_init"});
    let mut asked = opened();
    say(&mut asked, &again);
    for mut machine in [asked, acknowledged()] {
        let close = closed(say(&mut machine, &again));
        assert_eq!(close, (4429, "Too many initialisation requests".to_owned()));
    }
}

#[test]
fn an_operation_before_the_acknowledgement_closes_with_4401() {
    let mut asked = opened();
    say(&mut asked, &json!({"type": "connection_init"}));
    for mut machine in [opened(), asked] {
        let close = closed(say(&mut machine, &subscribe("1")));
        assert_eq!(close, (4401, "Unauthorized".to_owned()));
    }
}

#[test]
fn what_is_no_message_closes_with_4400_and_says_what_is_wrong() {
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
                closed(say(&mut machine, &message)),
                (4400, reason.to_owned()),
                "{message}"
            );
        }
    }
}

#[test]
fn what_is_not_json_closes_with_4400_without_the_parsers_words() {
    let deep = "[".repeat(100_000);
    for text in [
        "",
        "{",
        "{\"type\":\"ping\"} {}",
        "\u{0}",
        &deep,
        "{\"type\":\"ping\"",
    ] {
        let close = closed(acknowledged().handle(Event::Text(text), SOON));
        assert_eq!(close, (4400, "The message is not JSON".to_owned()));
    }
}

#[test]
fn a_binary_message_closes_with_4400() {
    let close = closed(acknowledged().handle(Event::Binary, SOON));
    assert_eq!(close, (4400, "Binary messages are not read".to_owned()));
}

#[test]
fn a_ping_is_answered_with_a_pong_also_before_the_acknowledgement() {
    for mut machine in [opened(), acknowledged()] {
        for ping in [
            json!({"type": "ping"}),
            json!({"type": "ping", "payload": null}),
        ] {
            assert_eq!(sent(say(&mut machine, &ping)), [json!({"type": "pong"})]);
        }
    }
}

#[test]
fn a_pong_brings_back_what_the_ping_brought() {
    let mut machine = acknowledged();
    for payload in [json!({}), json!({"at": 17, "deep": {"list": [null]}})] {
        let pong = sent(say(
            &mut machine,
            &json!({"type": "ping", "payload": payload}),
        ));
        assert_eq!(pong, [json!({"type": "pong", "payload": payload})]);
    }
}

#[test]
fn a_pong_that_nobody_asked_for_is_taken_without_an_answer() {
    for mut machine in [opened(), acknowledged()] {
        for pong in [
            json!({"type": "pong"}),
            json!({"type": "pong", "payload": {"x": 1}}),
        ] {
            assert_eq!(say(&mut machine, &pong), []);
        }
    }
}

#[test]
fn members_that_the_protocol_does_not_know_are_passed_over() {
    let mut machine = acknowledged();
    let message =
        json!({"type": "subscribe", "id": "1", "more": 1, "payload": {"query": "{a}", "more": 2}});
    assert_eq!(say(&mut machine, &message).len(), 1);
}

#[test]
fn an_operation_is_started_with_all_that_it_came_with() {
    let mut machine = acknowledged();
    let message = json!({"type": "subscribe", "id": "é\"1", "payload": {
        "query": "query Q($n: Int) {a}", "operationName": "Q", "variables": {"n": 1}, "extensions": {}
    }});
    let actions = say(&mut machine, &message);
    let [Action::Start { request, .. }] = &actions[..] else {
        panic!("{actions:?}");
    };
    assert_eq!(request.id, "é\"1");
    assert_eq!(request.query.as_deref(), Some("query Q($n: Int) {a}"));
    assert_eq!(request.operation_name.as_deref(), Some("Q"));
    assert_eq!(request.variables.as_ref().unwrap()["n"], 1);
}

#[test]
fn what_is_null_in_a_request_is_left_out() {
    let mut machine = acknowledged();
    let message = json!({"type": "subscribe", "id": "1", "payload": {
        "query": "{a}", "operationName": null, "variables": null, "extensions": null
    }});
    let actions = say(&mut machine, &message);
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
fn an_operation_that_has_given_all_is_completed() {
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
fn an_operation_that_gives_nothing_but_errors_gets_error_and_no_complete() {
    let mut machine = acknowledged();
    let operation = start(&mut machine, "1");
    let error = json!({"type": "error", "id": "1", "payload": [{"message": "no"}]});
    assert_eq!(failed(&mut machine, operation), [error]);
    assert_eq!(ended(&mut machine, operation), [Value::Null; 0]);
    assert_eq!(next(&mut machine, operation), [Value::Null; 0]);
}

#[test]
fn after_a_next_a_failure_is_the_last_next() {
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
fn a_running_operations_id_closes_with_4409() {
    let mut machine = acknowledged();
    start(&mut machine, "left");
    let close = closed(say(&mut machine, &subscribe("left")));
    assert_eq!(
        close,
        (4409, "Subscriber for left already exists".to_owned())
    );
}

#[test]
fn a_reason_is_never_longer_than_a_close_frame_holds() {
    for length in 1..=256 {
        let mut machine = acknowledged();
        let id = "é".repeat(length / 2) + &"x".repeat(length % 2);
        start(&mut machine, &id);
        let (code, reason) = closed(say(&mut machine, &subscribe(&id)));
        assert!(code == 4409 && reason.len() <= LONGEST_REASON, "{reason}");
    }
}

#[test]
fn an_id_is_free_again_after_each_way_to_end() {
    let mut machine = acknowledged();
    let first = start(&mut machine, "1");
    ended(&mut machine, first);
    let second = start(&mut machine, "1");
    failed(&mut machine, second);
    let third = start(&mut machine, "1");
    say(&mut machine, &json!({"type": "complete", "id": "1"}));
    let fourth = start(&mut machine, "1");
    assert!(first < second && second < third && third < fourth);
}

#[test]
fn the_clients_complete_stops_the_operation_and_is_not_answered() {
    let mut machine = acknowledged();
    let operation = start(&mut machine, "1");
    let stopped = say(&mut machine, &json!({"type": "complete", "id": "1"}));
    assert_eq!(stopped, [Action::Stop { operation }]);
}

#[test]
fn results_after_the_clients_complete_are_dropped_also_when_the_id_is_used_again() {
    let mut machine = acknowledged();
    let dropped = start(&mut machine, "1");
    say(&mut machine, &json!({"type": "complete", "id": "1"}));
    assert_eq!(next(&mut machine, dropped), [Value::Null; 0]);
    let again = start(&mut machine, "1");
    assert_eq!(next(&mut machine, dropped), [Value::Null; 0]);
    assert_eq!(failed(&mut machine, dropped), [Value::Null; 0]);
    assert_eq!(ended(&mut machine, dropped), [Value::Null; 0]);
    assert_eq!(next(&mut machine, again).len(), 1);
}

#[test]
fn complete_for_what_never_was_or_has_ended_is_passed_over() {
    let mut machine = acknowledged();
    let operation = start(&mut machine, "1");
    ended(&mut machine, operation);
    for id in ["1", "never"] {
        assert_eq!(
            say(&mut machine, &json!({"type": "complete", "id": id})),
            []
        );
    }
    assert_eq!(
        say(&mut opened(), &json!({"type": "complete", "id": "1"})),
        []
    );
}

#[test]
fn operations_run_side_by_side() {
    let mut machine = acknowledged();
    let (one, other) = (start(&mut machine, "1"), start(&mut machine, "2"));
    assert_eq!(next(&mut machine, one)[0]["id"], "1");
    assert_eq!(next(&mut machine, other)[0]["id"], "2");
    ended(&mut machine, one);
    assert_eq!(next(&mut machine, other)[0]["id"], "2");
}

#[test]
fn one_operation_too_many_gets_an_error_and_the_others_run_on() {
    let mut machine = acknowledged();
    let running = ["1", "2", "3"].map(|id| start(&mut machine, id));
    let refused = sent(say(&mut machine, &subscribe("4")));
    assert_eq!(refused[0]["type"], "error");
    assert_eq!(refused[0]["id"], "4");
    assert_eq!(
        refused[0]["payload"][0]["extensions"]["code"],
        "TOO_MANY_OPERATIONS"
    );
    assert_eq!(next(&mut machine, running[0]).len(), 1);
    ended(&mut machine, running[0]);
    start(&mut machine, "4");
}

#[test]
fn the_client_is_pinged_again_and_again_while_it_answers() {
    let mut machine = acknowledged();
    let mut now = Duration::ZERO;
    for _ in 0..5 {
        now += KEEP_ALIVE;
        assert_eq!(machine.deadline(), now);
        assert_eq!(machine.handle(Event::Time, now), [Action::Ping]);
        assert_eq!(machine.handle(Event::Pong, now + SOON), []);
    }
}

#[test]
fn whatever_a_client_sends_shows_that_it_is_there() {
    let mut machine = acknowledged();
    machine.handle(Event::Time, KEEP_ALIVE);
    machine.handle(Event::Text(r#"{"type":"pong"}"#), KEEP_ALIVE + SOON);
    assert_eq!(machine.handle(Event::Time, 2 * KEEP_ALIVE), [Action::Ping]);
}

#[test]
fn who_does_not_answer_a_ping_is_closed_with_4408() {
    let mut machine = acknowledged();
    machine.handle(Event::Time, KEEP_ALIVE);
    assert_eq!(machine.deadline(), 2 * KEEP_ALIVE);
    let close = closed(machine.handle(Event::Time, 2 * KEEP_ALIVE));
    assert_eq!(close, (4408, "No pong in time".to_owned()));
}

#[test]
fn a_token_that_ends_takes_its_socket_along_with_4403() {
    let mut machine = opened();
    say(&mut machine, &json!({"type": "connection_init"}));
    machine.handle(
        Event::Accepted {
            ends_in: Some(at(5)),
        },
        at(1),
    );
    assert_eq!(machine.deadline(), at(6));
    assert_eq!(machine.handle(Event::Time, at(5)), []);
    let close = closed(machine.handle(Event::Time, at(6)));
    assert_eq!(close, (4403, "The token has expired".to_owned()));
}

#[test]
fn who_takes_results_too_slowly_is_closed_with_4290() {
    let mut machine = acknowledged();
    start(&mut machine, "1");
    let close = closed(machine.handle(Event::Lost, SOON));
    assert_eq!(close, (4290, "Too slow: events were lost".to_owned()));
}

#[test]
fn nothing_is_said_after_a_close() {
    let mut machine = acknowledged();
    let operation = start(&mut machine, "1");
    assert_eq!(
        closed(machine.close(Close::going_away())),
        (1001, "Going away".to_owned())
    );
    assert_eq!(machine.close(Close::going_away()), []);
    assert_eq!(next(&mut machine, operation), [Value::Null; 0]);
    assert_eq!(say(&mut machine, &json!({"type": "ping"})), []);
    assert_eq!(machine.handle(Event::Time, at(100)), []);
}
