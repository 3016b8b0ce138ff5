//! What is wrong with a row.

use thiserror::Error;

use super::Column;

/// Why a row can't be read: one of the reasons.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}: {reason}", column.name())]
pub struct Flaw {
    /// The column that has to change.
    pub column: Column,
    /// What is wrong with it.
    pub reason: String,
}
