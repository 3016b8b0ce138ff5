//! Makes UTF-8 of the text, or finds the place where that can't be done.

mod decoded;
mod encoding;
mod utf8;

pub use self::encoding::TextEncoding;

use std::io::{Cursor, Read};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::{Bytes, SourceError, head::first_bytes, line_counter::LineCounter};

use self::{decoded::Decoded, utf8::Checked};

/// How many bytes the longest byte-order mark has.
const LONGEST_MARK: u64 = 3;

/// Reads nothing but UTF-8 without NUL from bytes that are said to be in some encoding.
///
/// A byte-order mark is no part of the text. It is believed rather than the encoding that was
/// named, as the encoding standard has it. Where none but UTF-8 was named, the mark of UTF-16 is
/// only hinted at: it is the first byte that is not UTF-8.
pub(super) fn decode(mut bytes: Bytes, named: TextEncoding) -> Result<Bytes, SourceError> {
    let mut head = first_bytes(&mut bytes, LONGEST_MARK)?;
    let marked = Encoding::for_bom(&head);
    let is_believed = |marked: &'static Encoding| marked == UTF_8 || named.encoding() != UTF_8;
    let (encoding, mark_length) = marked
        .filter(|(encoding, _)| is_believed(encoding))
        .unwrap_or((named.encoding(), 0));
    let text = Cursor::new(head.split_off(mark_length)).chain(bytes);
    let start = Place::after(mark_length);
    if encoding == UTF_8 {
        let hint = hint(marked.map(|(encoding, _)| encoding));
        Ok(Box::new(Checked::new(text, start, hint)))
    } else {
        Ok(Box::new(Decoded::new(text, start, encoding)))
    }
}

/// The label of the encoding that a file is likely to be in if it isn't UTF-8.
fn hint(marked: Option<&'static Encoding>) -> Option<&'static str> {
    match marked {
        None => Some("windows-1252"),
        Some(encoding) if encoding == UTF_16LE => Some("utf-16le"),
        Some(encoding) if encoding == UTF_16BE => Some("utf-16be"),
        Some(_) => None,
    }
}

/// How far the text has been read.
#[derive(Debug)]
struct Place {
    /// How many bytes of the file come before, in its own encoding.
    offset: u64,
    lines: LineCounter,
}

impl Place {
    /// The place after a byte-order mark of so many bytes.
    fn after(mark_length: usize) -> Self {
        let mut place = Self {
            offset: 0,
            lines: LineCounter::new(),
        };
        place.advance(mark_length);
        place
    }

    /// Takes note of bytes that have been read.
    fn advance(&mut self, length: usize) {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        self.offset = self.offset.saturating_add(length);
    }

    /// Takes note of text that has been read and was in UTF-8 before, too.
    fn pass(&mut self, text: &[u8]) {
        self.advance(text.len());
        self.lines.pass(text);
    }

    /// The number of the next byte, counted from 1.
    fn byte(&self) -> u64 {
        self.offset.saturating_add(1)
    }
}
