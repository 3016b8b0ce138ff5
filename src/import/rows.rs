//! The interface between the formats and the store: valid and invalid rows, and at the end facts about the file as a
//! whole.

use std::{fmt, ops::ControlFlow};

use super::source::SourceError;
use crate::{
    catalogue::{Column, Warning, record::Record},
    site_rules::ReadingRules,
};

/// The position of a row: its file and its line. Positions sort by file, then by line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowPosition(i64);

impl RowPosition {
    /// The distance between the first lines of two files: more lines than a file can have.
    pub const LINES_PER_FILE: i64 = 1 << 48;

    /// Creates the position of a line, counted from 1, in a file, counted from 0.
    #[must_use]
    pub fn new(file: u8, line: u64) -> Self {
        let line = i64::try_from(line)
            .unwrap_or(i64::MAX)
            .min(Self::LINES_PER_FILE - 1);
        Self(i64::from(file) * Self::LINES_PER_FILE + line)
    }

    /// Creates the position from the number that the database stores.
    #[must_use]
    pub const fn from_key(key: i64) -> Self {
        Self(key)
    }

    /// Returns the number that the database stores.
    #[must_use]
    pub const fn key(self) -> i64 {
        self.0
    }

    /// Returns the index of the file, counted from 0.
    #[must_use]
    pub fn file(self) -> usize {
        usize::try_from(self.0 / Self::LINES_PER_FILE).unwrap_or_default()
    }

    /// Returns the name of the file among the names of all files.
    #[must_use]
    pub fn file_name(self, files: &[String]) -> &str {
        files.get(self.file()).map_or("", String::as_str)
    }

    /// Returns the line, counted from 1.
    #[must_use]
    pub const fn line(self) -> i64 {
        self.0 % Self::LINES_PER_FILE
    }
}

/// The reason why a row is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// The name of the column in the file.
    pub column: String,
    /// The description of the error.
    pub reason: String,
}

impl RowError {
    /// Creates the error of a column.
    #[must_use]
    pub fn new(column: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            reason: reason.into(),
        }
    }

    /// Converts an error of the source into the line and the error of a row, if the rows after it can still be read.
    ///
    /// # Errors
    ///
    /// Returns the source's error if no row after it can be read.
    pub fn from_source_error(error: SourceError) -> Result<(u64, Self), SourceError> {
        match error {
            SourceError::FieldCount { line, .. } => {
                Ok((line, Self::new("the whole row", error.to_string())))
            }
            _ => Err(error),
        }
    }
}

/// A row of a source.
#[derive(Clone, Debug)]
pub struct Row {
    /// The position of the row.
    pub position: RowPosition,
    /// The valid content of the row, or its errors.
    pub content: Result<ValidRow, InvalidRow>,
}

/// An invalid row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRow {
    /// All errors of the row; at least one.
    pub errors: Vec<RowError>,
    /// The text of the row, as far as it could be parsed.
    pub text: String,
}

/// A valid row.
#[derive(Clone, Debug)]
pub struct ValidRow {
    /// The parsed record.
    pub record: Record,
    /// The warnings about values that were ignored or look wrong.
    pub warnings: Vec<Warning>,
}

/// An error after which the file can't be read any further.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct FileError {
    /// The name of the file.
    pub file: String,
    /// The description of the error, with its line.
    pub reason: String,
    /// Whether the cause is this machine, such as a full disk, not the file.
    pub is_fault: bool,
}

impl FileError {
    /// Creates the error of a file.
    #[must_use]
    pub fn new(file: &str, reason: &dyn fmt::Display) -> Self {
        Self {
            file: file.to_owned(),
            reason: reason.to_string(),
            is_fault: false,
        }
    }
}

/// Facts about a file as a whole.
#[derive(Clone, Debug, Default)]
pub struct FileFacts {
    /// The table columns for which each file has values, in the order of the files. The rows of a file don't change other
    /// columns.
    pub columns: Vec<TableColumns>,
    /// The names of unknown columns.
    pub unknown_columns: Vec<String>,
    /// The names of known columns that an import doesn't use.
    pub unused_columns: Vec<String>,
    /// The names of files that don't end with a line break, so that their last row may be truncated.
    pub without_last_line_break: Vec<String>,
    /// The numbers of rows that were left out, each with the words for them.
    pub left_out: Vec<(String, u64)>,
}

/// The columns of each table for which a file has values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableColumns {
    /// The columns of `film`.
    pub film: Vec<&'static str>,
    /// The columns of `critic`.
    pub critic: Vec<&'static str>,
    /// The columns of `publication`.
    pub publication: Vec<&'static str>,
    /// The columns of `published_score`.
    pub published_score: Vec<&'static str>,
    /// The columns of `review`.
    pub review: Vec<&'static str>,
}

impl TableColumns {
    /// Returns every column of every table.
    #[must_use]
    pub fn all() -> Self {
        super::catalogue::SeenColumns::in_every_row(Column::ALL.into_iter().collect())
            .table_columns()
    }
}

/// Implements [`RowSource::read`] for a source with a function that returns the next row.
///
/// # Errors
///
/// Returns an error when `next` fails.
pub fn read_each(
    mut next: impl FnMut() -> Result<Option<Row>, FileError>,
    visit: &mut dyn FnMut(Row) -> ControlFlow<()>,
) -> Result<(), FileError> {
    while let Some(row) = next()? {
        if visit(row).is_break() {
            break;
        }
    }
    Ok(())
}

/// A source of rows.
pub trait RowSource: Send {
    /// Sets how scores and dates are read that don't state their scale or order. Options of the import come first.
    fn set_reading_rules(&mut self, rules: &ReadingRules);

    /// Calls `visit` with each row, until `visit` returns [`ControlFlow::Break`].
    ///
    /// # Errors
    ///
    /// Returns an error when a file can't be read any further.
    fn read(&mut self, visit: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<(), FileError>;

    /// Returns facts about the files. They are complete once all rows are read.
    fn file_facts(&self) -> FileFacts;

    /// Returns the names of the files, in the order of their indexes.
    fn files(&self) -> &[String];
}

impl From<RowError> for InvalidRow {
    /// Creates an invalid row without its text, for a row that couldn't be parsed.
    fn from(error: RowError) -> Self {
        Self {
            errors: vec![error],
            text: String::new(),
        }
    }
}

/// Returns fields as one line of CSV, for the list of rejected rows.
#[must_use]
pub fn csv_line<'f>(fields: impl Iterator<Item = &'f str>) -> String {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    // Writing to memory can't fail. If it did, the list would have the rejected row without its text.
    if writer.write_record(fields).is_err() {
        return String::new();
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}

impl fmt::Display for RowError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { column, reason } = self;
        write!(formatter, "{column}: {reason}")
    }
}
