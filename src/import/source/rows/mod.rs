//! Takes text apart into rows.

mod csv;
mod fields;
mod lines;
mod records;

pub use self::{
    csv::{CsvRows, Row},
    lines::{Line, Lines},
};

use std::{io, str};

use super::{Bytes, SourceError, line_counter::LineCounter};

/// How many bytes a line or a row may have, without its end. The longest review in sight has a
/// hundredth of that; what is longer has lost its line breaks, or is no list of reviews.
const LONGEST_ROW: usize = 1024 * 1024;

/// The text of whole rows, which has been checked long before: the error never happens.
fn text(bytes: &[u8]) -> Result<&str, SourceError> {
    str::from_utf8(bytes).map_err(|error| SourceError::Read(io::Error::other(error)))
}
