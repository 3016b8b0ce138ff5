//! The catalogue format as CSV.

use super::{CatalogueParser, SeenColumns, read};
use crate::{
    catalogue::{Defaults, Header, UnknownNames},
    import::{
        rows::{FileError, Row, RowError, RowPosition, csv_line},
        source::{CsvRows, Source, SourceError},
    },
};

/// A CSV file with a header.
pub struct Csv {
    rows: CsvRows,
    header: Header,
}

impl Csv {
    /// Reads the header. `name` is the name of the file, for errors.
    pub(super) fn new(source: Source, delimiter: u8, name: &str) -> Result<Self, FileError> {
        let rows = source
            .csv_rows(delimiter)
            .map_err(|error| FileError::new(name, &error))?;
        let header = Header::read(rows.header().iter().map(String::as_str))
            .map_err(|error| FileError::new(name, &format!("line 1: {error}")))?;
        Ok(Self { rows, header })
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
