//! Classifies errors of the database by SQLSTATE, never by message text.

use std::{io, sync::Arc};

use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{
        self,
        error::DatabaseError,
        postgres::{PgDatabaseError, PgSeverity},
    },
};

use super::{pool::fair_queue::Refusal, violation::is_unexpected_collision};

/// The error of a read. All fields that waited for the read share it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct ReadError(#[source] Arc<DbErr>);

impl ReadError {
    /// Returns the kind of the failure.
    #[must_use]
    pub fn kind(&self) -> DbErrorKind {
        DbErrorKind::of(&self.0)
    }
}

impl From<DbErr> for ReadError {
    fn from(error: DbErr) -> Self {
        Self(Arc::new(error))
    }
}

/// The kind of a database error, which decides how it is handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DbErrorKind {
    /// A concurrent transaction conflicts; a retry of the whole transaction, or of the read, is right.
    Conflict,
    /// A row violates a unique or foreign key, because another one was inserted or deleted after the transaction
    /// checked for it; a retry of the whole transaction is right.
    Constraint,
    /// A lock was not free in time, or a statement reached its timeout.
    Busy,
    /// All connections or write permits were in use for too long, or too many requests waited for a connection.
    Overloaded,
    /// The same, because of the caller's other requests.
    OverShare,
    /// A statement took longer than its request may.
    TimedOut,
    /// The connection is dead, or none can be opened.
    Unavailable,
    /// The server accepts no writes: it is a standby, or read-only.
    ReadOnly,
    /// PostgreSQL has no memory or disk space left.
    Exhausted,
    /// A table, column or function is missing: the schema is being restored.
    SchemaMissing,
    /// A read depends on the rules of the site, and they have changed since its request began.
    RulesChanged,
    /// Anything else: an internal error.
    Other,
}

/// The SQLSTATE class of transactions that PostgreSQL rolled back: `serialization_failure`, `deadlock_detected` and
/// others.
const ROLLBACK_CLASS: &str = "40";

/// `unique_violation` and `foreign_key_violation`.
const CONSTRAINTS: [&str; 2] = ["23505", "23503"];

/// `lock_not_available`, and `query_canceled`, which PostgreSQL returns at the statement timeout.
const BUSY: [&str; 2] = ["55P03", "57014"];

/// `admin_shutdown`, `crash_shutdown`, `cannot_connect_now`, `database_dropped`, `idle_session_timeout` and
/// `too_many_connections`.
const UNAVAILABLE: [&str; 6] = ["57P01", "57P02", "57P03", "57P04", "57P05", "53300"];

/// `invalid_sql_statement_name` and `duplicate_prepared_statement`: the session has the prepared statements of another
/// client, because of a pooler.
pub(super) const FOREIGN_STATEMENTS: [&str; 2] = ["26000", "42P05"];

/// `feature_not_supported`, if the columns of a prepared statement have changed.
const CHANGED_STATEMENT: &str = "0A000";

/// `undefined_table`, `undefined_column`, `undefined_function`, `undefined_object` and `invalid_schema_name`.
const SCHEMA_MISSING: [&str; 5] = ["42P01", "42703", "42883", "42704", "3F000"];

/// `read_only_sql_transaction`, which a standby returns as well.
const READ_ONLY: &str = "25006";

/// The SQLSTATE class of insufficient resources.
const RESOURCES_CLASS: &str = "53";

/// The SQLSTATE class of connection exceptions.
const CONNECTION_CLASS: &str = "08";

/// Returns whether the connection can't be used after this error: PostgreSQL closes it, which the severity FATAL or PANIC
/// says, or its prepared statements are lost. A new connection prepares its own.
pub(super) fn ends_connection(error: &dyn DatabaseError) -> bool {
    let error = error.try_downcast_ref::<PgDatabaseError>();
    error.is_some_and(|error| {
        matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic)
            || FOREIGN_STATEMENTS.contains(&error.code())
            || error.code() == CHANGED_STATEMENT
    })
}

impl DbErrorKind {
    /// Returns whether no connection could run the statement. Another statement would fail as well.
    #[must_use]
    pub fn is_unavailable(self) -> bool {
        matches!(self, Self::Unavailable | Self::Overloaded | Self::OverShare)
    }

    /// Returns whether the same read may succeed later.
    #[must_use]
    pub fn is_temporary(self) -> bool {
        self.is_unavailable()
            || matches!(
                self,
                Self::Conflict
                    | Self::Busy
                    | Self::TimedOut
                    | Self::Exhausted
                    | Self::SchemaMissing
            )
    }

    /// Classifies an error of SeaORM.
    #[must_use]
    pub fn of(error: &DbErr) -> Self {
        match error {
            DbErr::ConnectionAcquire(_) => Self::Overloaded,
            _ => driver_error(error).map_or(Self::Other, Self::of_driver_error),
        }
    }

