//! Splits text into rows.

mod csv;
mod fields;
mod lines;
mod records;

pub use self::{
    csv::{CsvRecords, CsvRows, Row},
    lines::{Line, Lines},
};

use std::{io, str};

use super::{ByteReader, SourceError, line_counter::LineCounter};

/// The maximum number of bytes of a line or a row, without its line break. The longest known review
/// has a hundredth of that. A longer row has lost its line breaks, or the file isn't a list of
/// reviews.
pub(in crate::import) const MAX_ROW_BYTES: usize = 1024 * 1024;

/// Converts the text of complete rows. It is already validated, so the error never happens.
fn text(bytes: &[u8]) -> Result<&str, SourceError> {
    str::from_utf8(bytes).map_err(|error| SourceError::Read(io::Error::other(error)))
}
