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

#[test]
fn a_document_may_be_named_with_an_empty_query_or_none() {
    for name in [
        json!({"documentId": "a"}),
        json!({"doc_id": "a"}),
        json!({"id": "a"}),
        json!({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "a"}}}),
    ] {
        for query in [None, Some(json!(null)), Some(json!(""))] {
            let mut payload = name.clone();
            if let Some(query) = query {
                payload["query"] = query;
            }
            let message = json!({"type": "subscribe", "id": "1", "payload": payload});
            let actions = receive(&mut acknowledged(), &message);
            assert!(
                matches!(&actions[..], [Action::Start { request, .. }] if request.id == "1"),
                "{payload} {actions:?}"
            );
        }
    }
    for other in [json!({}), json!({"id": 7}), json!({"doc_id": null})] {
        let message = json!({"type": "subscribe", "id": "1", "payload": other});
        let close = closed(receive(&mut acknowledged(), &message));
        assert_eq!(
            close,
            (4400, "The payload has no query".to_owned()),
            "{other}"
        );
    }
}