    /// Returns whether the connection died, so that a retry over another one may succeed. After a restart of PostgreSQL
    /// all connections of a pool may be dead.
    #[must_use]
    pub fn is_dead_connection(error: &DbErr) -> bool {
        Self::of(error) == Self::Unavailable
            && !matches!(error, DbErr::Conn(RuntimeErr::SqlxError(_)))
            && !Self::is_connect_timeout(error)
    }

    /// Returns whether a connection could not be opened.
    #[must_use]
    pub fn is_connect_error(error: &DbErr) -> bool {
        let is_connect_error = matches!(error, DbErr::Conn(RuntimeErr::SqlxError(_)));
        Self::is_connect_timeout(error) || is_connect_error && Self::of(error) == Self::Unavailable
    }

    /// Returns whether PostgreSQL returned the error.
    #[must_use]
    pub fn is_server_error(error: &DbErr) -> bool {
        driver_error(error).is_some_and(|error| error.as_database_error().is_some())
    }

    /// Returns whether an open connection received a message that is not a response to its statement.
    #[must_use]
    pub fn is_unexpected_message(error: &DbErr) -> bool {
        let is_open = !matches!(error, DbErr::Conn(_));
        is_open && matches!(driver_error(error), Some(sqlx::Error::Protocol(_)))
    }

    /// Returns whether a connection could not be opened in time.
    #[must_use]
    pub fn is_connect_timeout(error: &DbErr) -> bool {
        matches!(driver_error(error), Some(sqlx::Error::PoolTimedOut))
    }

    /// Returns whether the same read may succeed now, over the same or another connection.
    #[must_use]
    pub fn may_retry_read(error: &DbErr) -> bool {
        Self::is_dead_connection(error) || Self::of(error) == Self::Conflict
    }

    /// Classifies a [`DbErr`] or a [`ReadError`] behind a `dyn Error`. `None` for any other type.
    #[must_use]
    pub fn of_dyn_error(error: &(dyn std::error::Error + 'static)) -> Option<Self> {
        let direct = error.downcast_ref::<DbErr>().map(Self::of);
        direct.or_else(|| error.downcast_ref::<ReadError>().map(ReadError::kind))
    }

    /// Classifies an error of the driver.
    #[must_use]
    pub fn of_driver_error(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(error) => Self::of_own_error(error).unwrap_or(Self::Unavailable),
            // A proxy without a server accepts a connection and closes it, which is a violation of the protocol.
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Protocol(_)
            | sqlx::Error::Tls(_) => Self::Unavailable,
            sqlx::Error::Database(error) if ends_connection(&**error) => Self::Unavailable,
            sqlx::Error::Database(error) if is_unexpected_collision(&**error) => Self::Other,
            sqlx::Error::Database(error) => error
                .code()
                .map_or(Self::Other, |code| Self::of_code(&code)),
            _ => Self::Other,
        }
    }

    /// Classifies an error of this crate in the place of a driver's error.
    fn of_own_error(error: &io::Error) -> Option<Self> {
        let error = error.get_ref()?;
        if error.is::<StatementTimeout>() {
            return Some(Self::TimedOut);
        }
        if error.is::<RulesChanged>() {
            return Some(Self::RulesChanged);
        }
        error.downcast_ref().map(|refusal| match refusal {
            Refusal::OverShare => Self::OverShare,
            Refusal::Overloaded => Self::Overloaded,
        })
    }

    fn of_code(code: &str) -> Self {
        if code.starts_with(ROLLBACK_CLASS) {
            Self::Conflict
        } else if CONSTRAINTS.contains(&code) {
            Self::Constraint
        } else if BUSY.contains(&code) {
            Self::Busy
        } else if code == READ_ONLY {
            Self::ReadOnly
        } else if UNAVAILABLE.contains(&code) || code.starts_with(CONNECTION_CLASS) {
            Self::Unavailable
        } else if code.starts_with(RESOURCES_CLASS) {
            Self::Exhausted
        } else if SCHEMA_MISSING.contains(&code) {
            Self::SchemaMissing
        } else {
            Self::Other
        }
    }
}

/// A statement took longer than its request may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a statement took longer than the cost of its operation allows")]
pub struct StatementTimeout;

impl From<StatementTimeout> for DbErr {
    fn from(timeout: StatementTimeout) -> Self {
        let error = sqlx::Error::Io(io::Error::other(timeout));
        Self::Query(RuntimeErr::SqlxError(error.into()))
    }
}

/// A read depends on the rules of the site, and they have changed since its request began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the rules of the site have changed during the request")]
pub struct RulesChanged;

impl From<RulesChanged> for DbErr {
    fn from(changed: RulesChanged) -> Self {
        let error = sqlx::Error::Io(io::Error::other(changed));
        Self::Query(RuntimeErr::SqlxError(error.into()))
    }
}

/// Returns the driver's error inside an error of SeaORM, if there is one.
pub(super) fn driver_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
