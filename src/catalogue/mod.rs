//! Marquee's own file format: a catalogue as CSV or as JSON Lines, one row a record.
//!
//! A row goes through these stages, whichever of the two forms the file has:
//!
//! 1. [`Header`] (CSV) and [`JsonReader`] find each value's [`Column`] and put it into [`Cells`];
//! 2. [`read()`] turns the cells into a [`Record`](record::Record), or returns every [`ColumnError`] of the row at once;
//! 3. [`cells()`] turns a record back into cells, for [`CsvWriter`] and [`JsonWriter`].
//!
//! A written record reads back as the same record. Only the two writers do I/O: they write to the output that the
//! caller passes.

pub mod record;

mod cell;
mod cells;
mod column;
mod column_error;
mod columns;
mod csv;
mod json;
mod kind;
mod names;
mod published_score;
mod read;
mod row;
mod score;
mod translated;
mod warning;
mod write;

#[cfg(test)]
mod arbitrary;
#[cfg(test)]
mod tests;

pub use self::{
    cell::{
        AmbiguousDate, Byline, Cell, DateColumn, DateOrder, InvalidValue, Number, byline_names,
        html_to_text, is_no_value, is_uncredited, published_value, read_date, separated,
        title_with_year,
    },
    cells::Cells,
    column::Column,
    column_error::ColumnError,
    columns::Columns,
    csv::{CsvWriter, Header, HeaderError, InvalidHeader},
    json::{InvalidLine, JsonReader, JsonWriter},
    kind::RowKind,
    names::UnknownNames,
    read::{Defaults, ReadingOptions, read},
    translated::translated_column,
    warning::{Warning, Warnings},
    write::{UnwritableRecord, cells},
};
