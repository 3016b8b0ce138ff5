//! Why a file could not be read, or not be read on.

use std::{fmt, io};

use thiserror::Error;

/// The first thing in a file that is not as it must be. The file's name is the caller's to add.
///
/// Lines and bytes are counted from 1, bytes in the text as it is without its compression.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The file isn't there, or may not be read.
    #[error("can't be opened: {0}")]
    Open(#[source] io::Error),

    /// The file can't be read on.
    #[error("can't be read: {0}")]
    Read(#[source] io::Error),

    /// Compressed data whose end is missing.
    #[error("the {compression} data ends too early, the file has been cut short")]
    CutShort {
        /// The compression, as people call it.
        compression: &'static str,
    },

    /// Compressed data that can't be undone.
    #[error("the {compression} data is damaged: {reason}")]
    Damaged {
        /// The compression, as people call it.
        compression: &'static str,
        /// What the decompressor says of it.
        reason: String,
    },

    /// Compressed data that grows beyond all proportion.
    #[error(
        "the {compression} data grows to more than {ratio} times its size, as no list of reviews \
         does: {} bytes so far from {}", Grouped(*.grown), Grouped(*.read)
    )]
    Bomb {
        /// The compression, as people call it.
        compression: &'static str,
        /// How many times its size data may grow to.
        ratio: u64,
        /// How many bytes had been read from the file.
        read: u64,
        /// How many bytes they had become.
        grown: u64,
    },

    /// A label of an encoding that the encoding standard does not have.
    #[error(
        "{0:?} is no encoding; say a label of the WHATWG encoding standard, such as windows-1252"
    )]
    UnknownEncoding(String),

    /// A byte that begins nothing that is UTF-8.
    #[error(
        "byte {} in line {line} is not UTF-8 (0x{byte:02X}){}", Grouped(*.offset), Hint(*.hint)
    )]
    NotUtf8 {
        /// The place of the byte.
        offset: u64,
        /// Its line.
        line: u64,
        /// The byte.
        byte: u8,
        /// The encoding that the file may be in instead; `None` if its byte-order mark says UTF-8.
        hint: Option<&'static str>,
    },

    /// A byte that begins nothing of the encoding that was named.
    #[error("byte {} in line {line} is not {encoding}", Grouped(*.offset))]
    NotEncoded {
        /// The place of the byte.
        offset: u64,
        /// Its line.
        line: u64,
        /// The name of the encoding.
        encoding: &'static str,
    },

    /// A NUL, which no text has.
    #[error(
        "byte {} in line {line} is NUL, so this is no text{}", Grouped(*.offset), Hint(*.hint)
    )]
    Nul {
        /// The place of the byte, or of the first one of the character.
        offset: u64,
        /// Its line.
        line: u64,
        /// The encoding that the file may be in instead; `None` if nothing suggests one.
        hint: Option<&'static str>,
    },

    /// A line without an end in sight.
    #[error("line {line} is longer than {LONGEST_ROW_IN_WORDS}")]
    LongLine {
        /// The line.
        line: u64,
    },

    /// A row without an end in sight.
    #[error(
        "the row that begins in line {line} is longer than {LONGEST_ROW_IN_WORDS}; \
         it may have a quotation mark that is never closed"
    )]
    LongRow {
        /// The line in which the row begins.
        line: u64,
    },

    /// A delimiter that would be taken for something else.
    #[error("{:?} can't part the fields of a row", char::from(*.0))]
    Delimiter(u8),

    /// Not a single byte, or nothing but a byte-order mark.
    #[error("the file is empty")]
    Empty,

    /// A first row that names no column.
    #[error("line {line} is blank where the header must be")]
    BlankHeader {
        /// The line of the header.
        line: u64,
    },

    /// A row with another number of fields than the header.
    #[error("line {line} has {}, the header has {expected}", Fields(*.found))]
    FieldCount {
        /// The line in which the row begins.
        line: u64,
        /// The fields of the row.
        found: usize,
        /// The fields of the header.
        expected: usize,
    },

    /// A quoted field that takes in all the rest of the file.
    #[error("the file ends inside a quoted field that began in the row of line {line}")]
    UnclosedQuote {
        /// The line in which the row begins.
        line: u64,
    },
}

/// How long a row may be, as errors say it.
const LONGEST_ROW_IN_WORDS: &str = "1 MiB";

impl SourceError {
    /// The line that the error is about; `None` if it is about the file as a whole.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        match *self {
            Self::NotUtf8 { line, .. }
            | Self::NotEncoded { line, .. }
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

/// Takes an error out of the one that it travelled in.
impl From<io::Error> for SourceError {
    fn from(error: io::Error) -> Self {
        error.downcast().unwrap_or_else(Self::Read)
    }
}

/// Wraps an error up so that it can travel through what reads.
impl From<SourceError> for io::Error {
    fn from(error: SourceError) -> Self {
        Self::other(error)
    }
}

/// A number with commas between its thousands.
struct Grouped(u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, group) = (self.0 / 1000, self.0 % 1000);
        if before == 0 {
            write!(f, "{group}")
        } else {
            write!(f, "{},{group:03}", Self(before))
        }
    }
}

/// The encoding to say instead, if there is one.
struct Hint(Option<&'static str>);

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(label) => write!(f, "; say --encoding {label} if that is what it is"),
            None => Ok(()),
        }
    }
}

/// A number of fields, in words.
struct Fields(usize);

impl fmt::Display for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("1 field"),
            many => write!(f, "{many} fields"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        for (number, written) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_007, "1,234,007"),
            (u64::MAX, "18,446,744,073,709,551,615"),
        ] {
            assert_eq!(Grouped(number).to_string(), written);
        }
    }

    #[test]
    fn an_error_comes_out_of_its_wrapping_as_itself() {
        let error = SourceError::from(io::Error::from(SourceError::Empty));
        assert!(matches!(error, SourceError::Empty));
        let error = SourceError::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(matches!(error, SourceError::Read(_)));
        assert_eq!(error.line(), None);
    }
}
