//! A reader of CSV with a header.

use std::{io::BufReader, mem};

use super::{ByteReader, SourceError, records::Records};

/// A row with as many fields as the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    line: u64,
    text: &'a str,
    ends: &'a [usize],
}

impl<'a> Row<'a> {
    /// Returns the line in which the row begins, counted from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Returns the field of the column with that index, counted from 0; `None` beyond the last.
    #[must_use]
    pub fn field(&self, index: usize) -> Option<&'a str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).and_then(|index| self.ends.get(index));
        self.text.get(start.copied().unwrap_or(0)..end)
    }

    /// Returns the text of the row, and the end of each field in it.
    pub(in crate::import) fn parts(self) -> (&'a str, &'a [usize]) {
        (self.text, self.ends)
    }

    /// Returns all fields, in the order of the header.
    #[must_use]
    pub fn fields(&self) -> impl ExactSizeIterator<Item = &'a str> + use<'a> {
        let row = *self;
        (0..row.ends.len()).map(move |index| row.field(index).unwrap_or_default())
    }
}

/// A reader of CSV records, the header among them, each with any number of fields. It skips blank lines.
pub struct CsvRecords {
    records: Records,
    line: u64,
}

impl CsvRecords {
    pub(in crate::import) fn new(
        text: BufReader<ByteReader>,
        delimiter: u8,
    ) -> Result<Self, SourceError> {
        check_delimiter(delimiter)?;
        Ok(Self {
            records: Records::new(text, delimiter),
            line: 0,
        })
    }

    /// Reads the next record. Returns the line in which it begins; `None` after the last one.
    ///
    /// # Errors
    ///
    /// Returns an error if the text can't be read any further, if the record is longer than 1 MiB, or if the file ends
    /// inside a quoted field.
    pub fn advance(&mut self) -> Result<Option<u64>, SourceError> {
        self.line = 0;
        let line = self.records.advance()?;
        self.line = line.unwrap_or_default();
        Ok(line)
    }

    /// Returns the number of fields of the record that was read last.
    #[must_use]
    pub fn field_count(&self) -> usize {
        self.records.fields.ends().len()
    }

    /// Returns the record that was read last.
    ///
    /// # Errors
    ///
    /// Returns an error if its text isn't UTF-8, which the source has ruled out.
    pub fn record(&self) -> Result<Row<'_>, SourceError> {
        Ok(Row {
            line: self.line,
            text: self.records.fields.text()?,
            ends: self.records.fields.ends(),
        })
    }
}

/// A byte that isn't ASCII would split characters.
fn check_delimiter(delimiter: u8) -> Result<(), SourceError> {
    if !delimiter.is_ascii() || matches!(delimiter, b'"' | b'\r' | b'\n' | 0) {
        return Err(SourceError::InvalidDelimiter(delimiter));
    }
    Ok(())
}

/// A reader of CSV rows. It skips blank lines.
pub struct CsvRows {
    records: Records,
    header: Vec<String>,
    is_finished: bool,
}

impl CsvRows {
    pub(in super::super) fn new(
        text: BufReader<ByteReader>,
        delimiter: u8,
    ) -> Result<Self, SourceError> {
        check_delimiter(delimiter)?;
        let mut records = Records::new(text, delimiter);
        let header = read_header(&mut records)?;
        Ok(Self {
            records,
            header,
            is_finished: false,
        })
    }

    /// Returns the names of the columns as in the file; at least one is not blank.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Returns the next row; `None` after the last one.
    ///
    /// # Errors
    ///
    /// Returns [`SourceError::FieldCount`] if the number of fields differs from the header's; the
    /// next call returns the row after it. Returns another error if the text can't be read any
    /// further, if the row is longer than 1 MiB, or if the file ends inside a quoted field; the
    /// next call returns `None`.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, SourceError> {
        if mem::replace(&mut self.is_finished, true) {
            return Ok(None);
        }
        let Some(line) = self.records.advance()? else {
            return Ok(None);
        };
        self.is_finished = false;
        let (count, expected) = (self.records.fields.ends().len(), self.header.len());
        if count != expected {
            return Err(SourceError::FieldCount {
                line,
                found: count,
                expected,
            });
        }
        Ok(Some(Row {
            line,
            text: self.records.fields.text()?,
            ends: self.records.fields.ends(),
        }))
    }

    /// Returns whether the last row was read and has no line break at its end, so that the file may
    /// be truncated.
    #[must_use]
    pub fn ends_without_line_break(&self) -> bool {
        self.records.ends_without_line_break
    }
}

/// Reads the header, which must be on the first line and not blank.
fn read_header(records: &mut Records) -> Result<Vec<String>, SourceError> {
    if records.is_at_end()? {
        return Err(SourceError::Empty);
    }
    let line = records.advance()?.filter(|line| *line == 1);
    let row = Row {
        line: 1,
        text: records.fields.text()?,
        ends: records.fields.ends(),
    };
    let is_blank = row.fields().all(|name| name.trim().is_empty());
    if line.is_none() || is_blank {
        return Err(SourceError::BlankHeader { line: 1 });
    }
    Ok(row.fields().map(str::to_owned).collect())
}
