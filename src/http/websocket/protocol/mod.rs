//! `graphql-transport-ws` as npm's `graphql-ws` 6 has it, as a machine without I/O and without a clock: events go in, actions come
//! out. What carries them out is the transport's affair.
//!
//! Where the protocol leaves a choice, it is made here:
//! - more operations at once than a socket may have: `error` with the code `TOO_MANY_OPERATIONS` for each one too many;
//! - a token that ends while its socket is open: 4403, "The token has expired";
//! - no pong to our ping in time: 4408, "No pong in time";
//! - results that came faster than the client took them: 4290;
//! - a fault of ours while the connection is asked for: 1013, "Try again later".

mod close;
#[cfg(any(test, feature = "laws"))]
pub mod laws;
mod message;

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use serde_json::{Map, Value};

pub use self::{close::Close, message::Subscribe};
use message::Message;

/// The sub-protocol.
pub const PROTOCOL: &str = "graphql-transport-ws";

/// How long a client has to ask for the connection. At most ten seconds: nobody knows yet who it is.
pub const INIT_TIMEOUT: Duration = Duration::from_secs(3);

/// How often the client is pinged, and how long it has to answer. Proxies cut what is silent for longer than half a minute.
pub const KEEP_ALIVE: Duration = Duration::from_secs(12);

/// What a socket may do and when it is too late.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long a client has to ask for the connection.
    pub init_timeout: Duration,
    /// How often it is pinged, and how long it has to answer.
    pub keep_alive: Duration,
    /// How many operations may run at once.
    pub operations: usize,
}

/// An operation. No two of a socket have the same, even if the client gives them the same id one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationKey(u64);

/// What happened.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// A text message came.
    Text(&'a str),
    /// A binary message came.
    Binary,
    /// A pong came, of WebSocket's own.
    Pong,
    /// The credentials are good; for so long from now, if they end.
    Accepted { ends_in: Option<Duration> },
    /// The credentials are bad.
    Refused,
    /// Whether the credentials are good can't be told, which is a fault of ours.
    NotTold,
    /// An operation gave a result, as JSON.
    Next {
        operation: OperationKey,
        payload: String,
    },
    /// An operation failed as a whole, with a JSON array of errors.
    Failed {
        operation: OperationKey,
        errors: String,
    },
    /// An operation has given all its results.
    Ended { operation: OperationKey },
    /// Results of an operation were lost, because the client took them too slowly.
    Lost,
    /// Time has passed.
    Time,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Send a text message.
    Send(String),
    /// Send a ping, of WebSocket's own.
    Ping,
    /// Tell whether the credentials in the payload of `connection_init` are good.
    Authenticate(Option<Map<String, Value>>),
    /// Run an operation.
    Start {
        operation: OperationKey,
        request: Subscribe,
    },
    /// Drop an operation, with whatever it is doing.
    Stop { operation: OperationKey },
    /// Close the socket and drop all its operations. Nothing is sent any more.
    Close(Close),
}

/// One socket's side of the protocol.
#[derive(Debug)]
pub struct Machine {
    settings: Settings,
    phase: Phase,
    next_ping: Duration,
    /// Until when something has to come, since a ping was sent.
    pong_until: Option<Duration>,
    token_ends: Option<Duration>,
    last_operation: u64,
    by_id: HashMap<String, OperationKey>,
    running: BTreeMap<OperationKey, Running>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nobody has asked for the connection.
    Opened,
    /// Somebody has, and it is being found out who.
    Asked,
    /// The connection stands.
    Acknowledged,
    Closed,
}

#[derive(Debug)]
struct Running {
    id: String,
    /// Whether it has given a result.
    began: bool,
}

impl Machine {
    /// Begins when the socket is open. Every moment is told as the time since then.
    ///
    /// # Errors
    ///
    /// The socket is to be closed at once if the handshake has not agreed on our sub-protocol.
    pub fn open(protocol_agreed: bool, settings: Settings) -> Result<Self, Close> {
        if !protocol_agreed {
            return Err(Close::protocol_not_acceptable());
        }
        Ok(Self {
            next_ping: settings.keep_alive,
            settings,
            phase: Phase::Opened,
            pong_until: None,
            token_ends: None,
            last_operation: 0,
            by_id: HashMap::new(),
            running: BTreeMap::new(),
        })
    }

    /// Takes in what happened, `now` after the socket was opened, and tells what is to be done, in this order.
    pub fn handle(&mut self, event: Event<'_>, now: Duration) -> Vec<Action> {
        if self.phase == Phase::Closed {
            return Vec::new();
        }
        if matches!(event, Event::Text(_) | Event::Binary | Event::Pong) {
            // Whoever sends something is there.
            self.pong_until = None;
        }
        let outcome = match event {
            Event::Text(text) => self.text(text),
            Event::Binary => Err(Close::bad_request("Binary messages are not read")),
            Event::Pong => Ok(Vec::new()),
            Event::Accepted { ends_in } => Ok(self.accepted(ends_in.map(|time| now + time))),
            Event::Refused => Err(Close::forbidden()),
            Event::NotTold => Err(Close::try_again()),
            Event::Next { operation, payload } => Ok(self.next(operation, &payload)),
            Event::Failed { operation, errors } => Ok(self.failed(operation, &errors)),
            Event::Ended { operation } => Ok(self.ended(operation)),
            Event::Lost => Err(Close::too_slow()),
            Event::Time => self.time(now),
        };
        outcome.unwrap_or_else(|close| self.close(close))
    }

