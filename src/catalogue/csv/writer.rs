//! Writing CSV.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use csv::{Terminator, Writer, WriterBuilder};

use crate::catalogue::{Cell, Column, cell::list, cells, record::Record};

/// Writes records as CSV, under a header of all columns. Lines end with LF.
///
/// Fields that begin with `=`, `+`, `-` or `@` are written as they are, though a spreadsheet may take them for
/// formulas. The file is data for programs: whatever were put before such a field would come back as part of it, and
/// titles such as `+1` would not survive an export and an import. Who opens the file in a spreadsheet should import
/// its columns as text.
#[derive(Debug)]
pub struct CsvWriter<W: Write> {
    // It has a buffer of its own.
    rows: Writer<W>,
}

impl<W: Write> CsvWriter<W> {
    /// Begins a file with the header.
    ///
    /// # Errors
    /// Fails if `out` does.
    pub fn new(out: W) -> io::Result<Self> {
        let mut rows = WriterBuilder::new()
            .terminator(Terminator::Any(b'\n'))
            .from_writer(out);
        rows.write_record(Column::ALL.map(Column::name))?;
        Ok(Self { rows })
    }

    /// Writes a record.
    ///
    /// # Errors
    /// Fails if the output does, and with [`io::ErrorKind::InvalidInput`] if the record can't be
    /// [written](crate::catalogue::Unwritable), of which then nothing is written.
    pub fn write(&mut self, record: &Record) -> io::Result<()> {
        let cells =
            cells(record).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        for column in Column::ALL {
            match cells.get(column) {
                Cell::Text(text) => self.rows.write_field(text.as_bytes())?,
                cell => self.rows.write_field(field(cell)?.as_bytes())?,
            }
        }
        self.rows.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// Ends the file, and gives the output back with all of it.
    ///
    /// # Errors
    /// Fails if the output does.
    pub fn finish(self) -> io::Result<W> {
        self.rows
            .into_inner()
            .map_err(csv::IntoInnerError::into_error)
    }
}

/// A value as the text of a field.
fn field<'c>(cell: &'c Cell<'_>) -> io::Result<Cow<'c, str>> {
    Ok(match cell {
        Cell::Blank | Cell::Unfit(_) => "".into(),
        Cell::Text(text) => text.as_ref().into(),
        Cell::Number(number) => number.to_string().into(),
        Cell::Flag(true) => "true".into(),
        Cell::Flag(false) => "false".into(),
        Cell::List(items) => list::joined(items)?.into(),
    })
}
