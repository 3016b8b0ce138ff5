//! The reasons for which a request gets no connection.

use std::io;

use sea_orm::{DbErr, RuntimeErr, sqlx};

/// The reason for which a request gets no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The caller asks for more than its share: it holds connections, has used more time than others, or has the most
    /// requests that wait.
    #[error("the caller's other requests use its share of the database connections")]
    OverShare,
    /// All callers together ask for more than there is.
    #[error("no connection to the database was free in time")]
    Overloaded,
}

impl From<Refusal> for DbErr {
    fn from(refusal: Refusal) -> Self {
        let error = sqlx::Error::Io(io::Error::other(refusal));
        Self::Conn(RuntimeErr::SqlxError(error.into()))
    }
}
