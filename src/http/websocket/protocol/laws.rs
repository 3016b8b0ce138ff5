//! The invariants of the protocol for arbitrary sequences of events.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::Value;

use super::{
    Action, Event, INIT_TIMEOUT, KEEP_ALIVE, Machine, OperationKey, Phase, Settings,
    close::LONGEST_REASON,
};

/// Settings with a low limit of operations, which tests reach quickly.
pub(super) const SETTINGS: Settings = Settings {
    init_timeout: INIT_TIMEOUT,
    keep_alive: KEEP_ALIVE,
    operations: 3,
};

/// The time of the first event.
pub(super) const SOON: Duration = Duration::from_millis(10);

/// The maximum lifetime of a token in seconds, roughly the range of chrono's calendar.
const LAST: u64 = 1 << 43;

/// An event of a test. Operations are given by their number, whether or not such an operation exists.
#[derive(Clone, Debug)]
pub enum Step {
    /// A text message is received.
    Text(String),
    /// A binary message is received.
    Binary,
    /// A pong frame is received.
    Pong,
    /// The credentials are valid, for this number of seconds if they expire.
    Accepted(Option<u64>),
    /// The credentials are invalid.
    Refused,
    /// The credentials could not be checked.
    NotTold,
    /// An operation has a result.
    Next(u64),
    /// An operation fails.
    Failed(u64),
    /// An operation has completed.
    Ended(u64),
    /// Results are lost.
    Lost,
    /// The deadline has passed.
    Time,
}

/// A sequence of events, each with the milliseconds since the previous one.
pub type Steps = Vec<(Step, u64)>;

/// Parses a sequence of events, one per line: `.next 1`, `.accepted 60`, `.time 12000`, and so on with an optional
/// number. Any other line is a text message.
#[must_use]
pub fn steps(script: &str) -> Steps {
    script.lines().map(step).collect()
}

fn step(line: &str) -> (Step, u64) {
    let mut words = line.split(' ');
    let word = words.next().unwrap_or_default();
    let number = words.next().and_then(|number| number.parse().ok());
    let n = number.unwrap_or(1);
    let step = match word {
        ".binary" => Step::Binary,
        ".pong" => Step::Pong,
        ".accepted" => Step::Accepted(number.map(|seconds: u64| seconds.min(LAST))),
        ".refused" => Step::Refused,
        ".untold" => Step::NotTold,
        ".next" => Step::Next(n),
        ".failed" => Step::Failed(n),
        ".ended" => Step::Ended(n),
        ".lost" => Step::Lost,
        ".time" => return (Step::Time, n.min(LAST)),
        _ => Step::Text(line.to_owned()),
    };
    (step, 1)
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

/// The state of the socket and its operations, as derived from the actions alone.
#[derive(Default)]
struct Seen {
    closed: bool,
    acknowledged: bool,
    /// Whether a result has been sent, by the client's id of each running operation.
    running: BTreeMap<String, bool>,
    started: BTreeSet<OperationKey>,
}

impl Seen {
    fn take(&mut self, action: Action) {
        assert!(!self.closed, "{action:?} after a close");
        match action {
            Action::Start { operation, request } => {
                assert!(self.acknowledged && self.started.insert(operation));
                assert_eq!(self.running.insert(request.id, false), None);
                assert!(self.running.len() <= SETTINGS.operations);
            }
            Action::Stop { operation } => assert!(self.started.contains(&operation)),
            Action::Close(close) => {
                assert!(close.reason.len() <= LONGEST_REASON && !close.reason.is_empty());
                self.closed = true;
            }
            Action::Send(text) => match serde_json::from_str(&text) {
                Ok(message) => self.message(&message),
                Err(error) => unreachable!("{error} in {text}"),
            },
            Action::Ping | Action::Authenticate(_) => {}
        }
    }

    fn message(&mut self, message: &Value) {
        let id = message["id"].as_str().unwrap_or_default();
        match message["type"].as_str().unwrap_or_default() {
            "connection_ack" => {
                assert!(!self.acknowledged);
                self.acknowledged = true;
            }
            "next" => {
                let began = self.running.get_mut(id);
                assert!(
                    began.is_some(),
                    "a result of an operation that does not run"
                );
                self.running.insert(id.to_owned(), true);
            }
            "complete" => assert!(
                self.running.remove(id).is_some(),
                "an operation that does not run was completed"
            ),
            "error" => {
                let too_many = message["payload"][0]["extensions"]["code"] == "TOO_MANY_OPERATIONS";
                let ended = self.running.remove(id);
                assert_eq!(ended, if too_many { None } else { Some(false) });
            }
            "pong" => {}
            _ => unreachable!("a server sends no {message}"),
        }
    }
}

/// Returns a socket that has just been opened.
pub(super) fn opened() -> Machine {
    match Machine::open(true, SETTINGS) {
        Ok(machine) => machine,
        Err(close) => unreachable!("{close:?} although the sub-protocol is agreed on"),
    }
}

/// Returns a socket whose connection is acknowledged.
pub(super) fn acknowledged() -> Machine {
    let mut machine = opened();
    machine.handle(Event::Text(r#"{"type":"connection_init"}"#), SOON);
    machine.handle(Event::Accepted { ends_in: None }, SOON);
    machine
}

/// Checks that the actions of a socket follow the protocol for any sequence of events, and that its deadline triggers
/// an action. `stands` is whether the connection is acknowledged at the start.
///
/// # Panics
///
/// When an invariant does not hold.
pub fn whatever_happens_the_rules_hold(stands: bool, steps: &[(Step, u64)]) {
    let mut seen = Seen {
        acknowledged: stands,
        ..Seen::default()
    };
    let mut machine = if stands { acknowledged() } else { opened() };
    let mut now = SOON;
    for (step, milliseconds) in steps {
        now += Duration::from_millis(*milliseconds);
        let actions = happen(&mut machine, step, now);
        let is_stop = |action: &Action| matches!(action, Action::Stop { .. });
        if actions.iter().any(is_stop) {
            let completed = completed(step);
            let was_running = completed.and_then(|id| seen.running.remove(&id)).is_some();
            assert!(was_running, "{step:?} does not stop a running operation");
        }
        for action in actions {
            seen.take(action);
        }
    }
    let due = machine.deadline().max(now);
    let closed = machine.phase == Phase::Closed;
    assert_eq!(closed, seen.closed);
    assert!(closed || !machine.handle(Event::Time, due).is_empty());
}

/// Returns the id in a client's `complete` message.
fn completed(step: &Step) -> Option<String> {
    let Step::Text(text) = step else { return None };
    let message: Value = serde_json::from_str(text).ok()?;
    let id = message["id"].as_str()?;
    (message["type"] == "complete").then(|| id.to_owned())
}
