//! The errors that clients see, and their codes. The codes are part of the API: a released code never changes its name
//! or meaning.
//!
//! A caller's error has a message about its cause. The cause of an internal error is logged once; the client gets
//! `INTERNAL` without it.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use async_graphql::{Error, ErrorExtensionValues, ErrorExtensions};
use parking_lot::Mutex;

use crate::database::{error::DbErrorKind, error_message::describe};

/// The values of `extensions.code` of an error.
pub mod code {
    /// The body is no GraphQL request: it isn't JSON, has no `query`, or a member has the wrong type.
    pub const BAD_REQUEST: &str = "BAD_REQUEST";
    /// The document can't be parsed.
    pub const SYNTAX_ERROR: &str = "SYNTAX_ERROR";
    /// The document is invalid against the schema, or a variable has an invalid value.
    pub const VALIDATION_FAILED: &str = "VALIDATION_FAILED";
    /// The operation name is missing or unknown.
    pub const UNKNOWN_OPERATION: &str = "UNKNOWN_OPERATION";
    /// Nothing is served at the path of the request.
    pub const UNKNOWN_PATH: &str = "UNKNOWN_PATH";
    /// A mutation was sent by GET, or the method is neither GET nor POST.
    pub const METHOD_NOT_ALLOWED: &str = "METHOD_NOT_ALLOWED";
    /// The media type of the body isn't supported.
    pub const UNSUPPORTED_MEDIA_TYPE: &str = "UNSUPPORTED_MEDIA_TYPE";
    /// The server supports none of the media types that the client accepts.
    pub const NOT_ACCEPTABLE: &str = "NOT_ACCEPTABLE";
    /// The body is too large.
    pub const BODY_TOO_LARGE: &str = "BODY_TOO_LARGE";
    /// The body wasn't received before the timeout.
    pub const REQUEST_TIMEOUT: &str = "REQUEST_TIMEOUT";
    /// The request was executed, but its response is too large.
    pub const RESPONSE_TOO_LARGE: &str = "RESPONSE_TOO_LARGE";
    /// There are more errors than the response lists; this error counts the others.
    pub const TOO_MANY_ERRORS: &str = "TOO_MANY_ERRORS";
    /// A page's arguments contradict each other.
    pub const INVALID_PAGE: &str = "INVALID_PAGE";
    /// The cursor is invalid, or belongs to another order.
    pub const INVALID_CURSOR: &str = "INVALID_CURSOR";
    /// The id is invalid, or identifies an object of another type.
    pub const INVALID_ID: &str = "INVALID_ID";
    /// Several objects have the name or the title.
    pub const AMBIGUOUS: &str = "AMBIGUOUS";
    /// The value is invalid for its type, such as a date that doesn't exist.
    pub const INVALID_VALUE: &str = "INVALID_VALUE";
    /// The number is out of range.
    pub const OUT_OF_RANGE: &str = "OUT_OF_RANGE";
    /// The credentials are invalid or expired, or required credentials are missing.
    pub const UNAUTHENTICATED: &str = "UNAUTHENTICATED";
    /// The caller isn't allowed to do this.
    pub const FORBIDDEN: &str = "FORBIDDEN";
    /// The metrics are only for clients on the server's machine. `--metrics-listen` and `--public-metrics` change that.
    pub const METRICS_NOT_PUBLIC: &str = "METRICS_NOT_PUBLIC";
    /// The object that a subscription's argument identifies doesn't exist, or the subject of a review no longer exists.
    pub const NOT_FOUND: &str = "NOT_FOUND";
    /// The database can't be reached, is read-only, had no free connection in time, or another transaction has locked the
    /// rows. The message says which. Nothing was changed; the client may retry later.
    pub const UNAVAILABLE: &str = "UNAVAILABLE";
    /// The connection to the database was lost during the commit, and it is unknown whether the change is
    /// committed. A retry with the same idempotency key returns the result.
    pub const OUTCOME_UNKNOWN: &str = "OUTCOME_UNKNOWN";
    /// The mutation is done, but the server can't read the fields of its payload at present.
    pub const RESULT_UNAVAILABLE: &str = "RESULT_UNAVAILABLE";
    /// A subscription was sent over a transport with a single response.
    pub const SUBSCRIPTION_NOT_STREAMED: &str = "SUBSCRIPTION_NOT_STREAMED";
    /// The server is configured without notifications of changes, so that it offers no subscriptions.
    pub const SUBSCRIPTIONS_DISABLED: &str = "SUBSCRIPTIONS_DISABLED";
    /// The origin of a WebSocket handshake isn't allowed.
    pub const ORIGIN_NOT_ALLOWED: &str = "ORIGIN_NOT_ALLOWED";
    /// The client's address has too many open sockets and event streams.
    pub const TOO_MANY_SOCKETS: &str = "TOO_MANY_SOCKETS";
    /// The socket runs too many operations.
    pub const TOO_MANY_OPERATIONS: &str = "TOO_MANY_OPERATIONS";
    /// The client read events too slowly, and some are lost.
    pub const TOO_SLOW: &str = "TOO_SLOW";
    /// The server lost its database connection and may have missed events.
    pub const EVENTS_LOST: &str = "EVENTS_LOST";
    /// The response wasn't ready before the deadline. Nothing was changed.
    pub const DEADLINE_EXCEEDED: &str = "DEADLINE_EXCEEDED";
    /// The document has too many bytes.
    pub const DOCUMENT_TOO_LARGE: &str = "DOCUMENT_TOO_LARGE";
    /// The document has too many tokens.
    pub const TOO_MANY_TOKENS: &str = "TOO_MANY_TOKENS";
    /// The document is nested too deeply.
    pub const TOO_DEEP: &str = "TOO_DEEP";
    /// The operation has too many fields with an alias.
    pub const TOO_MANY_ALIASES: &str = "TOO_MANY_ALIASES";
    /// The operation has too many root fields.
    pub const TOO_MANY_ROOT_FIELDS: &str = "TOO_MANY_ROOT_FIELDS";
    /// The operation has too many directives.
    pub const TOO_MANY_DIRECTIVES: &str = "TOO_MANY_DIRECTIVES";
    /// The operation has too many selections with fragments expanded.
    pub const TOO_MANY_SELECTIONS: &str = "TOO_MANY_SELECTIONS";
    /// The operation costs too much.
    pub const TOO_COSTLY: &str = "TOO_COSTLY";
    /// The variables are too large or nested too deeply.
    pub const VARIABLES_TOO_LARGE: &str = "VARIABLES_TOO_LARGE";
    /// A list among the arguments has too many values.
    pub const TOO_MANY_VALUES: &str = "TOO_MANY_VALUES";
    /// A string among the arguments has too many characters.
    pub const TOO_LONG: &str = "TOO_LONG";
    /// The caller has used up the cost units of its rate limit. `Retry-After` is the time until enough are
    /// available again.
    pub const RATE_LIMITED: &str = "RATE_LIMITED";
    /// The request costs more than the burst capacity of the rate limit.
    pub const RATE_BURST_EXCEEDED: &str = "RATE_BURST_EXCEEDED";
    /// No persisted document has that id or hash. Clients of automatic persisted queries then send the text.
    pub const PERSISTED_QUERY_NOT_FOUND: &str = "PERSISTED_QUERY_NOT_FOUND";
    /// Persisted documents are disabled, or this version of the protocol is unknown.
    pub const PERSISTED_QUERY_NOT_SUPPORTED: &str = "PERSISTED_QUERY_NOT_SUPPORTED";
    /// The document doesn't match the hash or id that the request refers to.
    pub const PERSISTED_QUERY_HASH_MISMATCH: &str = "PERSISTED_QUERY_HASH_MISMATCH";
    /// Only trusted documents are executed, and this document isn't trusted.
    pub const PERSISTED_QUERY_ONLY: &str = "PERSISTED_QUERY_ONLY";
    /// An internal error; the log has the cause.
    pub const INTERNAL: &str = "INTERNAL";
}

