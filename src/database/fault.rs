//! What kind of failure an error of the database is, by PostgreSQL's codes and never by its words.

use std::sync::Arc;

use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{
        self,
        error::DatabaseError,
        postgres::{PgDatabaseError, PgSeverity},
    },
};

/// Why something could not be read. Every field that waited for it gets the same error.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct ReadError(Arc<DbErr>);

impl ReadError {
    /// What kind of failure it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        Fault::of(&self.0)
    }
}

impl From<DbErr> for ReadError {
    fn from(error: DbErr) -> Self {
        Self(Arc::new(error))
    }
}

/// What can be made of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Others wrote the same at the same time: to do it all again is right.
    Conflict,
    /// Another holds a lock for longer than one waits.
    Busy,
    /// The connection is dead, or there is none to be had.
    Away,
    /// Anything else, which is a fault of ours.
    Other,
}

/// `serialization_failure` and `deadlock_detected`; and `unique_violation` and `foreign_key_violation`, by which one learns that
/// something has come or gone since one looked.
const CONFLICTS: [&str; 4] = ["40001", "40P01", "23505", "23503"];

/// `lock_not_available`, and `query_canceled`, which PostgreSQL says of a statement that took longer than it may.
const BUSY: [&str; 2] = ["55P03", "57014"];

/// `admin_shutdown`, `crash_shutdown`, `cannot_connect_now`, `too_many_connections`, and `read_only_sql_transaction`, which a server says that
/// isn't the first any more, or not yet.
const AWAY: [&str; 5] = ["57P01", "57P02", "57P03", "53300", READ_ONLY];

/// `read_only_sql_transaction`.
const READ_ONLY: &str = "25006";

/// The class of the codes that tell of the connection.
const CONNECTION: &str = "08";

/// Whether PostgreSQL has ended the connection over which it said this.
pub(super) fn ends_connection(error: &dyn DatabaseError) -> bool {
    let error = error.try_downcast_ref::<PgDatabaseError>();
    error.is_some_and(|error| matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic))
}

impl Fault {
    /// Tells what kind of failure it is.
    #[must_use]
    pub fn of(error: &DbErr) -> Self {
        match error {
            DbErr::ConnectionAcquire(_) => Self::Away,
            // What `Session::begin` says when its turn doesn't come.
            DbErr::Conn(RuntimeErr::Internal(_)) => Self::Busy,
            _ => driver_error(error).map_or(Self::Other, Self::of_driver),
        }
    }

    /// Whether the connection died, so that another one may do: as many may be dead in a pool as it has, after PostgreSQL was away.
    #[must_use]
    pub fn is_dead_connection(error: &DbErr) -> bool {
        Self::of(error) == Self::Away
            && !matches!(
                error,
                DbErr::ConnectionAcquire(_) | DbErr::Conn(RuntimeErr::SqlxError(_))
            )
            && !Self::is_no_connection(error)
    }

    /// Whether there was no connection to be had at all.
    #[must_use]
    pub fn is_no_connection(error: &DbErr) -> bool {
        let is_opening = matches!(error, DbErr::Conn(RuntimeErr::SqlxError(_)));
        Self::is_wait(error) || is_opening && Self::of(error) == Self::Away
    }

    /// Whether PostgreSQL itself said it.
    #[must_use]
    pub fn is_of_server(error: &DbErr) -> bool {
        driver_error(error).is_some_and(|error| error.as_database_error().is_some())
    }

    /// Whether a connection was waited for in vain.
    #[must_use]
    pub fn is_wait(error: &DbErr) -> bool {
        matches!(error, DbErr::ConnectionAcquire(_))
            || matches!(driver_error(error), Some(sqlx::Error::PoolTimedOut))
    }

    /// Whether the connection leads to a server that isn't the first any more: another connection may lead to the one that is.
    #[must_use]
    pub fn is_of_another_server(error: &DbErr) -> bool {
        let error = driver_error(error).and_then(sqlx::Error::as_database_error);
        let code = error.and_then(DatabaseError::code);
        code.as_deref() == Some(READ_ONLY)
    }

    /// What kind of failure is behind an error that reads or writes of ours gave; `None` if it is of another kind.
    #[must_use]
    pub fn behind(error: &(dyn std::error::Error + 'static)) -> Option<Self> {
        let direct = error.downcast_ref::<DbErr>().map(Self::of);
        direct.or_else(|| error.downcast_ref::<ReadError>().map(ReadError::fault))
    }

    /// Tells what kind of failure an error of the driver is.
    #[must_use]
    pub fn of_driver(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Away,
            sqlx::Error::Database(error) if ends_connection(&**error) => Self::Away,
            sqlx::Error::Database(error) => error
                .code()
                .map_or(Self::Other, |code| Self::of_code(&code)),
            _ => Self::Other,
        }
    }

    fn of_code(code: &str) -> Self {
        if CONFLICTS.contains(&code) {
            Self::Conflict
        } else if BUSY.contains(&code) {
            Self::Busy
        } else if AWAY.contains(&code) || code.starts_with(CONNECTION) {
            Self::Away
        } else {
            Self::Other
        }
    }
}

/// The driver's error behind one of SeaORM's, if it is one.
pub(super) fn driver_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_tells_what_can_be_done() {
        for (code, fault) in [
            ("40P01", Fault::Conflict),
            ("23505", Fault::Conflict),
            ("55P03", Fault::Busy),
            ("57014", Fault::Busy),
            ("57P01", Fault::Away),
            ("08006", Fault::Away),
            ("42601", Fault::Other),
            ("", Fault::Other),
        ] {
            assert_eq!(Fault::of_code(code), fault, "{code}");
        }
    }

    #[test]
    fn a_pool_without_a_connection_is_away() {
        let error = DbErr::Query(RuntimeErr::SqlxError(sqlx::Error::PoolTimedOut.into()));
        assert_eq!(Fault::of(&error), Fault::Away);
        assert_eq!(Fault::of(&DbErr::Custom(String::new())), Fault::Other);
    }
}
