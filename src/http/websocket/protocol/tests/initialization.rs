//! The rules of `connection_init` and the authentication.

use super::*;

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
