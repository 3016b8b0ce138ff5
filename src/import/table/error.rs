//! The errors of turning a file into tables.

use std::{env, io, path::PathBuf};

use thiserror::Error;

use crate::import::source::{Grouped, SourceError};

/// The reason why a file is no table. The caller adds the name of the file.
#[derive(Debug, Error)]
pub(super) enum TableError {
    /// The bytes or the text can't be read.
    #[error(transparent)]
    Source(#[from] SourceError),

    /// The temporary file can't be written.
    #[error(
        "its temporary copy in {} can't be written: {reason}; free some space there, or set TMPDIR to another folder",
        .folder.display()
    )]
    Spool {
        /// The folder of temporary files.
        folder: PathBuf,
        /// The error of the system.
        reason: io::Error,
    },

    /// A pipe or a part of an archive beyond the bound.
    #[error("it is longer than {} bytes, which no list of reviews is; split it", Grouped(*.0))]
    TooLong(u64),

    /// Rows that take up far more space than the file.
    #[error(
        "its rows take up more than 250 times the space of the file, which no list of reviews does"
    )]
    RowBomb,

    /// JSON objects whose rows take up far more space than the file, because each has other keys.
    #[error(
        "its objects have ever new keys, so that its rows take up more than 250 times the space of the file; \
         give each row the same keys"
    )]
    NewKeys,

    /// A row that is longer than the bound.
    #[error("the row of line {line} is longer than 1 MiB")]
    LongRow {
        /// The line, or the row of the sheet.
        line: u64,
    },

    /// More columns than a spreadsheet has.
    #[error("it has more than 16,384 columns{hint}")]
    ManyColumns {
        /// What the user can do about it.
        hint: &'static str,
    },

    /// An encoding that several others could be.
    #[error("{0}")]
    UnsureEncoding(String),

    /// A first row that is no header.
    #[error(
        "line {line} has no names of columns, but data ({cells}); add a line with the names of the columns above it, \
         or pass --no-header"
    )]
    NoHeader {
        /// The line.
        line: u64,
        /// Some of its cells.
        cells: String,
    },

    /// The row that has the names of the columns, as the user says, is blank or no row.
    #[error("no row begins in line {0}, where --header-row looks for the names of the columns")]
    NoHeaderRow(u64),

    /// A file that has blank rows only.
    #[error("it has no row with a text in it")]
    Blank,

    /// A workbook whose sheets are all skipped.
    #[error("no sheet has a row: {0}")]
    NoSheet(String),

    /// An archive whose members are all skipped.
    #[error("{}", no_member(.0))]
    NoMember(String),

    /// JSON that isn't a list of objects.
    #[error("line {line}: {reason}")]
    Json {
        /// The line.
        line: u64,
        /// What is wrong there.
        reason: String,
    },

    /// A kind of file that is not read.
    #[error("{0}")]
    Unsupported(&'static str),

    /// A damaged or unreadable archive.
    #[error("the ZIP archive can't be read: {0}")]
    Zip(#[from] zip::result::ZipError),

    /// A part of an archive or workbook with an error of its own.
    #[error("{part}: {error}")]
    Part {
        /// The name of the part.
        part: String,
        /// The error.
        error: Box<Self>,
    },

    /// A damaged workbook.
    #[error(
        "the spreadsheet can't be read: {0}; open it in a spreadsheet program, and save it again or as CSV"
    )]
    Sheet(String),

    /// A workbook beyond a bound.
    #[error("the spreadsheet has {0}, which no list of reviews has; save the sheet as CSV")]
    SheetBound(&'static str),
}

/// Returns the message about an archive, of which each skipped file has a reason.
fn no_member(skipped: &str) -> String {
    if skipped.is_empty() {
        return "the archive has no file in it".to_owned();
    }
    format!("no file in the archive is a list: {skipped}")
}

impl TableError {
    /// Creates the error of a temporary file.
    pub fn spool(reason: io::Error) -> Self {
        Self::Spool {
            folder: env::temp_dir(),
            reason,
        }
    }

    /// Returns whether the cause is this machine, not the file.
    pub fn is_fault(&self) -> bool {
        match self {
            Self::Spool { .. } => true,
            Self::Part { error, .. } => error.is_fault(),
            _ => false,
        }
    }

    /// Adds the name of a part of the file.
    pub fn in_part(self, part: &str) -> Self {
        Self::Part {
            part: part.to_owned(),
            error: Box::new(self),
        }
    }
}

/// Unwraps an error that passed through a reader.
impl From<io::Error> for TableError {
    fn from(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(error) => error,
            Err(error) => Self::Source(error.into()),
        }
    }
}

/// Wraps the error, so that it can pass through a reader.
impl From<TableError> for io::Error {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Source(error) => error.into(),
            error => Self::other(error),
        }
    }
}
