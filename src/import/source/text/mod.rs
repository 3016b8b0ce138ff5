//! Converts the text to UTF-8, or reports the position where that fails.

mod decoded;
mod encoding;
mod utf8;

pub use self::encoding::TextEncoding;

use std::io::{Cursor, Read};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::{ByteReader, SourceError, head::first_bytes, line_counter::LineCounter};

use self::{decoded::DecodingReader, utf8::Utf8Reader};

/// The length of the longest byte-order mark, in bytes.
const MAX_BOM_LENGTH: u64 = 3;

/// Returns a reader of the bytes as UTF-8 without NUL. `requested` is the given encoding.
///
/// A byte-order mark isn't part of the text. It takes precedence over the given encoding, as in the
/// encoding standard. With UTF-8 as the given encoding, a mark of UTF-16 is an error instead, and
/// the error has a hint.
pub(super) fn decode(
    mut bytes: ByteReader,
    requested: TextEncoding,
) -> Result<ByteReader, SourceError> {
    let mut head = first_bytes(&mut bytes, MAX_BOM_LENGTH)?;
    let bom_encoding = Encoding::for_bom(&head);
    let takes_precedence =
        |bom_encoding: &'static Encoding| bom_encoding == UTF_8 || requested.encoding() != UTF_8;
    let (encoding, mark_length) = bom_encoding
        .filter(|(encoding, _)| takes_precedence(encoding))
        .unwrap_or((requested.encoding(), 0));
    let text = Cursor::new(head.split_off(mark_length)).chain(bytes);
    let start = TextPosition::after(mark_length);
    if encoding == UTF_8 {
        let hint = hint(bom_encoding.map(|(encoding, _)| encoding));
        Ok(Box::new(Utf8Reader::new(text, start, hint)))
    } else {
        Ok(Box::new(DecodingReader::new(text, start, encoding)))
    }
}

/// Returns the label of the likely encoding of a file that isn't UTF-8.
fn hint(bom_encoding: Option<&'static Encoding>) -> Option<&'static str> {
    match bom_encoding {
        None => Some("windows-1252"),
        Some(encoding) if encoding == UTF_16LE => Some("utf-16le"),
        Some(encoding) if encoding == UTF_16BE => Some("utf-16be"),
        Some(_) => None,
    }
}

/// A position in the text.
#[derive(Debug)]
struct TextPosition {
    /// The number of bytes before it, in the encoding of the file.
    offset: u64,
    lines: LineCounter,
}

impl TextPosition {
    /// Creates the position after a byte-order mark of `mark_length` bytes.
    fn after(mark_length: usize) -> Self {
        let mut position = Self {
            offset: 0,
            lines: LineCounter::new(),
        };
        position.advance(mark_length);
        position
    }

    /// Advances by bytes, without counting lines.
    fn advance(&mut self, length: usize) {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        self.offset = self.offset.saturating_add(length);
    }

    /// Advances by text of a file in UTF-8, and counts its lines.
    fn advance_text(&mut self, text: &[u8]) {
        self.advance(text.len());
        self.lines.advance(text);
    }

    /// Returns the number of the next byte, counted from 1.
    fn next_byte(&self) -> u64 {
        self.offset.saturating_add(1)
    }
}
