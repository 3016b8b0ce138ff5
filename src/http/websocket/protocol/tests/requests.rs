//! The rules of the parameters of an operation.

use super::*;

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
