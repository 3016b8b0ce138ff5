//! Tests of the protocol's rules, one test per rule, and of its invariants.

mod closing;
mod initialization;
mod messages;
mod operations;
mod pings;
mod properties;
mod requests;
mod results;

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    Action, Close, Event, INIT_TIMEOUT, OperationKey, PING_INTERVAL,
    machine::Machine,
    properties::{FIRST_EVENT_AT, SETTINGS, acknowledged, opened},
};

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn receive(machine: &mut Machine, message: &Value) -> Vec<Action> {
    machine.handle(Event::Text(&message.to_string()), FIRST_EVENT_AT)
}

fn subscribe(id: &str) -> Value {
    json!({"type": "subscribe", "id": id, "payload": {"query": "{a}"}})
}

/// Starts an operation.
fn start(machine: &mut Machine, id: &str) -> OperationKey {
    match &receive(machine, &subscribe(id))[..] {
        [Action::Start { operation, request }] if request.id == id => *operation,
        other => panic!("{other:?}"),
    }
}

fn next(machine: &mut Machine, operation: OperationKey) -> Vec<Value> {
    let payload = r#"{"data":{"a":1}}"#.to_owned();
    sent(machine.handle(Event::Next { operation, payload }, FIRST_EVENT_AT))
}

fn failed(machine: &mut Machine, operation: OperationKey) -> Vec<Value> {
    let errors = r#"[{"message":"no"}]"#.to_owned();
    sent(machine.handle(Event::Failed { operation, errors }, FIRST_EVENT_AT))
}

fn ended(machine: &mut Machine, operation: OperationKey) -> Vec<Value> {
    sent(machine.handle(Event::Completed { operation }, FIRST_EVENT_AT))
}

/// The messages of actions that do nothing but send.
fn sent(actions: Vec<Action>) -> Vec<Value> {
    let message = |action| match action {
        Action::Send(text) => serde_json::from_str(&text).unwrap(),
        other => panic!("{other:?}"),
    };
    actions.into_iter().map(message).collect()
}

/// The code and the reason of actions that do nothing but close.
fn closed(actions: Vec<Action>) -> (u16, String) {
    match <[Action; 1]>::try_from(actions) {
        Ok([Action::Close(Close { code, reason })]) => (code, reason),
        other => panic!("{other:?}"),
    }
}
