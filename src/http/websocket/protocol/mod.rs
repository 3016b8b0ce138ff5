//! The protocol `graphql-transport-ws` of npm's `graphql-ws` 6, as a state machine without I/O and without a clock. Its
//! input is events, its output is actions. The transport performs the actions.
//!
//! The protocol leaves some cases open. They are handled as follows:
//! - an operation above the limit per socket: `error` with the code `TOO_MANY_OPERATIONS`;
//! - a token that expires while its socket is open: 4403, "The token has expired";
//! - no pong to the server's ping in time: 4408, "No pong in time";
//! - a client that reads its results too slowly: 4290;
//! - an internal error during authentication: 1013, "Try again later".

mod close;

mod message;

#[cfg(any(test, feature = "properties"))]
pub mod properties;

pub mod machine;

#[cfg(test)]
pub use self::close::MAX_REASON_BYTES;
pub use self::{close::Close, message::Subscribe};

use std::time::Duration;

use serde_json::{Map, Value};

/// The name of the sub-protocol.
pub const PROTOCOL: &str = "graphql-transport-ws";

/// The timeout for `connection_init`. It is short, at most ten seconds, because the client is not yet authenticated.
pub const INIT_TIMEOUT: Duration = Duration::from_secs(3);

/// The interval of pings, and the timeout for each pong. Proxies close connections that are idle for more than 30
/// seconds.
pub const PING_INTERVAL: Duration = Duration::from_secs(12);

/// The limits and timeouts of a socket.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The timeout for `connection_init`.
    pub init_timeout: Duration,
    /// The interval of pings, and the timeout for each pong.
    pub ping_interval: Duration,
    /// The maximum number of concurrent operations.
    pub max_operations: usize,
}

/// The key of an operation. It is unique per socket, even if the client reuses an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationKey(u64);

/// An input of the state machine.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// A text message was received.
    Text(&'a str),
    /// A binary message was received.
    Binary,
    /// A WebSocket pong frame was received.
    Pong,
    /// The credentials are valid, until `ends_in` from now if they expire.
    Authenticated { ends_in: Option<Duration> },
    /// The credentials are invalid.
    AuthenticationFailed,
    /// The credentials could not be checked, because of an internal error or the rate limit.
    AuthenticationUnavailable,
    /// An operation has a result, as JSON.
    Next {
        operation: OperationKey,
        payload: String,
    },
    /// An operation failed as a whole, with a JSON array of errors.
    Failed {
        operation: OperationKey,
        errors: String,
    },
    /// An operation has completed.
    Completed { operation: OperationKey },
    /// Results of an operation were lost, because the client read them too slowly.
    ResultsLost,
    /// The deadline has passed.
    DeadlinePassed,
}

/// An output of the state machine.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Send a text message.
    Send(String),
    /// Send a WebSocket ping frame.
    Ping,
    /// Check the credentials in the payload of `connection_init`.
    Authenticate(Option<Map<String, Value>>),
    /// Run an operation.
    Start {
        operation: OperationKey,
        request: Subscribe,
    },
    /// Cancel an operation.
    Stop { operation: OperationKey },
    /// Close the socket and cancel all its operations. No further action follows.
    Close(Close),
}

#[cfg(test)]
mod tests;
