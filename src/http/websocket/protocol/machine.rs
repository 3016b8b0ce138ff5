//! The state machine of the protocol.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use super::{
    Action, Close, Event, OperationKey, Settings, Subscribe,
    message::{self, Message},
};

/// The server's state machine for one socket.
#[derive(Debug)]
pub struct Machine {
    settings: Settings,
    pub(super) phase: Phase,
    next_ping_at: Duration,
    /// The deadline for any message after a ping.
    pong_deadline: Option<Duration>,
    token_expires_at: Option<Duration>,
    last_operation: u64,
    by_id: HashMap<String, OperationKey>,
    running: BTreeMap<OperationKey, RunningOperation>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The client has not sent `connection_init`.
    Opened,
    /// The credentials are being checked.
    Authenticating,
    /// The connection is acknowledged.
    Acknowledged,
    Closed,
}

#[derive(Debug)]
struct RunningOperation {
    id: String,
    /// Whether a result has been sent.
    has_results: bool,
}

impl Machine {
    /// Creates the state machine of an open socket. All times are durations since this call.
    ///
    /// # Errors
    ///
    /// When the handshake did not agree on the sub-protocol. The caller has to close the socket.
    pub fn new(is_protocol_agreed: bool, settings: Settings) -> Result<Self, Close> {
        if !is_protocol_agreed {
            return Err(Close::protocol_not_acceptable());
        }
        Ok(Self {
            next_ping_at: settings.ping_interval,
            settings,
            phase: Phase::Opened,
            pong_deadline: None,
            token_expires_at: None,
            last_operation: 0,
            by_id: HashMap::new(),
            running: BTreeMap::new(),
        })
    }

    /// Handles an event, `now` after the socket was opened. Returns the actions to perform, in order.
    pub fn handle(&mut self, event: Event<'_>, now: Duration) -> Vec<Action> {
        if self.phase == Phase::Closed {
            return Vec::new();
        }
        if matches!(event, Event::Text(_) | Event::Binary | Event::Pong) {
            // Any message shows that the client is alive.
            self.pong_deadline = None;
        }
        let outcome = match event {
            Event::Text(text) => self.handle_text(text),
            Event::Binary => Err(Close::bad_request("Binary messages are not supported")),
            Event::Pong => Ok(Vec::new()),
            Event::Authenticated { ends_in } => {
                Ok(self.acknowledge(ends_in.map(|time| now + time)))
            }
            Event::AuthenticationFailed => Err(Close::forbidden()),
            Event::AuthenticationUnavailable => Err(Close::try_again_later()),
            Event::Next { operation, payload } => Ok(self.send_result(operation, &payload)),
            Event::Failed { operation, errors } => Ok(self.send_errors(operation, &errors)),
            Event::Completed { operation } => Ok(self.complete(operation)),
            Event::ResultsLost => Err(Close::too_slow()),
            Event::DeadlinePassed => self.handle_deadline(now),
        };
        outcome.unwrap_or_else(|close| self.close(close))
    }

    /// Returns the time of the next [`Event::DeadlinePassed`], since the socket was opened.
    pub fn deadline(&self) -> Duration {
        let init = (self.phase == Phase::Opened).then_some(self.settings.init_timeout);
        [init, self.pong_deadline, self.token_expires_at]
            .into_iter()
            .flatten()
            .fold(self.next_ping_at, Duration::min)
    }

    /// Closes the socket for a reason outside of the protocol.
    pub fn close(&mut self, close: Close) -> Vec<Action> {
        if self.phase == Phase::Closed {
            return Vec::new();
        }
        self.phase = Phase::Closed;
        self.by_id.clear();
        self.running.clear();
        vec![Action::Close(close)]
    }

