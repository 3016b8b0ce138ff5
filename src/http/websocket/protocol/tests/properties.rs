//! Property tests with arbitrary sequences of events.

use proptest::prelude::*;

use super::{
    super::properties::{self, Step, Steps},
    *,
};

fn message() -> impl Strategy<Value = String> {
    let id = prop_oneof![Just("1"), Just("2"), Just("3"), Just("4"), Just("")];
    prop_oneof![
        8 => id.clone().prop_map(|id| subscribe(id).to_string()),
        4 => id.prop_map(|id| json!({"type": "complete", "id": id}).to_string()),
        2 => Just(json!({"type": "connection_init"}).to_string()),
        2 => Just(json!({"type": "ping", "payload": {"n": 1}}).to_string()),
        1 => Just(json!({"type": "pong"}).to_string()),
        1 => any::<String>(),
        1 => "\\{\"type\":\"(subscribe|ping|next)\",\"(id|payload)\":[0-9\"\\[\\]{}]{0,4}\\}",
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => message().prop_map(Step::Text),
        1 => Just(Step::Binary),
        2 => Just(Step::Pong),
        2 => prop::option::of(0..1000_u64).prop_map(Step::Authenticated),
        1 => Just(Step::AuthenticationFailed),
        1 => Just(Step::AuthenticationUnavailable),
        6 => (0..12_u64).prop_map(Step::Next),
        3 => (0..12_u64).prop_map(Step::Failed),
        3 => (0..12_u64).prop_map(Step::Completed),
        1 => Just(Step::ResultsLost),
        2 => Just(Step::DeadlinePassed),
    ]
}

/// Generates runs. Most of them start with an acknowledged connection, because most events would close any other socket
/// immediately.
fn run() -> impl Strategy<Value = (bool, Steps)> {
    let steps = prop::collection::vec((step(), 0..4000_u64), 0..60);
    (prop::bool::weighted(0.8), steps)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn the_invariants_hold_for_arbitrary_events((stands, steps) in run()) {
        properties::invariants_hold(stands, &steps);
    }

    #[test]
    fn an_arbitrary_text_is_a_message_or_closes_with_4400(text: String) {
        for action in opened().handle(Event::Text(&text), FIRST_EVENT_AT) {
            if let Action::Close(close) = action {
                prop_assert_eq!(close.code, 4400);
            }
        }
    }
}
