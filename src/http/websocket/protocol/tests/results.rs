//! The rules of the results of an operation.

use super::*;

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
