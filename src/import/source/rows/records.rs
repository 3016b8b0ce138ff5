//! A reader of CSV records with any number of fields.

use std::io::{BufRead, BufReader};

use super::{ByteReader, LineCounter, MAX_ROW_BYTES, SourceError, fields::Fields};

/// A reader of CSV records. It skips blank lines.
pub(super) struct Records {
    text: BufReader<ByteReader>,
    /// The current record, which was read last.
    pub fields: Fields,
    lines: LineCounter,
    pub ends_without_line_break: bool,
}

impl Records {
    pub fn new(text: BufReader<ByteReader>, delimiter: u8) -> Self {
        Self {
            text,
            fields: Fields::new(delimiter),
            lines: LineCounter::new(),
            ends_without_line_break: false,
        }
    }

    /// Returns whether the text is at its end.
    pub fn is_at_end(&mut self) -> Result<bool, SourceError> {
        Ok(self.text.fill_buf()?.is_empty())
    }

    /// Reads a record. Returns the line in which it begins; `None` after the last one.
    pub fn advance(&mut self) -> Result<Option<u64>, SourceError> {
        self.fields.clear();
        self.skip_line_breaks()?;
        let line = self.lines.line();
        let mut length = 0;
        loop {
            let buffer = self.text.fill_buf()?;
            if buffer.is_empty() {
                return self.end(line, length);
            }
            // The limit has one byte more for the line break.
            let length_limit = buffer.len().min(MAX_ROW_BYTES + 1 - length);
            let (piece, _) = buffer.split_at(length_limit);
            let (parsed, is_complete) = self.fields.feed(piece);
            let (piece, _) = piece.split_at(parsed);
            self.lines.advance(piece);
            self.text.consume(parsed);
            length += parsed;
            if is_complete {
                return Ok(Some(line));
            }
            if length > MAX_ROW_BYTES {
                return Err(SourceError::LongRow { line });
            }
        }
    }

    /// Skips blank lines, and the LF of a CRLF whose CR ended the record before.
    fn skip_line_breaks(&mut self) -> Result<(), SourceError> {
        loop {
            let buffer = self.text.fill_buf()?;
            let is_not_line_break = |byte: &u8| !matches!(byte, b'\r' | b'\n');
            let first_text = buffer.iter().position(is_not_line_break);
            let (breaks, _) = buffer.split_at(first_text.unwrap_or(buffer.len()));
            let (length, is_done) = (breaks.len(), first_text.is_some() || buffer.is_empty());
            self.lines.advance(breaks);
            self.text.consume(length);
            if is_done {
                return Ok(());
            }
        }
    }

    /// Ends a record of `length` bytes at the end of the text, by a line break. If that doesn't end
    /// it, the line break is inside a quoted field.
    fn end(&mut self, line: u64, length: usize) -> Result<Option<u64>, SourceError> {
        if length == 0 {
            return Ok(None);
        }
        let (_, is_complete) = self.fields.feed(b"\n");
        if !is_complete {
            return Err(SourceError::UnclosedQuote { line });
        }
        self.ends_without_line_break = true;
        Ok(Some(line))
    }
}
