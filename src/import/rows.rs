//! What every format gives to the store: rows that are good or flawed, and in the end what the file as a whole had.

use std::{fmt, ops::ControlFlow};

use super::source::SourceError;
use crate::catalogue::{Column, Remark, record::Record};

/// Where a row stands. Places sort by file, then by line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(i64);

impl Place {
    /// The files of one import are apart from each other by more lines than any of them has.
    pub const LINES_OF_A_FILE: i64 = 1 << 48;

    /// A line, counted from 1, of a file, counted from 0.
    #[must_use]
    pub fn new(file: u8, line: u64) -> Self {
        let line = i64::try_from(line)
            .unwrap_or(i64::MAX)
            .min(Self::LINES_OF_A_FILE - 1);
        Self(i64::from(file) * Self::LINES_OF_A_FILE + line)
    }

    /// As the database keeps it.
    #[must_use]
    pub const fn from_key(key: i64) -> Self {
        Self(key)
    }

    /// As the database keeps it.
    #[must_use]
    pub const fn key(self) -> i64 {
        self.0
    }

    /// Which of the files.
    #[must_use]
    pub fn file(self) -> usize {
        usize::try_from(self.0 / Self::LINES_OF_A_FILE).unwrap_or_default()
    }

    /// Which line of it.
    #[must_use]
    pub const fn line(self) -> i64 {
        self.0 % Self::LINES_OF_A_FILE
    }
}

/// Why a row can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The column, as the file names it.
    pub column: String,
    /// What is wrong.
    pub reason: String,
}

impl Flaw {
    /// A flaw of a column.
    #[must_use]
    pub fn new(column: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            reason: reason.into(),
        }
    }

    /// The flaw of a row after which others can be read, with its line.
    ///
    /// # Errors
    ///
    /// Gives the error back if nothing can be read after it.
    pub fn of_row(error: SourceError) -> Result<(u64, Self), SourceError> {
        match error {
            SourceError::FieldCount { line, .. } => {
                Ok((line, Self::new("the whole row", error.to_string())))
            }
            _ => Err(error),
        }
    }
}

/// One row.
#[derive(Clone, Debug)]
pub struct Row {
    /// Where it stands.
    pub place: Place,
    /// What it says, or all that is wrong with it.
    pub content: Result<Good, Bad>,
}

/// A row that can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// All that is wrong with it, at least one thing.
    pub flaws: Vec<Flaw>,
    /// The row itself, as far as it could be taken apart.
    pub text: String,
}

/// A row that can be used.
#[derive(Clone, Debug)]
pub struct Good {
    /// What it says.
    pub record: Record,
    /// What in it could not be used.
    pub remarks: Vec<Remark>,
}

/// A file that can't be read any further.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct Unreadable {
    /// Its name.
    pub file: String,
    /// What is wrong, with the line.
    pub reason: String,
}

impl Unreadable {
    /// What is wrong with the file of that name.
    #[must_use]
    pub fn new(file: &str, reason: &dyn fmt::Display) -> Self {
        Self {
            file: file.to_owned(),
            reason: reason.to_string(),
        }
    }
}

/// What a file as a whole had.
#[derive(Clone, Debug, Default)]
pub struct Gleaned {
    /// Which columns of the tables it speaks of. What it doesn't speak of stays as it is.
    pub given: Given,
    /// Names of columns that nobody knows.
    pub unknown_columns: Vec<String>,
    /// Names of columns that are known and have no place here.
    pub unused_columns: Vec<String>,
    /// Files whose last row may have been cut short.
    pub without_last_line_break: Vec<String>,
}

/// Which columns of each table a file speaks of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Of films.
    pub film: Vec<&'static str>,
    /// Of critics.
    pub critic: Vec<&'static str>,
    /// Of publications.
    pub publication: Vec<&'static str>,
    /// Of published scores.
    pub published_score: Vec<&'static str>,
    /// Of reviews.
    pub review: Vec<&'static str>,
}

impl Given {
    /// Every column of every table.
    #[must_use]
    pub fn every() -> Self {
        super::catalogue::Seen::in_every_row(Column::ALL.into_iter().collect()).given()
    }
}

/// What [`Rows::read`] does where one row can be asked for after the other.
///
/// # Errors
///
/// When `next` fails.
pub fn one_by_one(
    mut next: impl FnMut() -> Result<Option<Row>, Unreadable>,
    take: &mut dyn FnMut(Row) -> ControlFlow<()>,
) -> Result<(), Unreadable> {
    while let Some(row) = next()? {
        if take(row).is_break() {
            break;
        }
    }
    Ok(())
}

/// A source of rows.
pub trait Rows: Send {
    /// Hands one row after the other to `take`, until that has enough.
    ///
    /// # Errors
    ///
    /// When a file can't be read any further.
    fn read(&mut self, take: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<(), Unreadable>;

    /// What the files had, once all rows were read.
    fn gleaned(&self) -> Gleaned;

    /// The names of the files, in the order of their numbers.
    fn files(&self) -> &[String];
}

impl From<Flaw> for Bad {
    /// A row that couldn't be taken apart.
    fn from(flaw: Flaw) -> Self {
        Self {
            flaws: vec![flaw],
            text: String::new(),
        }
    }
}

/// The text of a row of CSV, as the list of rejected rows has it.
#[must_use]
pub fn csv_text<'f>(fields: impl Iterator<Item = &'f str>) -> String {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    // Writing to memory can't fail, and a row that can't be shown is rejected all the same.
    if writer.write_record(fields).is_err() {
        return String::new();
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}

impl fmt::Display for Flaw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { column, reason } = self;
        write!(formatter, "{column}: {reason}")
    }
}
