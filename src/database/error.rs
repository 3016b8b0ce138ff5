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

use super::pool::fair_queue::Refusal;

/// The error of a read. All fields that waited for the read share it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct ReadError(Arc<DbErr>);

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
    /// A concurrent write conflicts; retrying the whole transaction is right.
    Conflict,
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
    /// Anything else: an internal error.
    Other,
}

/// `serialization_failure`, `deadlock_detected`, `unique_violation` and `foreign_key_violation`. The last two mean that
/// a row was inserted or deleted after the transaction checked for it.
const CONFLICTS: [&str; 4] = ["40001", "40P01", "23505", "23503"];

/// `lock_not_available`, and `query_canceled`, which PostgreSQL returns at the statement timeout.
const BUSY: [&str; 2] = ["55P03", "57014"];

/// `admin_shutdown`, `crash_shutdown`, `cannot_connect_now`, `too_many_connections`, and `read_only_sql_transaction`,
/// which a standby returns.
const UNAVAILABLE: [&str; 5] = ["57P01", "57P02", "57P03", "53300", READ_ONLY];

/// `read_only_sql_transaction`.
const READ_ONLY: &str = "25006";

/// The SQLSTATE class of connection exceptions.
const CONNECTION_CLASS: &str = "08";

/// Returns whether PostgreSQL closes the connection after this error: its severity is FATAL or PANIC.
pub(super) fn ends_connection(error: &dyn DatabaseError) -> bool {
    let error = error.try_downcast_ref::<PgDatabaseError>();
    error.is_some_and(|error| matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic))
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
        self.is_unavailable() || matches!(self, Self::Busy | Self::TimedOut)
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

    /// Returns whether a connection could not be opened in time.
    #[must_use]
    pub fn is_connect_timeout(error: &DbErr) -> bool {
        matches!(driver_error(error), Some(sqlx::Error::PoolTimedOut))
    }

    /// Returns whether the server is a standby after a failover. A new connection may lead to the primary.
    #[must_use]
    pub fn is_read_only_server(error: &DbErr) -> bool {
        let error = driver_error(error).and_then(sqlx::Error::as_database_error);
        let code = error.and_then(DatabaseError::code);
        code.as_deref() == Some(READ_ONLY)
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
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Self::Unavailable
            }
            sqlx::Error::Database(error) if ends_connection(&**error) => Self::Unavailable,
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
        error.downcast_ref().map(|refusal| match refusal {
            Refusal::OverShare => Self::OverShare,
            Refusal::Overloaded => Self::Overloaded,
        })
    }

    fn of_code(code: &str) -> Self {
        if CONFLICTS.contains(&code) {
            Self::Conflict
        } else if BUSY.contains(&code) {
            Self::Busy
        } else if UNAVAILABLE.contains(&code) || code.starts_with(CONNECTION_CLASS) {
            Self::Unavailable
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
