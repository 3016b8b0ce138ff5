//! Errors in a row.

use thiserror::Error;

use super::Column;

/// An error in one column of a row.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}: {reason}", column.name())]
pub struct ColumnError {
    /// The column that has to be corrected.
    pub column: Column,
    /// The description of the error, to be read after the column's name.
    pub reason: String,
}
