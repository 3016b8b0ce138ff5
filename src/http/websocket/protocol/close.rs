//! The Close frames of the protocol: a code and a short reason.

/// The maximum length of a reason, in bytes. The limit is that of a Close frame.
pub const MAX_REASON_BYTES: usize = 123;

/// A Close frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// The code of the Close frame.
    pub code: u16,
    /// The reason, of at most [`MAX_REASON_BYTES`] bytes.
    pub reason: String,
}

impl Close {
    /// The server stops. Clients reconnect.
    pub fn going_away() -> Self {
        Self::new(1001, "Going away")
    }

    /// The client sent invalid frames.
    pub fn protocol_error() -> Self {
        Self::new(1002, "Invalid frames")
    }

    /// A text message is not UTF-8.
    pub fn invalid_utf8() -> Self {
        Self::new(1007, "Text messages must be UTF-8")
    }

    /// A message exceeds the size limit.
    pub fn too_big() -> Self {
        Self::new(1009, "Message too big")
    }

    /// The client read events too slowly, and some were dropped. Clients reconnect.
    pub fn too_slow() -> Self {
        Self::new(4290, "Too slow: events were lost")
    }

    /// The server may have missed changes to which the client has subscribed. Clients reconnect.
    pub fn events_lost() -> Self {
        Self::new(4290, "Events were lost")
    }

    /// A message is not valid in the protocol.
    pub(super) fn bad_request(reason: &'static str) -> Self {
        Self::new(4400, reason)
    }

    /// An operation was requested before the connection was acknowledged.
    pub(super) fn unauthorized() -> Self {
        Self::new(4401, "Unauthorized")
    }

    /// The credentials are invalid.
    pub(super) fn forbidden() -> Self {
        Self::new(4403, "Forbidden")
    }

    /// The payload of `connection_init` does not say which credentials to use. The reason says what to send.
    pub fn ambiguous_credentials(reason: impl Into<String>) -> Self {
        Self::new(4403, reason)
    }

    /// The token of the connection has expired. Clients reconnect, with a new token if they have one.
    pub(super) fn token_expired() -> Self {
        Self::new(4403, "The token has expired")
    }

    /// The client does not support the sub-protocol.
    pub(super) fn protocol_not_acceptable() -> Self {
        Self::new(4406, "Subprotocol not acceptable")
    }

    /// The client did not send `connection_init` in time.
    pub(super) fn initialization_timeout() -> Self {
        Self::new(4408, "Connection initialisation timeout")
    }

    /// The client did not respond to a ping in time.
    pub(super) fn pong_timeout() -> Self {
        Self::new(4408, "No pong in time")
    }

    /// A running operation already has the id of a new one.
    pub(super) fn subscriber_exists(id: &str) -> Self {
        let reason = format!("Subscriber for {id} already exists");
        if reason.len() <= MAX_REASON_BYTES {
            Self::new(4409, reason)
        } else {
            Self::new(4409, "Subscriber already exists")
        }
    }

    /// The client sent `connection_init` twice.
    pub(super) fn too_many_initializations() -> Self {
        Self::new(4429, "Too many initialisation requests")
    }

    /// A temporary internal error, whose cause is in the log, or an exhausted rate limit. The code is not 4500 of npm's
    /// `graphql-ws`, because its client never reconnects after that.
    pub(super) fn try_again_later() -> Self {
        Self::new(1013, "Try again later")
    }

    fn new(code: u16, reason: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into(),
        }
    }
}
