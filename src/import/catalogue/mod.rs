//! The catalogue format, which `export` writes, as a source of rows.

mod csv;
mod jsonl;
mod seen_columns;

use std::{ops::ControlFlow, path::Path};

pub use self::{csv::Csv, jsonl::JsonLines, seen_columns::SeenColumns};
use super::{
    rows::{
        FileError, FileFacts, InvalidRow, Row, RowError, RowPosition, RowSource, ValidRow,
        read_each,
    },
    source::{self, Options, Progress, Source, SourceError},
};
use crate::{
    catalogue::{self, Cells, Defaults, UnknownNames},
    site_rules::ReadingRules,
};

/// A file of the catalogue format, as CSV or as JSON Lines.
pub struct CatalogueImport<F> {
    file: [String; 1],
    parser: F,
    defaults: Defaults,
    progress: Progress,
}

/// A parser of one form of the catalogue format.
pub trait CatalogueParser: Send {
    /// Returns the next row; `None` after the last.
    ///
    /// # Errors
    ///
    /// Returns an error when the file can't be read any further.
    fn next(&mut self, defaults: &Defaults) -> Result<Option<Row>, SourceError>;

    /// Returns the columns of the rows that were read so far.
    fn seen_columns(&self) -> SeenColumns;

    /// Returns the names of unknown columns.
    fn unknown_names(&self) -> &UnknownNames;

    /// Returns whether the file was read to its end and doesn't end with a line break, so that its last row may be
    /// truncated.
    fn ends_without_line_break(&self) -> bool;
}

impl CatalogueImport<Csv> {
    /// Opens a CSV file and reads its header.
    ///
    /// # Errors
    ///
    /// Returns an error when the file can't be opened, or when its header lacks a required column.
    pub fn csv(
        path: &Path,
        options: Options,
        delimiter: u8,
        defaults: Defaults,
    ) -> Result<Self, FileError> {
        Self::open(path, options, defaults, |source, name, defaults| {
            Csv::new(source, delimiter, name, defaults)
        })
    }
}

impl CatalogueImport<JsonLines> {
    /// Opens a JSON Lines file.
    ///
    /// # Errors
    ///
    /// Returns an error when the file can't be opened.
    pub fn jsonl(path: &Path, options: Options, defaults: Defaults) -> Result<Self, FileError> {
        Self::open(path, options, defaults, |source, _, _| {
            Ok(JsonLines::new(source))
        })
    }
}

impl<F> CatalogueImport<F> {
    fn open(
        path: &Path,
        options: Options,
        defaults: Defaults,
        parse: impl FnOnce(Source, &str, &Defaults) -> Result<F, FileError>,
    ) -> Result<Self, FileError> {
        let name = source::display_name(path);
        let source = Source::open(path, options).map_err(|error| FileError::new(&name, &error))?;
        Ok(Self {
            progress: source.progress(),
            parser: parse(source, &name, &defaults)?,
            file: [name],
            defaults,
        })
    }

    /// Returns the read progress of the file.
    #[must_use]
    pub fn progress(&self) -> Vec<Progress> {
        vec![self.progress.clone()]
    }
}

impl<F: CatalogueParser> CatalogueImport<F> {
    fn next_row(&mut self) -> Result<Option<Row>, FileError> {
        self.parser
            .next(&self.defaults)
            .map_err(|error| FileError::new(&self.file[0], &error))
    }
}

impl<F: CatalogueParser> RowSource for CatalogueImport<F> {
    fn set_reading_rules(&mut self, rules: &ReadingRules) {
        self.defaults.rules = *rules;
    }

    fn read(&mut self, visit: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<(), FileError> {
        read_each(|| self.next_row(), visit)
    }

    fn file_facts(&self) -> FileFacts {
        let unknown = self.parser.unknown_names();
        let mut unknown_columns = unknown.names().to_vec();
        if unknown.omitted() > 0 {
            unknown_columns.push("…".to_owned());
        }
        let mut facts = FileFacts {
            columns: vec![self.parser.seen_columns().table_columns()],
            unknown_columns,
            ..FileFacts::default()
        };
        if self.parser.ends_without_line_break() {
            facts.without_last_line_break = self.file.to_vec();
        }
        facts
    }

    fn files(&self) -> &[String] {
        &self.file
    }
}

/// Parses a row. `text` returns the text of the row and is only called if the row is invalid.
fn read(line: u64, cells: &Cells<'_>, defaults: &Defaults, text: impl FnOnce() -> String) -> Row {
    let content = match catalogue::read(cells, defaults) {
        Ok((record, warnings)) => Ok(ValidRow {
            record,
            warnings: warnings.iter().collect(),
        }),
        Err(errors) => Err(InvalidRow {
            errors: errors
                .into_iter()
                .map(|error| RowError::new(error.column.name(), error.reason))
                .collect(),
            text: text(),
        }),
    };
    Row {
        position: RowPosition::new(0, line),
        content,
    }
}
