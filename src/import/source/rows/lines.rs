//! A reader of lines, for example of JSON Lines.

use std::{
    io::{BufRead, BufReader},
    mem,
};

use memchr::memchr2;

use super::{ByteReader, MAX_ROW_BYTES, SourceError, text};

/// A line that is not blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// The number of the line, counted from 1, blank lines included.
    pub number: u64,
    /// The line without its line break.
    pub text: &'a str,
}

/// A reader of lines. It skips blank ones.
pub struct Lines {
    text: BufReader<ByteReader>,
    /// The number of the current line, which was read last.
    number: u64,
    /// The current line, if it spans several fills of the reader's buffer; otherwise empty.
    buffered: Vec<u8>,
    /// The length of the current line, in bytes.
    length: usize,
    /// The number of bytes of the current line in the reader's buffer, with its line break; they
    /// are not consumed yet.
    unconsumed: usize,
    /// Whether the current line ended with a CR. A following LF belongs to it.
    after_cr: bool,
    ends_without_line_break: bool,
    is_finished: bool,
}

impl Lines {
    pub(in super::super) fn new(text: BufReader<ByteReader>) -> Self {
        Self {
            text,
            number: 0,
            buffered: Vec::new(),
            length: 0,
            unconsumed: 0,
            after_cr: false,
            ends_without_line_break: false,
            is_finished: false,
        }
    }

    /// Returns the next line that is not blank; `None` after the last one, and after an error.
    ///
    /// # Errors
    ///
    /// Returns an error if the text can't be read any further, or if the line is longer than 1 MiB.
    pub fn next_line(&mut self) -> Result<Option<Line<'_>>, SourceError> {
        if mem::replace(&mut self.is_finished, true) {
            return Ok(None);
        }
        while self.advance()? {
            if !self.bytes().trim_ascii().is_empty() {
                self.is_finished = false;
                return Ok(Some(Line {
                    number: self.number,
                    text: text(self.bytes())?,
                }));
            }
        }
        Ok(None)
    }

    /// Returns whether the last line was read and has no line break at its end, so that the file
    /// may be truncated.
    #[must_use]
    pub fn ends_without_line_break(&self) -> bool {
        self.ends_without_line_break
    }

    /// Returns the current line.
    fn bytes(&self) -> &[u8] {
        if self.buffered.is_empty() {
            let buffer = self.text.buffer();
            buffer.get(..self.length).unwrap_or_default()
        } else {
            &self.buffered
        }
    }

    /// Reads a line, blank or not. Returns whether there was one.
    fn advance(&mut self) -> Result<bool, SourceError> {
        self.text.consume(mem::take(&mut self.unconsumed));
        self.buffered.clear();
        self.skip_rest_of_crlf()?;
        self.number += 1;
        loop {
            let buffer = self.text.fill_buf()?;
            if buffer.is_empty() {
                return Ok(self.end());
            }
            let line_break = memchr2(b'\r', b'\n', buffer);
            let (piece, remainder) = buffer.split_at(line_break.unwrap_or(buffer.len()));
            self.length = self.buffered.len() + piece.len();
            if self.length > MAX_ROW_BYTES {
                return Err(SourceError::LongLine { line: self.number });
            }
            self.after_cr = remainder.first() == Some(&b'\r');
            let consumed = piece.len() + usize::from(line_break.is_some());
            if line_break.is_some() && self.buffered.is_empty() {
                self.unconsumed = consumed;
                return Ok(true);
            }
            self.buffered.extend_from_slice(piece);
            self.text.consume(consumed);
            if line_break.is_some() {
                return Ok(true);
            }
        }
    }

    fn skip_rest_of_crlf(&mut self) -> Result<(), SourceError> {
        if mem::take(&mut self.after_cr) && self.text.fill_buf()?.first() == Some(&b'\n') {
            self.text.consume(1);
        }
        Ok(())
    }

    /// Ends the last line at the end of the text. Returns whether it is not blank.
    fn end(&mut self) -> bool {
        let is_line = !self.buffered.trim_ascii().is_empty();
        self.ends_without_line_break |= is_line;
        is_line
    }
}
