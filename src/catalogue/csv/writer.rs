//! Writes CSV.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use csv::{Terminator, Writer, WriterBuilder};

use crate::catalogue::{Cell, Column, cell::list, cells, record::Record};

/// Writes records as CSV, under a header of all columns. Lines end with LF.
///
/// Fields that begin with `=`, `+`, `-` or `@` are written unchanged, although a spreadsheet may read them as
/// formulas. A prefix would become part of the value on import, so titles such as `+1` would not survive an export and
/// an import. To open the file in a spreadsheet, import its columns as text.
#[derive(Debug)]
pub struct CsvWriter<W: Write> {
    // `Writer` is buffered.
    rows: Writer<W>,
}

impl<W: Write> CsvWriter<W> {
    /// Creates a writer and writes the header.
    ///
    /// # Errors
    /// Returns an error if writing to `out` fails.
    pub fn new(out: W) -> io::Result<Self> {
        let mut rows = WriterBuilder::new()
            .terminator(Terminator::Any(b'\n'))
            .from_writer(out);
        rows.write_record(Column::written().map(Column::name))?;
        Ok(Self { rows })
    }

    /// Writes a record.
    ///
    /// # Errors
    /// Returns an error if writing to the output fails, or [`io::ErrorKind::InvalidInput`] if the record is
    /// [unwritable](crate::catalogue::UnwritableRecord). An unwritable record leaves the output unchanged.
    pub fn write(&mut self, record: &Record) -> io::Result<()> {
        let cells =
            cells(record).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        for column in Column::written() {
            match cells.get(column) {
                Cell::Text(text) => self.rows.write_field(text.as_bytes())?,
                cell => self.rows.write_field(field(cell)?.as_bytes())?,
            }
        }
        self.rows.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// Flushes the file and returns the output.
    ///
    /// # Errors
    /// Returns an error if writing to the output fails.
    pub fn finish(self) -> io::Result<W> {
        self.rows
            .into_inner()
            .map_err(csv::IntoInnerError::into_error)
    }
}

/// Returns a value as the string of a field.
fn field<'c>(cell: &'c Cell<'_>) -> io::Result<Cow<'c, str>> {
    Ok(match cell {
        Cell::Blank | Cell::Invalid(_) => "".into(),
        Cell::Text(text) => text.as_ref().into(),
        Cell::Number(number) => number.to_string().into(),
        Cell::Flag(true) => "true".into(),
        Cell::Flag(false) => "false".into(),
        Cell::List(items) => list::joined(items)?.into(),
    })
}
