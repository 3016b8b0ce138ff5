//! The rules of pings and pongs.

use super::*;

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
