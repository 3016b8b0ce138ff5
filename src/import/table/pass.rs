//! A pass over the rows of a table.

use std::mem;

use super::{fault::CellFault, spool::SpooledRows};
use crate::import::source::{CsvRecords, SourceError};

/// A pass over the rows of a table. Rows whose cells are all blank are skipped.
pub struct TableRows {
    rows: Rows,
    width: usize,
    is_finished: bool,
}

/// A reader of rows in one of their places.
#[expect(
    clippy::large_enum_variant,
    reason = "a table has one reader at a time"
)]
pub(super) enum Rows {
    Csv(CsvRecords),
    Spooled(SpooledRows),
}

impl TableRows {
    pub(super) fn new(rows: Rows, width: usize) -> Self {
        Self {
            rows,
            width,
            is_finished: false,
        }
    }

    /// Returns the next row; `None` after the last one.
    ///
    /// # Errors
    ///
    /// Returns [`SourceError::FieldCount`] if the number of fields of a CSV row differs from the header's; the next call
    /// returns the row after it. Returns another error if the file can't be read any further; the next call returns
    /// `None`.
    pub fn next_row(&mut self) -> Result<Option<TableRow<'_>>, SourceError> {
        if mem::replace(&mut self.is_finished, true) || !self.advance()? {
            return Ok(None);
        }
        self.is_finished = false;
        let width = self.width;
        let (line, text, ends, faults) = match &self.rows {
            Rows::Csv(records) => {
                let record = records.record()?;
                let (text, ends) = record.parts();
                if ends.len() != width {
                    return Err(SourceError::FieldCount {
                        line: record.line(),
                        found: ends.len(),
                        expected: width,
                    });
                }
                (record.line(), text, ends, &[][..])
            }
            Rows::Spooled(rows) => {
                let (text, ends) = rows.row()?;
                (rows.line(), text, ends, rows.faults())
            }
        };
        Ok(Some(TableRow {
            line,
            text,
            ends,
            faults,
            width,
        }))
    }

    /// Returns the fields of the row that [`Self::next_row`] has returned [`SourceError::FieldCount`] for.
    ///
    /// # Errors
    ///
    /// Returns an error if they are no text.
    pub fn uneven_fields(&self) -> Result<Vec<String>, SourceError> {
        match &self.rows {
            Rows::Csv(records) => Ok(records.record()?.fields().map(str::to_owned).collect()),
            // Their rows have any number of cells.
            Rows::Spooled(_) => Ok(Vec::new()),
        }
    }

    /// Reads the next row that is not blank. Returns whether there was one.
    fn advance(&mut self) -> Result<bool, SourceError> {
        match &mut self.rows {
            Rows::Spooled(rows) => rows.advance(),
            Rows::Csv(records) => {
                while records.advance()?.is_some() {
                    let (text, _) = records.record()?.parts();
                    if !text.trim().is_empty() {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }
}

/// A row of a table.
#[derive(Clone, Copy, Debug)]
pub struct TableRow<'r> {
    /// The line in which the row begins, or the number of the row in a sheet, counted from 1.
    pub line: u64,
    text: &'r str,
    /// The end of each cell in the text.
    ends: &'r [usize],
    /// The indexes of the cells without a value.
    faults: &'r [usize],
    width: usize,
}

impl<'r> TableRow<'r> {
    /// Returns as many cells as the header has. A cell that the row lacks is `""`.
    #[must_use]
    pub fn cells(&self) -> impl ExactSizeIterator<Item = &'r str> + use<'r> {
        let row = *self;
        let mut start = 0;
        (0..row.width).map(move |index| {
            let end = row.ends.get(index).copied().unwrap_or(start);
            let cell = row.text.get(start..end).unwrap_or_default();
            start = end;
            cell
        })
    }

    /// Returns the cells without a value, whose text says what is wrong. Only sheets have them.
    pub fn faults(&self) -> impl Iterator<Item = CellFault<'r>> + use<'r> {
        let row = *self;
        let end = move |index: usize| row.ends.get(index).copied();
        row.faults.iter().map(move |column| {
            let start = column.checked_sub(1).map_or(Some(0), end);
            let cell = start.zip(end(*column));
            let text = cell.and_then(|(start, end)| row.text.get(start..end));
            CellFault::new(row.line, *column, text.unwrap_or_default())
        })
    }
}