    /// When time has to be told next, counted from when the socket was opened.
    pub fn deadline(&self) -> Duration {
        let init = (self.phase == Phase::Opened).then_some(self.settings.init_timeout);
        [init, self.pong_until, self.token_ends]
            .into_iter()
            .flatten()
            .fold(self.next_ping, Duration::min)
    }

    /// Closes for a reason that lies outside of the protocol.
    pub fn close(&mut self, close: Close) -> Vec<Action> {
        if self.phase == Phase::Closed {
            return Vec::new();
        }
        self.phase = Phase::Closed;
        self.by_id.clear();
        self.running.clear();
        vec![Action::Close(close)]
    }

    fn text(&mut self, text: &str) -> Result<Vec<Action>, Close> {
        match Message::parse(text).map_err(Close::bad_request)? {
            Message::ConnectionInit(payload) if self.phase == Phase::Opened => {
                self.phase = Phase::Asked;
                Ok(vec![Action::Authenticate(payload)])
            }
            Message::ConnectionInit(_) => Err(Close::too_many_initialisations()),
            Message::Ping(payload) => Ok(vec![Action::Send(message::pong(payload))]),
            Message::Pong => Ok(Vec::new()),
            Message::Subscribe(_) if self.phase != Phase::Acknowledged => {
                Err(Close::unauthorized())
            }
            Message::Subscribe(request) => self.subscribe(request),
            // The id of an operation that has ended meanwhile is unknown by now, and that is no fault.
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
        if self.running.len() >= self.settings.operations {
            let errors = serde_json::json!([{
                "message": format!("a socket runs {} operations at once at most", self.settings.operations),
                "extensions": { "code": crate::error::code::TOO_MANY_OPERATIONS },
            }]);
            let refusal = message::error(&request.id, &errors.to_string());
            return Ok(vec![Action::Send(refusal)]);
        }
        self.last_operation += 1;
        let operation = OperationKey(self.last_operation);
        self.by_id.insert(request.id.clone(), operation);
        let id = request.id.clone();
        self.running.insert(operation, Running { id, began: false });
        Ok(vec![Action::Start { operation, request }])
    }

    fn accepted(&mut self, token_ends: Option<Duration>) -> Vec<Action> {
        if self.phase != Phase::Asked {
            return Vec::new();
        }
        self.phase = Phase::Acknowledged;
        self.token_ends = token_ends;
        vec![Action::Send(message::connection_ack())]
    }

    /// What comes of an operation that the client has completed is dropped.
    fn next(&mut self, operation: OperationKey, payload: &str) -> Vec<Action> {
        self.running
            .get_mut(&operation)
            .map_or_else(Vec::new, |running| {
                running.began = true;
                vec![Action::Send(message::next(&running.id, payload))]
            })
    }

    /// `error` stands for an operation that gave nothing. Once there were results, the failure is the last of them.
    fn failed(&mut self, operation: OperationKey, errors: &str) -> Vec<Action> {
        let Some(Running { id, began }) = self.forget(operation) else {
            return Vec::new();
        };
        if began {
            let last = message::next(&id, &format!(r#"{{"errors":{errors},"data":null}}"#));
            vec![Action::Send(last), Action::Send(message::complete(&id))]
        } else {
            vec![Action::Send(message::error(&id, errors))]
        }
    }

    fn ended(&mut self, operation: OperationKey) -> Vec<Action> {
        let ended = self.forget(operation);
        let complete = ended.map(|running| Action::Send(message::complete(&running.id)));
        complete.into_iter().collect()
    }

    fn forget(&mut self, operation: OperationKey) -> Option<Running> {
        let running = self.running.remove(&operation)?;
        self.by_id.remove(&running.id);
        Some(running)
    }

    fn time(&mut self, now: Duration) -> Result<Vec<Action>, Close> {
        if self.phase == Phase::Opened && now >= self.settings.init_timeout {
            return Err(Close::initialisation_timeout());
        }
        if self.token_ends.is_some_and(|end| now >= end) {
            return Err(Close::token_expired());
        }
        if self.pong_until.is_some_and(|until| now >= until) {
            return Err(Close::no_pong());
        }
        if now < self.next_ping {
            return Ok(Vec::new());
        }
        self.next_ping = now + self.settings.keep_alive;
        self.pong_until.get_or_insert(self.next_ping);
        Ok(vec![Action::Ping])
    }
}

#[cfg(test)]
mod tests;
