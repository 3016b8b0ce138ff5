//! Errors as clients see them. A code is part of the API: once released it keeps its name and its meaning.
//!
//! What the caller did is told plainly. What we did is logged once with its cause, and told as `INTERNAL` without it.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use async_graphql::{Error, ErrorExtensionValues, ErrorExtensions};
use parking_lot::Mutex;

use crate::database::fault::Fault;

/// The codes that stand in `extensions.code` of an error.
pub mod code {
    /// The body is no GraphQL request: not JSON, no `query`, a member of another type.
    pub const BAD_REQUEST: &str = "BAD_REQUEST";
    /// The document can't be parsed.
    pub const SYNTAX_ERROR: &str = "SYNTAX_ERROR";
    /// The document doesn't fit the schema, or its variables don't fit the document.
    pub const VALIDATION_FAILED: &str = "VALIDATION_FAILED";
    /// The operation to run is not said, or not there.
    pub const UNKNOWN_OPERATION: &str = "UNKNOWN_OPERATION";
    /// A mutation was sent by GET, or the method is neither GET nor POST.
    pub const METHOD_NOT_ALLOWED: &str = "METHOD_NOT_ALLOWED";
    /// The body is of a media type that is not read.
    pub const UNSUPPORTED_MEDIA_TYPE: &str = "UNSUPPORTED_MEDIA_TYPE";
    /// None of the media types that the client accepts can be written.
    pub const NOT_ACCEPTABLE: &str = "NOT_ACCEPTABLE";
    /// The body is larger than is read.
    pub const BODY_TOO_LARGE: &str = "BODY_TOO_LARGE";
    /// The body didn't come in time.
    pub const REQUEST_TIMEOUT: &str = "REQUEST_TIMEOUT";
    /// The request was executed, but its answer is larger than is sent.
    pub const RESPONSE_TOO_LARGE: &str = "RESPONSE_TOO_LARGE";
    /// There are more errors than are listed; this one counts the others.
    pub const TOO_MANY_ERRORS: &str = "TOO_MANY_ERRORS";
    /// A page's arguments contradict each other.
    pub const INVALID_PAGE: &str = "INVALID_PAGE";
    /// A cursor is none of ours, or of a list in another order.
    pub const INVALID_CURSOR: &str = "INVALID_CURSOR";
    /// An id is none of ours, or of another type.
    pub const INVALID_ID: &str = "INVALID_ID";
    /// A value is none of its type, such as a date that no calendar has.
    pub const INVALID_VALUE: &str = "INVALID_VALUE";
    /// A number is outside of what it may be.
    pub const OUT_OF_RANGE: &str = "OUT_OF_RANGE";
    /// The credentials are bad or have expired, or there are none where some are needed.
    pub const UNAUTHENTICATED: &str = "UNAUTHENTICATED";
    /// Who asks may not do this.
    pub const FORBIDDEN: &str = "FORBIDDEN";
    /// What the argument of a subscription names isn't there, or what a review is about is gone since.
    pub const NOT_FOUND: &str = "NOT_FOUND";
    /// The database can't be reached, or another writer holds what is to be changed. Nothing was changed; to try again later is right.
    pub const UNAVAILABLE: &str = "UNAVAILABLE";
    /// The database was lost in the moment in which the change was to last, so nobody knows whether it does. Who sent an idempotency
    /// key may send the same again and learns it.
    pub const OUTCOME_UNKNOWN: &str = "OUTCOME_UNKNOWN";
    /// A mutation has ended, but what its payload shows can't be read just now.
    pub const RESULT_UNAVAILABLE: &str = "RESULT_UNAVAILABLE";
    /// A subscription was sent by a transport that gives one answer only.
    pub const SUBSCRIPTION_NOT_STREAMED: &str = "SUBSCRIPTION_NOT_STREAMED";
    /// A WebSocket handshake comes from a web page that is not allowed to.
    pub const ORIGIN_NOT_ALLOWED: &str = "ORIGIN_NOT_ALLOWED";
    /// The client's address has as many sockets and event streams open as it may.
    pub const TOO_MANY_SOCKETS: &str = "TOO_MANY_SOCKETS";
    /// The socket runs as many operations as it may.
    pub const TOO_MANY_OPERATIONS: &str = "TOO_MANY_OPERATIONS";
    /// Events came faster than the client took them, and some are lost.
    pub const TOO_SLOW: &str = "TOO_SLOW";
    /// The server had lost its database, and may have missed events.
    pub const EVENTS_LOST: &str = "EVENTS_LOST";
    /// The answer took too long. Nothing was changed.
    pub const DEADLINE_EXCEEDED: &str = "DEADLINE_EXCEEDED";
    /// The document has more bytes than it may.
    pub const DOCUMENT_TOO_LARGE: &str = "DOCUMENT_TOO_LARGE";
    /// The document has more tokens than it may.
    pub const TOO_MANY_TOKENS: &str = "TOO_MANY_TOKENS";
    /// The document is deeper than it may be.
    pub const TOO_DEEP: &str = "TOO_DEEP";
    /// The operation has more fields with an alias than it may.
    pub const TOO_MANY_ALIASES: &str = "TOO_MANY_ALIASES";
    /// The operation has more fields at its root than it may.
    pub const TOO_MANY_ROOT_FIELDS: &str = "TOO_MANY_ROOT_FIELDS";
    /// The operation has more directives than it may.
    pub const TOO_MANY_DIRECTIVES: &str = "TOO_MANY_DIRECTIVES";
    /// The operation has more selections than it may, once its fragments are written out.
    pub const TOO_MANY_SELECTIONS: &str = "TOO_MANY_SELECTIONS";
    /// The operation costs more than it may.
    pub const TOO_COSTLY: &str = "TOO_COSTLY";
    /// The variables are larger or deeper than they may be.
    pub const VARIABLES_TOO_LARGE: &str = "VARIABLES_TOO_LARGE";
    /// A list among the arguments has more values than it may.
    pub const TOO_MANY_VALUES: &str = "TOO_MANY_VALUES";
    /// A text among the arguments has more characters than it may.
    pub const TOO_LONG: &str = "TOO_LONG";
    /// Who asks has spent their cost units, and gets new ones in the time that `Retry-After` tells.
    pub const RATE_LIMITED: &str = "RATE_LIMITED";
    /// The request costs more than the rate limit ever lets be saved up.
    pub const RATE_BURST_EXCEEDED: &str = "RATE_BURST_EXCEEDED";
    /// Nobody knows a document of that id or hash; a client of automatic persisted queries sends it along then.
    pub const PERSISTED_QUERY_NOT_FOUND: &str = "PERSISTED_QUERY_NOT_FOUND";
    /// Documents can't be named here, or not in this version of the protocol.
    pub const PERSISTED_QUERY_NOT_SUPPORTED: &str = "PERSISTED_QUERY_NOT_SUPPORTED";
    /// The document isn't the one whose hash or id the request names.
    pub const PERSISTED_QUERY_HASH_MISMATCH: &str = "PERSISTED_QUERY_HASH_MISMATCH";
    /// Only trusted documents are executed, and this is none.
    pub const PERSISTED_QUERY_ONLY: &str = "PERSISTED_QUERY_ONLY";
    /// The fault is ours; the log has the cause.
    pub const INTERNAL: &str = "INTERNAL";
}

