//! Writes JSON Lines.

use std::io::{self, BufWriter, Write};

use serde::Serialize;

use crate::{
    catalogue::{
        Cell, Cells, Column, RowKind, cells, published_score::AUDIENCE_NAMES, record::Record,
    },
    published_score::Audience,
};

/// Writes records as JSON Lines. Empty fields are omitted, and so are defaults: the kind `review`, `false` for
/// `top_critic`, and `critics` for `audience`.
#[derive(Debug)]
pub struct JsonWriter<W: Write> {
    out: BufWriter<W>,
    /// The line that is being written. The buffer is reused.
    line: Vec<u8>,
}

impl<W: Write> JsonWriter<W> {
    /// Creates a writer.
    #[must_use]
    pub fn new(out: W) -> Self {
        Self {
            out: BufWriter::new(out),
            line: Vec::new(),
        }
    }

    /// Writes a record.
    ///
    /// # Errors
    /// Returns an error if writing to the output fails, or [`io::ErrorKind::InvalidInput`] if the record is
    /// [unwritable](crate::catalogue::UnwritableRecord). An unwritable record leaves the output unchanged.
    pub fn write(&mut self, record: &Record) -> io::Result<()> {
        let cells =
            cells(record).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        self.line.clear();
        write_object(&mut self.line, &cells)?;
        self.out.write_all(&self.line)
    }

    /// Flushes the file and returns the output.
    ///
    /// # Errors
    /// Returns an error if writing to the output fails.
    pub fn finish(self) -> io::Result<W> {
        self.out
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
    }
}

fn write_object(line: &mut Vec<u8>, cells: &Cells<'_>) -> io::Result<()> {
    let start = line.len();
    for column in cells.filled().iter() {
        let cell = cells.get(column);
        if is_default(column, cell) {
            continue;
        }
        line.push(if line.len() == start { b'{' } else { b',' });
        line.push(b'"');
        line.extend_from_slice(column.name().as_bytes());
        line.extend_from_slice(b"\":");
        write_value(line, cell)?;
    }
    if line.len() == start {
        line.push(b'{');
    }
    line.extend_from_slice(b"}\n");
    Ok(())
}

/// Returns whether the value is the column's default.
fn is_default(column: Column, cell: &Cell<'_>) -> bool {
    match (column, cell) {
        (Column::Kind, Cell::Text(kind)) => kind == RowKind::Review.name(),
        (Column::TopCritic, Cell::Flag(is_top)) => !is_top,
        (Column::Audience, Cell::Text(audience)) => {
            audience == (AUDIENCE_NAMES.name)(Audience::default())
        }
        _ => false,
    }
}

fn write_value(line: &mut Vec<u8>, cell: &Cell<'_>) -> io::Result<()> {
    match cell {
        Cell::Blank | Cell::Invalid(_) => write_json(line, &()),
        Cell::Text(text) => write_json(line, text),
        Cell::Number(number) => write!(line, "{number}"),
        Cell::Flag(flag) => write_json(line, flag),
        Cell::List(items) => write_json(line, items),
    }
}

fn write_json(line: &mut Vec<u8>, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(line, value).map_err(io::Error::from)
}
