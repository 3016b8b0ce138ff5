//! Laws: what holds in whatever order things happen.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{super::close::LONGEST_REASON, *};

/// Something that may happen; operations are meant by their number, whether or not there is such a one.
#[derive(Clone, Debug)]
enum Step {
    Text(String),
    Binary,
    Pong,
    Accepted(Option<u64>),
    Refused,
    NotTold,
    Next(u64),
    Failed(u64),
    Ended(u64),
    Lost,
    Time,
}

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
        2 => prop::option::of(0..1000_u64).prop_map(Step::Accepted),
        1 => Just(Step::Refused),
        1 => Just(Step::NotTold),
        6 => (0..12_u64).prop_map(Step::Next),
        3 => (0..12_u64).prop_map(Step::Failed),
        3 => (0..12_u64).prop_map(Step::Ended),
        1 => Just(Step::Lost),
        2 => Just(Step::Time),
    ]
}

/// Most of what may happen would close the socket at once; so most runs begin with a connection that stands.
fn run() -> impl Strategy<Value = (bool, Vec<(Step, u64)>)> {
    let steps = prop::collection::vec((step(), 0..4000_u64), 0..60);
    (prop::bool::weighted(0.8), steps)
}

fn happen(machine: &mut Machine, step: &Step, now: Duration) -> Vec<Action> {
    let payload = "{\"data\":null}".to_owned();
    let errors = "[]".to_owned();
    let event = match step {
        Step::Text(text) => Event::Text(text),
        Step::Binary => Event::Binary,
        Step::Pong => Event::Pong,
        Step::Accepted(seconds) => Event::Accepted {
            ends_in: seconds.map(Duration::from_secs),
        },
        Step::Refused => Event::Refused,
        Step::NotTold => Event::NotTold,
        Step::Next(n) => Event::Next {
            operation: OperationKey(*n),
            payload,
        },
        Step::Failed(n) => Event::Failed {
            operation: OperationKey(*n),
            errors,
        },
        Step::Ended(n) => Event::Ended {
            operation: OperationKey(*n),
        },
        Step::Lost => Event::Lost,
        Step::Time => Event::Time,
    };
    machine.handle(event, now)
}

/// What an observer of the actions knows of the operations.
#[derive(Default)]
struct Seen {
    closed: bool,
    acknowledged: bool,
    /// The running ones by the client's id, with whether a result has been sent.
    running: BTreeMap<String, bool>,
    started: BTreeSet<OperationKey>,
}

impl Seen {
    fn take(&mut self, action: Action) -> Result<(), TestCaseError> {
        prop_assert!(!self.closed, "{action:?} after a close");
        match action {
            Action::Start { operation, request } => {
                prop_assert!(self.acknowledged && self.started.insert(operation));
                prop_assert_eq!(self.running.insert(request.id, false), None);
                prop_assert!(self.running.len() <= SETTINGS.operations);
            }
            Action::Stop { operation } => prop_assert!(self.started.contains(&operation)),
            Action::Close(close) => {
                prop_assert!(close.reason.len() <= LONGEST_REASON && !close.reason.is_empty());
                self.closed = true;
            }
            Action::Send(text) => {
                let message: Value = serde_json::from_str(&text).unwrap();
                self.message(&message)?;
            }
            Action::Ping | Action::Authenticate(_) => {}
        }
        Ok(())
    }

    fn message(&mut self, message: &Value) -> Result<(), TestCaseError> {
        let id = message["id"].as_str().unwrap_or_default();
        match message["type"].as_str().unwrap() {
            "connection_ack" => {
                prop_assert!(!self.acknowledged);
                self.acknowledged = true;
            }
            "next" => {
                let began = self.running.get_mut(id);
                prop_assert!(began.is_some(), "a result of what doesn't run");
                self.running.insert(id.to_owned(), true);
            }
            "complete" => prop_assert!(self.running.remove(id).is_some(), "ended twice"),
            "error" => {
                let too_many = message["payload"][0]["extensions"]["code"] == "TOO_MANY_OPERATIONS";
                let ended = self.running.remove(id);
                prop_assert_eq!(ended, if too_many { None } else { Some(false) });
            }
            "pong" => {}
            other => prop_assert!(false, "a server sends no {other}"),
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_rules_hold((stands, steps) in run()) {
        let mut seen = Seen { acknowledged: stands, ..Seen::default() };
        let mut machine = if stands { acknowledged() } else { opened() };
        let mut now = SOON;
        for (step, milliseconds) in steps {
            now += Duration::from_millis(milliseconds);
            let completed = match &step {
                Step::Text(text) => serde_json::from_str::<Value>(text).ok()
                    .filter(|message| message["type"] == "complete")
                    .and_then(|message| message["id"].as_str().map(str::to_owned)),
                _ => None,
            };
            let actions = happen(&mut machine, &step, now);
            if actions.iter().any(|action| matches!(action, Action::Stop { .. })) {
                prop_assert!(seen.running.remove(&completed.unwrap()).is_some());
            }
            for action in actions {
                seen.take(action)?;
            }
        }
    }

    #[test]
    fn any_text_at_all_is_a_message_or_closes_with_4400(text: String) {
        for action in opened().handle(Event::Text(&text), SOON) {
            if let Action::Close(close) = action {
                prop_assert_eq!(close.code, 4400);
            }
        }
    }

    #[test]
    fn time_is_never_waited_for_in_vain(steps in prop::collection::vec((step(), 0..4000_u64), 0..40)) {
        let mut machine = acknowledged();
        let mut now = SOON;
        for (step, milliseconds) in steps {
            now += Duration::from_millis(milliseconds);
            happen(&mut machine, &step, now);
        }
        // Once its time has come something is done, or there is nothing left to do.
        let due = machine.deadline().max(now);
        let closed = machine.phase == super::super::Phase::Closed;
        prop_assert!(closed || !machine.handle(Event::Time, due).is_empty());
    }
}
