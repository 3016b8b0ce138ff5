//! Checks text that is said to be UTF-8.

use std::{
    io::{self, Read},
    str,
};

use memchr::memchr;

use super::{Place, SourceError};

/// Hands bytes on while they are UTF-8 without NUL.
///
/// The first bytes of a character may be handed on before the others have been seen. Whoever reads
/// up to the end of a line, or of the text, has whole characters all the same.
pub(super) struct Checked<R> {
    inner: R,
    /// The place before `begun`.
    place: Place,
    /// The first bytes of a character whose others have not been read yet: at most 3.
    begun: Vec<u8>,
    hint: Option<&'static str>,
    /// What is wrong with the bytes that follow those that have been handed on.
    failure: Option<SourceError>,
}

impl<R: Read> Checked<R> {
    /// Checks from some place on. What is no UTF-8 may be what the hint says.
    pub fn new(inner: R, place: Place, hint: Option<&'static str>) -> Self {
        Self {
            inner,
            place,
            begun: Vec::new(),
            hint,
            failure: None,
        }
    }

    /// Says how many of the bytes can be handed on; there is a failure if not all can.
    fn check(&mut self, bytes: &[u8]) -> usize {
        let completing = self.complete(bytes);
        if self.failure.is_some() {
            return 0;
        }
        let (_, rest) = bytes.split_at(completing);
        let (valid, rest, is_wrong) = match str::from_utf8(rest) {
            Ok(_) => (rest, &[][..], false),
            Err(error) => {
                let (valid, rest) = rest.split_at(error.valid_up_to());
                (valid, rest, error.error_len().is_some())
            }
        };
        let passed = self.pass(valid);
        if self.failure.is_some() {
            return completing + passed;
        }
        match rest {
            [byte, ..] if is_wrong => {
                self.failure = Some(self.not_utf8(*byte));
                completing + passed
            }
            _ => {
                self.begun.extend_from_slice(rest);
                bytes.len()
            }
        }
    }

    /// Completes the character that has begun. Says how many bytes that takes.
    fn complete(&mut self, bytes: &[u8]) -> usize {
        let mut taken = 0;
        while let (Some(first), Some(next)) = (self.begun.first().copied(), bytes.get(taken)) {
            self.begun.push(*next);
            taken += 1;
            match str::from_utf8(&self.begun) {
                Ok(_) => {
                    // It can't be NUL, which has one byte.
                    self.place.pass(&self.begun);
                    self.begun.clear();
                }
                Err(error) if error.error_len().is_some() => {
                    self.failure = Some(self.not_utf8(first));
                    break;
                }
                Err(_) => {}
            }
        }
        taken
    }

    /// Takes note of whole characters up to the first NUL. Says how many bytes they have.
    fn pass(&mut self, bytes: &[u8]) -> usize {
        let nul = memchr(0, bytes);
        let (text, _) = bytes.split_at(nul.unwrap_or(bytes.len()));
        self.place.pass(text);
        self.failure = nul.map(|_| self.nul());
        text.len()
    }

    fn not_utf8(&self, byte: u8) -> SourceError {
        SourceError::NotUtf8 {
            offset: self.place.byte(),
            line: self.place.lines.line(),
            byte,
            hint: self.hint,
        }
    }

    /// Text in UTF-16 mostly begins with an ASCII character, one of whose two bytes is NUL.
    fn nul(&self) -> SourceError {
        let offset = self.place.byte();
        SourceError::Nul {
            offset,
            line: self.place.lines.line(),
            hint: match offset {
                1 => Some("utf-16be"),
                2 => Some("utf-16le"),
                _ => None,
            },
        }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let mut length = 0;
        if self.failure.is_none() {
            let read = self.inner.read(buffer)?;
            let (bytes, _) = buffer.split_at(read);
            length = self.check(bytes);
            if let (0, Some(byte)) = (read, self.begun.first()) {
                self.failure = Some(self.not_utf8(*byte));
            }
        }
        match self.failure.take_if(|_| length == 0) {
            Some(error) => Err(error.into()),
            None => Ok(length),
        }
    }
}
