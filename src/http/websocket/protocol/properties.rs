//! The invariants of the protocol for arbitrary sequences of events.

mod observed;

use std::time::Duration;

use serde_json::Value;

use self::observed::Observed;
use super::{
    Action, Event, INIT_TIMEOUT, OperationKey, PING_INTERVAL, Settings,
    machine::{Machine, Phase},
};

/// Settings with a low limit of operations, which tests reach quickly.
pub(super) const SETTINGS: Settings = Settings {
    init_timeout: INIT_TIMEOUT,
    ping_interval: PING_INTERVAL,
    max_operations: 3,
};

/// The time of the first event.
pub(super) const FIRST_EVENT_AT: Duration = Duration::from_millis(10);

/// The maximum lifetime of a token in seconds, roughly the range of chrono's calendar.
const MAX_TOKEN_SECONDS: u64 = 1 << 43;

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
    Authenticated(Option<u64>),
    /// The credentials are invalid.
    AuthenticationFailed,
    /// The credentials could not be checked.
    AuthenticationUnavailable,
    /// An operation has a result.
    Next(u64),
    /// An operation fails.
    Failed(u64),
    /// An operation has completed.
    Completed(u64),
    /// Results are lost.
    ResultsLost,
    /// The deadline has passed.
    DeadlinePassed,
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
        ".accepted" => {
            Step::Authenticated(number.map(|seconds: u64| seconds.min(MAX_TOKEN_SECONDS)))
        }
        ".refused" => Step::AuthenticationFailed,
        ".untold" => Step::AuthenticationUnavailable,
        ".next" => Step::Next(n),
        ".failed" => Step::Failed(n),
        ".ended" => Step::Completed(n),
        ".lost" => Step::ResultsLost,
        ".time" => return (Step::DeadlinePassed, n.min(MAX_TOKEN_SECONDS)),
        _ => Step::Text(line.to_owned()),
    };
    (step, 1)
}

fn apply(machine: &mut Machine, step: &Step, now: Duration) -> Vec<Action> {
    let payload = "{\"data\":null}".to_owned();
    let errors = "[]".to_owned();
    let event = match step {
        Step::Text(text) => Event::Text(text),
        Step::Binary => Event::Binary,
        Step::Pong => Event::Pong,
        Step::Authenticated(seconds) => Event::Authenticated {
            ends_in: seconds.map(Duration::from_secs),
        },
        Step::AuthenticationFailed => Event::AuthenticationFailed,
        Step::AuthenticationUnavailable => Event::AuthenticationUnavailable,
        Step::Next(n) => Event::Next {
            operation: OperationKey(*n),
            payload,
        },
        Step::Failed(n) => Event::Failed {
            operation: OperationKey(*n),
            errors,
        },
        Step::Completed(n) => Event::Completed {
            operation: OperationKey(*n),
        },
        Step::ResultsLost => Event::ResultsLost,
        Step::DeadlinePassed => Event::DeadlinePassed,
    };
    machine.handle(event, now)
}

/// Returns a socket that has just been opened.
pub(super) fn opened() -> Machine {
    match Machine::new(true, SETTINGS) {
        Ok(machine) => machine,
        Err(close) => unreachable!("{close:?} although the sub-protocol is agreed on"),
    }
}

/// Returns a socket whose connection is acknowledged.
pub(super) fn acknowledged() -> Machine {
    let mut machine = opened();
    machine.handle(Event::Text(r#"{"type":"connection_init"}"#), FIRST_EVENT_AT);
    machine.handle(Event::Authenticated { ends_in: None }, FIRST_EVENT_AT);
    machine
}

/// Checks that the actions of a socket follow the protocol for any sequence of events, and that its deadline triggers
/// an action. `is_acknowledged` is whether the connection is acknowledged at the start.
///
/// # Panics
///
/// When an invariant does not hold.
pub fn invariants_hold(is_acknowledged: bool, steps: &[(Step, u64)]) {
    let mut observed = Observed {
        is_acknowledged,
        ..Observed::default()
    };
    let mut machine = if is_acknowledged {
        acknowledged()
    } else {
        opened()
    };
    let mut now = FIRST_EVENT_AT;
    for (step, milliseconds) in steps {
        now += Duration::from_millis(*milliseconds);
        let actions = apply(&mut machine, step, now);
        let is_stop = |action: &Action| matches!(action, Action::Stop { .. });
        if actions.iter().any(is_stop) {
            let completed = completed(step);
            let was_running = completed
                .and_then(|id| observed.running.remove(&id))
                .is_some();
            assert!(was_running, "{step:?} does not stop a running operation");
        }
        for action in actions {
            observed.check_action(action);
        }
    }
    let deadline = machine.deadline().max(now);
    let closed = machine.phase == Phase::Closed;
    assert_eq!(closed, observed.is_closed);
    assert!(closed || !machine.handle(Event::DeadlinePassed, deadline).is_empty());
}

/// Returns the id in a client's `complete` message.
fn completed(step: &Step) -> Option<String> {
    let Step::Text(text) = step else { return None };
    let message: Value = serde_json::from_str(text).ok()?;
    let id = message["id"].as_str()?;
    (message["type"] == "complete").then(|| id.to_owned())
}
