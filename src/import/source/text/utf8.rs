//! A reader that validates UTF-8.

use std::{
    io::{self, Read},
    str,
};

use memchr::memchr;

use super::{SourceError, TextPosition};

/// A reader that returns bytes up to the first NUL or invalid byte.
///
/// It may return the first bytes of a character before it has validated the others. A caller that
/// reads to the end of a line or of the text gets complete characters.
pub(super) struct Utf8Reader<R> {
    inner: R,
    /// The position before `incomplete`.
    position: TextPosition,
    /// The first bytes of a character whose other bytes are not read yet; at most 3.
    incomplete: Vec<u8>,
    hint: Option<&'static str>,
    /// The error after the bytes that are already returned.
    failure: Option<SourceError>,
}

impl<R: Read> Utf8Reader<R> {
    /// Creates a reader that validates from a position on. `hint` is a likely encoding if the text
    /// isn't UTF-8.
    pub fn new(inner: R, position: TextPosition, hint: Option<&'static str>) -> Self {
        Self {
            inner,
            position,
            incomplete: Vec::new(),
            hint,
            failure: None,
        }
    }

    /// Returns the number of valid bytes. Sets `failure` if not all are valid.
    fn check(&mut self, bytes: &[u8]) -> usize {
        let completed = self.complete(bytes);
        if self.failure.is_some() {
            return 0;
        }
        let (_, remainder) = bytes.split_at(completed);
        let (valid, remainder, is_invalid) = match str::from_utf8(remainder) {
            Ok(_) => (remainder, &[][..], false),
            Err(error) => {
                let (valid, remainder) = remainder.split_at(error.valid_up_to());
                (valid, remainder, error.error_len().is_some())
            }
        };
        let valid_length = self.advance_valid(valid);
        if self.failure.is_some() {
            return completed + valid_length;
        }
        match remainder {
            [byte, ..] if is_invalid => {
                self.failure = Some(self.not_utf8(*byte));
                completed + valid_length
            }
            _ => {
                self.incomplete.extend_from_slice(remainder);
                bytes.len()
            }
        }
    }

    /// Completes the incomplete character, and returns the number of bytes that it takes.
    fn complete(&mut self, bytes: &[u8]) -> usize {
        let mut length = 0;
        while let (Some(first), Some(next)) = (self.incomplete.first().copied(), bytes.get(length))
        {
            self.incomplete.push(*next);
            length += 1;
            match str::from_utf8(&self.incomplete) {
                Ok(_) => {
                    // A NUL has one byte, so a completed character can't be NUL.
                    self.position.advance_text(&self.incomplete);
                    self.incomplete.clear();
                }
                Err(error) if error.error_len().is_some() => {
                    self.failure = Some(self.not_utf8(first));
                    break;
                }
                Err(_) => {}
            }
        }
        length
    }

    /// Advances the position by complete characters up to the first NUL, and returns their number
    /// of bytes.
    fn advance_valid(&mut self, bytes: &[u8]) -> usize {
        let nul = memchr(0, bytes);
        let (text, _) = bytes.split_at(nul.unwrap_or(bytes.len()));
        self.position.advance_text(text);
        self.failure = nul.map(|_| self.nul());
        text.len()
    }

    fn not_utf8(&self, byte: u8) -> SourceError {
        SourceError::NotUtf8 {
            offset: self.position.next_byte(),
            line: self.position.lines.line(),
            byte,
            hint: self.hint,
        }
    }

    /// Creates the error of a NUL. Most text in UTF-16 starts with an ASCII character, one of whose
    /// bytes is NUL, so the position suggests the encoding.
    fn nul(&self) -> SourceError {
        let offset = self.position.next_byte();
        SourceError::Nul {
            offset,
            line: self.position.lines.line(),
            hint: match offset {
                1 => Some("utf-16be"),
                2 => Some("utf-16le"),
                _ => None,
            },
        }
    }
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let mut length = 0;
        if self.failure.is_none() {
            let read = self.inner.read(buffer)?;
            let (bytes, _) = buffer.split_at(read);
            length = self.check(bytes);
            if let (0, Some(byte)) = (read, self.incomplete.first()) {
                self.failure = Some(self.not_utf8(*byte));
            }
        }
        match self.failure.take_if(|_| length == 0) {
            Some(error) => Err(error.into()),
            None => Ok(length),
        }
    }
}