    fn handle_text(&mut self, text: &str) -> Result<Vec<Action>, Close> {
        match Message::parse(text).map_err(Close::bad_request)? {
            Message::ConnectionInit(payload) if self.phase == Phase::Opened => {
                self.phase = Phase::Authenticating;
                Ok(vec![Action::Authenticate(payload)])
            }
            Message::ConnectionInit(_) => Err(Close::too_many_initializations()),
            Message::Ping(payload) => Ok(vec![Action::Send(message::pong(payload))]),
            Message::Pong => Ok(Vec::new()),
            Message::Subscribe(_) if self.phase != Phase::Acknowledged => {
                Err(Close::unauthorized())
            }
            Message::Subscribe(request) => self.subscribe(request),
            // The operation may have completed in the meantime, so an unknown id is not an error.
            Message::Complete(id) => {
                Ok(self.by_id.remove(&id).map_or_else(Vec::new, |operation| {
                    self.running.remove(&operation);
                    vec![Action::Stop { operation }]
                }))
            }
        }
    }

    fn subscribe(&mut self, request: Subscribe) -> Result<Vec<Action>, Close> {
        if self.by_id.contains_key(&request.id) {
            return Err(Close::subscriber_exists(&request.id));
        }
        if self.running.len() >= self.settings.max_operations {
            let errors = serde_json::json!([{
                "message": format!("a socket runs at most {} operations at once; wait until one has completed", self.settings.max_operations),
                "extensions": { "code": crate::error::code::TOO_MANY_OPERATIONS },
            }]);
            let error = message::error(&request.id, &errors.to_string());
            return Ok(vec![Action::Send(error)]);
        }
        self.last_operation += 1;
        let operation = OperationKey(self.last_operation);
        self.by_id.insert(request.id.clone(), operation);
        let id = request.id.clone();
        self.running.insert(
            operation,
            RunningOperation {
                id,
                has_results: false,
            },
        );
        Ok(vec![Action::Start { operation, request }])
    }

    fn acknowledge(&mut self, token_expires_at: Option<Duration>) -> Vec<Action> {
        if self.phase != Phase::Authenticating {
            return Vec::new();
        }
        self.phase = Phase::Acknowledged;
        self.token_expires_at = token_expires_at;
        vec![Action::Send(message::connection_ack())]
    }

    /// Sends a result. Results of an operation that the client has completed are dropped.
    fn send_result(&mut self, operation: OperationKey, payload: &str) -> Vec<Action> {
        self.running
            .get_mut(&operation)
            .map_or_else(Vec::new, |running| {
                running.has_results = true;
                vec![Action::Send(message::next(&running.id, payload))]
            })
    }

    /// Sends `error` for an operation without results. After results, the protocol allows no `error`, so the errors are
    /// sent as the last result.
    fn send_errors(&mut self, operation: OperationKey, errors: &str) -> Vec<Action> {
        let Some(RunningOperation { id, has_results }) = self.remove(operation) else {
            return Vec::new();
        };
        if has_results {
            let last = message::next(&id, &format!(r#"{{"errors":{errors},"data":null}}"#));
            vec![Action::Send(last), Action::Send(message::complete(&id))]
        } else {
            vec![Action::Send(message::error(&id, errors))]
        }
    }

    fn complete(&mut self, operation: OperationKey) -> Vec<Action> {
        let removed = self.remove(operation);
        let complete = removed.map(|running| Action::Send(message::complete(&running.id)));
        complete.into_iter().collect()
    }

    fn remove(&mut self, operation: OperationKey) -> Option<RunningOperation> {
        let running = self.running.remove(&operation)?;
        self.by_id.remove(&running.id);
        Some(running)
    }

    fn handle_deadline(&mut self, now: Duration) -> Result<Vec<Action>, Close> {
        if self.phase == Phase::Opened && now >= self.settings.init_timeout {
            return Err(Close::initialization_timeout());
        }
        if self.token_expires_at.is_some_and(|expiry| now >= expiry) {
            return Err(Close::token_expired());
        }
        if self.pong_deadline.is_some_and(|deadline| now >= deadline) {
            return Err(Close::pong_timeout());
        }
        if now < self.next_ping_at {
            return Ok(Vec::new());
        }
        self.next_ping_at = now + self.settings.ping_interval;
        self.pong_deadline.get_or_insert(self.next_ping_at);
        Ok(vec![Action::Ping])
    }
}