/// All that a client learns of a fault of ours.
pub const OUR_FAULT: &str = "something went wrong on our side";

/// An error of the caller's.
#[must_use]
pub fn bad_input(code: &'static str, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

/// What stands beside an error that tells of a limit: the value only where it was counted to the end.
#[must_use]
pub fn exceeded(code: &'static str, limit: usize, value: Option<usize>) -> ErrorExtensionValues {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    extensions.set("limit", limit);
    if let Some(value) = value {
        extensions.set("value", value);
    }
    extensions
}

/// An error of ours: the cause goes to the log, the client learns only that it happened. That the database is away, or everybody asks it
/// at once, is told, so that the client tries again.
#[must_use]
pub fn internal(cause: &(dyn std::error::Error + 'static)) -> Error {
    if is_away(cause) {
        return bad_input(
            code::UNAVAILABLE,
            "the database can't be reached; try again later",
        );
    }
    tracing::error!(error.cause = %cause, "a field could not be answered");
    bad_input(code::INTERNAL, OUR_FAULT)
}

/// Whether the database is away, or everybody asks it at once. It is logged, but not for each one who notices.
#[must_use]
pub fn is_away(cause: &(dyn std::error::Error + 'static)) -> bool {
    /// How many have noticed since it was logged last.
    static UNTOLD: AtomicU64 = AtomicU64::new(0);
    /// When it was logged last.
    static TOLD: Mutex<Option<Instant>> = Mutex::new(None);

    if !matches!(Fault::behind(cause), Some(Fault::Away | Fault::Busy)) {
        return false;
    }
    let untold = UNTOLD.fetch_add(1, Ordering::Relaxed) + 1;
    let mut told = TOLD.lock();
    if told.is_none_or(|told| told.elapsed() >= SILENCE) {
        *told = Some(Instant::now());
        UNTOLD.store(0, Ordering::Relaxed);
        tracing::warn!(error.cause = %cause, requests = untold, "the database can't be reached");
    }
    true
}

/// How long nothing more is logged of a database that is away.
const SILENCE: Duration = Duration::from_secs(5);
