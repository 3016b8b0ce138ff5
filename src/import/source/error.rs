//! The errors of reading a file.

mod display;

use std::io;

use thiserror::Error;

pub(in crate::import) use self::display::Grouped;
use self::display::{EncodingHint, Fields};

/// The first error in a file. The caller adds the name of the file.
///
/// Lines and bytes are counted from 1. Bytes are counted in the decompressed text.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The file doesn't exist, or the permission to read it is missing.
    #[error("can't be opened: {0}")]
    Open(#[source] io::Error),

    /// An I/O error.
    #[error("can't be read: {0}")]
    Read(#[source] io::Error),

    /// Truncated compressed data.
    #[error("the {compression} data ends too early: the file is truncated")]
    Truncated {
        /// The name of the compression.
        compression: &'static str,
    },

    /// Corrupt compressed data.
    #[error("the {compression} data is damaged: {reason}")]
    Corrupt {
        /// The name of the compression.
        compression: &'static str,
        /// The message of the decompressor.
        reason: String,
    },

    /// Compressed data with an excessive ratio.
    #[error(
        "the {compression} data expands to more than {ratio} times its size, which no list of \
         reviews does: {} bytes so far from {}", Grouped(*.decompressed), Grouped(*.read)
    )]
    DecompressionBomb {
        /// The name of the compression.
        compression: &'static str,
        /// The maximum ratio.
        ratio: u64,
        /// The number of bytes that were read from the file.
        read: u64,
        /// The number of decompressed bytes.
        decompressed: u64,
    },

    /// An unknown label of an encoding.
    #[error(
        "{0:?} is not an encoding; use a label of the WHATWG encoding standard, such as windows-1252"
    )]
    UnknownEncoding(String),

    /// A byte that is not valid UTF-8.
    #[error(
        "byte {} in line {line} is not UTF-8 (0x{byte:02X}){}", Grouped(*.offset), EncodingHint(*.hint)
    )]
    NotUtf8 {
        /// The position of the byte, counted from 1.
        offset: u64,
        /// The line of the byte.
        line: u64,
        /// The byte.
        byte: u8,
        /// A likely encoding of the file; `None` if its byte-order mark is that of UTF-8.
        hint: Option<&'static str>,
    },

    /// A byte that is not valid in the given encoding.
    #[error("byte {} in line {line} is not {encoding}", Grouped(*.offset))]
    InvalidByte {
        /// The position of the byte, counted from 1.
        offset: u64,
        /// The line of the byte.
        line: u64,
        /// The name of the encoding.
        encoding: &'static str,
    },

    /// A NUL, which is not allowed in text.
    #[error(
        "byte {} in line {line} is NUL, so this is not text{}", Grouped(*.offset), EncodingHint(*.hint)
    )]
    Nul {
        /// The position of the first byte of the NUL, counted from 1.
        offset: u64,
        /// The line of the byte.
        line: u64,
        /// A likely encoding of the file; `None` if nothing suggests one.
        hint: Option<&'static str>,
    },

    /// A line that exceeds the maximum length.
    #[error("line {line} is longer than {MAX_ROW_TEXT}")]
    LongLine {
        /// The line.
        line: u64,
    },

    /// A row that exceeds the maximum length.
    #[error(
        "the row that begins in line {line} is longer than {MAX_ROW_TEXT}; \
         it may have an unclosed quotation mark"
    )]
    LongRow {
        /// The line in which the row begins.
        line: u64,
    },

    /// A delimiter that isn't an ASCII character or has another meaning in CSV.
    #[error("{:?} can't be a delimiter; use another ASCII character", char::from(*.0))]
    InvalidDelimiter(u8),

    /// A file that is empty, or has only a byte-order mark.
    #[error("the file is empty")]
    Empty,

    /// A first row without the name of a column.
    #[error("line {line} is blank, but the header must be there")]
    BlankHeader {
        /// The line of the header.
        line: u64,
    },

    /// A row whose number of fields differs from the header's.
    #[error("line {line} has {}, the header has {expected}", Fields(*.found))]
    FieldCount {
        /// The line in which the row begins.
        line: u64,
        /// The number of fields of the row.
        found: usize,
        /// The number of fields of the header.
        expected: usize,
    },

    /// A quoted field without a closing quotation mark.
    #[error("the file ends inside a quoted field that began in the row of line {line}")]
    UnclosedQuote {
        /// The line in which the row begins.
        line: u64,
    },
}

/// The maximum length of a row, as error messages state it.
const MAX_ROW_TEXT: &str = "1 MiB";

impl SourceError {
    /// Returns the line of the error; `None` if the error is about the file as a whole.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        match *self {
            Self::NotUtf8 { line, .. }
            | Self::InvalidByte { line, .. }
            | Self::Nul { line, .. }
            | Self::LongLine { line }
            | Self::LongRow { line }
            | Self::BlankHeader { line }
            | Self::FieldCount { line, .. }
            | Self::UnclosedQuote { line } => Some(line),
            _ => None,
        }
    }
}

/// Unwraps a [`SourceError`] that passed through a reader; wraps any other I/O error in
/// [`SourceError::Read`].
impl From<io::Error> for SourceError {
    fn from(error: io::Error) -> Self {
        error.downcast().unwrap_or_else(Self::Read)
    }
}

/// Wraps the error, so that it can pass through a reader.
impl From<SourceError> for io::Error {
    fn from(error: SourceError) -> Self {
        Self::other(error)
    }
}

#[cfg(test)]
mod tests;
