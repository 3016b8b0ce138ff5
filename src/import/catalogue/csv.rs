//! The catalogue format as CSV.

use super::{Form, Seen, read};
use crate::{
    catalogue::{Defaults, Header, UnknownNames},
    import::{
        rows::{Flaw, Place, Row, Unreadable, csv_text},
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
    pub(super) fn new(source: Source, delimiter: u8, name: &str) -> Result<Self, Unreadable> {
        let rows = source
            .csv_rows(delimiter)
            .map_err(|error| Unreadable::new(name, &error))?;
        let header = Header::read(rows.header().iter().map(String::as_str))
            .map_err(|error| Unreadable::new(name, &format!("line 1: {error}")))?;
        Ok(Self { rows, header })
    }
}

impl Form for Csv {
    fn next(&mut self, defaults: &Defaults) -> Result<Option<Row>, SourceError> {
        loop {
            let row = match self.rows.next_row() {
                Ok(Some(row)) => row,
                Ok(None) => return Ok(None),
                Err(error) => {
                    let (line, flaw) = Flaw::of_row(error)?;
                    return Ok(Some(Row {
                        place: Place::new(0, line),
                        content: Err(flaw.into()),
                    }));
                }
            };
            let cells = self.header.cells(row.fields());
            // Spreadsheets write emptied rows as lines of commas.
            if !cells.filled().is_empty() {
                let text = || csv_text(row.fields());
                return Ok(Some(read(row.line(), &cells, defaults, text)));
            }
        }
    }

    fn seen(&self) -> Seen {
        Seen::in_every_row(self.header.columns())
    }

    fn unknown(&self) -> &UnknownNames {
        self.header.unknown()
    }

    fn ends_without_line_break(&self) -> bool {
        self.rows.ends_without_line_break()
    }
}
