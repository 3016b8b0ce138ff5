//! The rules of the ids of operations, and of operations that run concurrently.

use super::{super::close::MAX_REASON_BYTES, *};

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