/// The message of an internal error.
pub const INTERNAL_ERROR_MESSAGE: &str = "internal server error; the server's log has the cause";

/// Creates an error with a code and a message, without logging it.
#[must_use]
pub fn error_with_code(code: &'static str, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

/// Returns the extensions of an error about a limit. The value is omitted if counting stopped at the limit.
#[must_use]
pub fn limit_extensions(
    code: &'static str,
    limit: usize,
    value: Option<usize>,
) -> ErrorExtensionValues {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    extensions.set("limit", limit);
    if let Some(value) = value {
        extensions.set("value", value);
    }
    extensions
}

/// Creates an internal error. The cause is logged; the client gets a generic message. If the statement may succeed
/// later, the client gets `UNAVAILABLE` or `RATE_LIMITED` instead, so that it retries.
#[must_use]
pub fn internal_error(cause: &(dyn std::error::Error + 'static)) -> Error {
    if let Some((code, message)) = temporary_error(cause) {
        return error_with_code(code, message);
    }
    tracing::error!(error.cause = %describe(cause), "a field could not be resolved");
    error_with_code(code::INTERNAL, INTERNAL_ERROR_MESSAGE)
}

/// Returns the code and the message for the client if the database can't be reached or is busy, or if the client itself
/// sends too much; `None` for any other error. Logs the cause at most once in five seconds.
#[must_use]
pub fn temporary_error(
    cause: &(dyn std::error::Error + 'static),
) -> Option<(&'static str, &'static str)> {
    static LOGS: Mutex<BTreeMap<&str, ThrottledLog>> = Mutex::new(BTreeMap::new());

    let TemporaryError {
        code,
        message,
        reason,
    } = TemporaryError::of(DbErrorKind::of_dyn_error(cause)?)?;
    if let Some(requests) = LOGS.lock().entry(reason).or_default().count() {
        tracing::warn!(error.cause = %describe(cause), requests, "{reason}");
    }
    Some((code, message))
}

/// An error of a statement that may succeed later.
struct TemporaryError {
    code: &'static str,
    /// The message for the client.
    message: &'static str,
    /// The message in the log.
    reason: &'static str,
}

impl TemporaryError {
    fn of(kind: DbErrorKind) -> Option<Self> {
        let (code, message, reason) = match kind {
            DbErrorKind::Unavailable => (
                code::UNAVAILABLE,
                "the database can't be reached; try again later",
                "the database can't be reached",
            ),
            DbErrorKind::Overloaded => (
                code::UNAVAILABLE,
                "the server is busy: no connection to the database was free in time; try again later",
                "no connection to the database was free in time",
            ),
            DbErrorKind::OverShare => (
                code::RATE_LIMITED,
                OVER_SHARE_MESSAGE,
                "requests of a caller waited too long for its other requests",
            ),
            DbErrorKind::Busy => (
                code::UNAVAILABLE,
                "a statement waited or ran for too long; request less data, or try again later",
                "a statement waited or ran for too long",
            ),
            DbErrorKind::TimedOut => (
                code::DEADLINE_EXCEEDED,
                "a statement took longer than the cost of the operation allows; request less data, or try again later",
                "a statement took longer than the cost of its operation allows",
            ),
            DbErrorKind::Conflict => (
                code::UNAVAILABLE,
                "concurrent changes conflict with a read; try again later",
                "concurrent changes conflict with a read",
            ),
            DbErrorKind::Exhausted => (
                code::UNAVAILABLE,
                "the database has no memory or disk space left; try again later",
                "the database has no memory or disk space left",
            ),
            DbErrorKind::SchemaMissing => (
                code::UNAVAILABLE,
                "a part of the database is missing or being restored; try again later",
                "a part of the database's schema is missing",
            ),
            DbErrorKind::ReadOnly => (
                code::UNAVAILABLE,
                "the database is read-only at the moment; try again later",
                "the database is read-only",
            ),
            DbErrorKind::RulesChanged => (
                code::UNAVAILABLE,
                "the rules of the site have just changed; try again",
                "the rules of the site changed during requests",
            ),
            DbErrorKind::Constraint | DbErrorKind::Other => return None,
        };
        Some(Self {
            code,
            message,
            reason,
        })
    }
}

/// The message for a caller that asks for more than its share of the connections.
const OVER_SHARE_MESSAGE: &str = "your other requests use your share of the database connections; send fewer at the same time, and try again later";

/// A kind of log line that is written at most once in [`UNAVAILABLE_LOG_INTERVAL`].
#[derive(Default)]
struct ThrottledLog {
    /// The number of events since the last line.
    unlogged: u64,
    last_logged: Option<Instant>,
}

impl ThrottledLog {
    /// Counts an event. Returns the number of events since the last line if a line is due.
    fn count(&mut self) -> Option<u64> {
        self.unlogged += 1;
        let is_due = self
            .last_logged
            .is_none_or(|last_logged| last_logged.elapsed() >= UNAVAILABLE_LOG_INTERVAL);
        is_due.then(|| {
            self.last_logged = Some(Instant::now());
            std::mem::take(&mut self.unlogged)
        })
    }
}

/// The minimum interval between log lines about an unavailable or busy database.
const UNAVAILABLE_LOG_INTERVAL: Duration = Duration::from_secs(5);
