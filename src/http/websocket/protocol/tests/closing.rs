//! The rules of a socket that the server closes.

use super::*;

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
