//! Why a socket is closed: codes that clients know, and a few words.

/// The longest reason that fits in a Close frame, in bytes.
pub const LONGEST_REASON: usize = 123;

/// How a socket ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// The code of the Close frame.
    pub code: u16,
    /// In a few words, at most [`LONGEST_REASON`] bytes.
    pub reason: String,
}

impl Close {
    /// The server stops. Clients connect again, to whichever server is there.
    pub fn going_away() -> Self {
        Self::new(1001, "Going away")
    }

    /// What came is no WebSocket traffic.
    pub fn broken() -> Self {
        Self::new(1002, "Broken frames")
    }

    /// A text message that is none.
    pub fn no_text() -> Self {
        Self::new(1007, "Text in UTF-8 only")
    }

    /// A message is longer than is read.
    pub fn too_big() -> Self {
        Self::new(1009, "Message too big")
    }

    /// Changes came faster than the client took them, and nobody keeps them for it. Clients connect again.
    pub fn too_slow() -> Self {
        Self::new(4290, "Too slow: events were lost")
    }

    /// The server may have missed changes that the client wants. Clients connect again.
    pub fn events_lost() -> Self {
        Self::new(4290, "Events were lost")
    }

    /// A message that the protocol doesn't have.
    pub(super) fn bad_request(reason: &'static str) -> Self {
        Self::new(4400, reason)
    }

    /// An operation before the connection was acknowledged.
    pub(super) fn unauthorized() -> Self {
        Self::new(4401, "Unauthorized")
    }

    /// The credentials won't do.
    pub(super) fn forbidden() -> Self {
        Self::new(4403, "Forbidden")
    }

    /// The token that opened the connection has ended. Clients connect again, with a new one if they have it.
    pub(super) fn token_expired() -> Self {
        Self::new(4403, "The token has expired")
    }

    /// The client speaks none of our sub-protocols.
    pub(super) fn protocol_not_acceptable() -> Self {
        Self::new(4406, "Subprotocol not acceptable")
    }

    /// Nobody has asked for a connection in time.
    pub(super) fn initialisation_timeout() -> Self {
        Self::new(4408, "Connection initialisation timeout")
    }

    /// The client doesn't answer pings.
    pub(super) fn no_pong() -> Self {
        Self::new(4408, "No pong in time")
    }

    /// An operation has an id that another one has, which still runs.
    pub(super) fn subscriber_exists(id: &str) -> Self {
        let reason = format!("Subscriber for {id} already exists");
        if reason.len() <= LONGEST_REASON {
            Self::new(4409, reason)
        } else {
            Self::new(4409, "Subscriber already exists")
        }
    }

    /// A connection was asked for twice.
    pub(super) fn too_many_initialisations() -> Self {
        Self::new(4429, "Too many initialisation requests")
    }

    /// The fault is ours, and may be over soon; the log has the cause. Not npm's 4500, after which its client would never try again.
    pub(super) fn try_again() -> Self {
        Self::new(1013, "Try again later")
    }

    fn new(code: u16, reason: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into(),
        }
    }
}
