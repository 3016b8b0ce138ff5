//! The errors of an import.

use std::io;

use sea_orm::sqlx;

use crate::{
    import::{
        report::ReadStats,
        rows::{FileError, RowError, RowPosition},
    },
    user_error::Candidate,
};

/// An error of an invalid row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The position of the row.
    pub position: RowPosition,
    /// The error.
    pub error: RowError,
    /// The text of the row.
    pub row: String,
    /// The existing films, critics or publications that an ambiguous name may mean.
    pub candidates: Vec<Candidate>,
}

impl Rejection {
    /// Returns the message with the file, one of these, and the line.
    #[must_use]
    pub fn message(&self, files: &[String]) -> String {
        let (file, line) = (self.position.file_name(files), self.position.line());
        format!("{file}, line {line}: {}", self.error)
    }
}

/// The reason why an import failed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file can't be read any further.
    #[error(transparent)]
    File(#[from] FileError),
    /// Rows are invalid, and the import doesn't skip them.
    #[error("invalid rows: {total}")]
    Rejected {
        /// The first errors of invalid rows.
        first: Vec<Rejection>,
        /// The number of invalid rows; a lower bound if `and_more` is set.
        total: usize,
        /// Whether reading stopped early, so that there may be more.
        and_more: bool,
        /// Statistics about the rows that were read, for the warnings about them.
        stats: Box<ReadStats>,
    },
    /// The list of rejected rows can't be written.
    #[error("can't write the list of rejected rows: {0}")]
    RejectsList(io::Error),
    /// A statement failed.
    #[error("the database returned an error: {0}")]
    Database(#[from] sqlx::Error),
    /// The end of the transaction was sent, but its response was an error or didn't arrive.
    #[error(
        "the database did not confirm that the transaction ended ({0}); import again to check whether the rows are stored"
    )]
    Unconfirmed(#[source] sqlx::Error),
    /// The reader thread panicked.
    #[error("the reader thread ended unexpectedly")]
    ReaderThread,
}
