//! The catalogue format as CSV.

use super::{CatalogueParser, SeenColumns, read};
use crate::{
    catalogue::{Defaults, Header, HeaderError, InvalidHeader, UnknownNames},
    import::{
        rows::{FileError, Row, RowError, RowPosition, csv_line},
        source::{CsvRows, Source, SourceError},
    },
};

/// The maximum number of errors of rows that are reported together with those of the header.
const MAX_ROW_ERRORS: usize = 20;

/// The maximum number of rows that are read to find these errors.
const MAX_ROWS: usize = 10_000;

/// A CSV file with a header.
pub struct Csv {
    rows: CsvRows,
    header: Header,
}

impl Csv {
    /// Reads the header. `name` is the name of the file, for errors. After an error of the header, the rows are read as
    /// well, so that their errors are reported together with it.
    pub(super) fn new(
        source: Source,
        delimiter: u8,
        name: &str,
        defaults: &Defaults,
    ) -> Result<Self, FileError> {
        let rows = source
            .csv_rows(delimiter)
            .map_err(|error| FileError::new(name, &error))?;
        match Header::read(rows.header().iter().map(String::as_str)) {
            Ok(header) => Ok(Self { rows, header }),
            Err(InvalidHeader { errors, header }) => {
                let invalid = Self { rows, header };
                let lines = invalid.describe(&errors, defaults);
                Err(FileError::new(name, &lines.join("\n  ")))
            }
        }
    }

    /// Returns the errors of a header and of the first rows below it, each as a line.
    fn describe(mut self, errors: &[HeaderError], defaults: &Defaults) -> Vec<String> {
        let of_header = errors.iter().map(|error| format!("line 1: {error}"));
        let mut lines: Vec<String> = of_header.collect();
        if self.header.columns().is_empty() {
            return lines;
        }
        if !self.header.unknown().is_empty() {
            lines.push(format!(
                "line 1: unknown columns: {}",
                self.header.unknown()
            ));
        }
        // What the header lacks, all rows lack.
        let is_of_header =
            |error: &RowError| errors.contains(&HeaderError::NoFilm) && error.column == "film";
        let capacity = lines.len() + MAX_ROW_ERRORS;
        for _ in 0..MAX_ROWS {
            let row = match self.next(defaults) {
                Ok(Some(row)) => row,
                Ok(None) => break,
                Err(error) => {
                    lines.push(error.to_string());
                    break;
                }
            };
            let line = row.position.line();
            let of_row = row.content.err().map_or_else(Vec::new, |row| row.errors);
            let of_row = of_row.iter().filter(|error| !is_of_header(error));
            lines.extend(of_row.map(|error| format!("line {line}: {error}")));
            if lines.len() > capacity {
                lines.truncate(capacity);
                lines.push("…".to_owned());
                break;
            }
        }
        lines
    }
}

impl CatalogueParser for Csv {
    fn next(&mut self, defaults: &Defaults) -> Result<Option<Row>, SourceError> {
        loop {
            let row = match self.rows.next_row() {
                Ok(Some(row)) => row,
                Ok(None) => return Ok(None),
                Err(error) => {
                    let (line, error) = RowError::from_source_error(error)?;
                    return Ok(Some(Row {
                        position: RowPosition::new(0, line),
                        content: Err(error.into()),
                    }));
                }
            };
            let cells = self.header.cells(row.fields());
            // Spreadsheets write emptied rows as lines of commas.
            if !cells.filled().is_empty() {
                let text = || csv_line(row.fields());
                return Ok(Some(read(row.line(), &cells, defaults, text)));
            }
        }
    }

    fn seen_columns(&self) -> SeenColumns {
        SeenColumns::in_every_row(self.header.columns())
    }

    fn unknown_names(&self) -> &UnknownNames {
        self.header.unknown()
    }

    fn ends_without_line_break(&self) -> bool {
        self.rows.ends_without_line_break()
    }
}
