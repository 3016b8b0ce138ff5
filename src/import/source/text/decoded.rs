//! A reader that decodes text in another encoding than UTF-8.

use std::{
    io::{self, Read},
    mem,
};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_16BE, UTF_16LE};
use memchr::memchr;

use super::{super::BUFFER_SIZE, SourceError, TextPosition};

/// A reader that decodes text to UTF-8, up to the first NUL or invalid byte.
pub(super) struct DecodingReader<R> {
    inner: R,
    encoding: &'static Encoding,
    decoder: Decoder,
    /// Bytes of the file. Those before `decoded` are decoded.
    source: Vec<u8>,
    decoded: usize,
    next: Continuation,
    /// Decoded text. The bytes from `returned` to `filled` are not returned yet.
    text: Vec<u8>,
    returned: usize,
    filled: usize,
    /// The position after the decoded bytes.
    position: TextPosition,
}

/// The continuation after the bytes that were read.
enum Continuation {
    /// Another chunk, which may be empty.
    Chunk,
    /// The end of the file, which the decoder hasn't processed yet.
    End,
    /// A NUL.
    Nul,
    /// An error, to be returned after all text before it.
    Failure(SourceError),
    /// The end, after the decoder or an error ended the text.
    Finished,
}

impl<R: Read> DecodingReader<R> {
    /// Creates a reader that decodes from a position on.
    pub fn new(inner: R, position: TextPosition, encoding: &'static Encoding) -> Self {
        Self {
            inner,
            encoding,
            decoder: encoding.new_decoder_without_bom_handling(),
            source: Vec::with_capacity(BUFFER_SIZE),
            decoded: 0,
            next: Continuation::Chunk,
            text: vec![0; BUFFER_SIZE],
            returned: 0,
            filled: 0,
            position,
        }
    }

    /// Advances by one step, which may decode no text.
    fn advance(&mut self) -> Result<(), SourceError> {
        if self.decoded < self.source.len() {
            self.decode(false);
            return Ok(());
        }
        match mem::replace(&mut self.next, Continuation::Finished) {
            Continuation::Chunk => self.refill(),
            Continuation::End => self.decode(true),
            Continuation::Nul => return Err(self.nul()),
            Continuation::Failure(error) => return Err(error),
            Continuation::Finished => {}
        }
        Ok(())
    }

    /// Reads a full chunk if possible, so that only the last can end within a code unit.
    fn refill(&mut self) {
        self.source.clear();
        self.decoded = 0;
        let limit = u64::try_from(BUFFER_SIZE).unwrap_or(u64::MAX);
        let mut chunk = self.inner.by_ref().take(limit);
        self.next = match chunk.read_to_end(&mut self.source) {
            Ok(length) if length < BUFFER_SIZE => Continuation::End,
            Ok(_) => Continuation::Chunk,
            Err(error) => Continuation::Failure(error.into()),
        };
        if let Some(nul) = self.find_nul() {
            self.source.truncate(nul);
            self.next = Continuation::Nul;
        }
    }

    /// Returns the index of the first NUL in the undecoded bytes. Its position is unknown after
    /// decoding. Only UTF-16 uses the byte for other characters.
    fn find_nul(&self) -> Option<usize> {
        if self.encoding != UTF_16LE && self.encoding != UTF_16BE {
            return memchr(0, &self.source);
        }
        let mut units = self.source.chunks_exact(2);
        units.position(|unit| unit == [0, 0]).map(|unit| unit * 2)
    }

    /// Decodes as much as fits into the buffer.
    fn decode(&mut self, is_last: bool) {
        let source = self.source.get(self.decoded..).unwrap_or_default();
        let (result, read, written) =
            self.decoder
                .decode_to_utf8_without_replacement(source, &mut self.text, is_last);
        self.decoded += read;
        (self.returned, self.filled) = (0, written);
        self.position.advance(read);
        let (text, _) = self.text.split_at(written);
        self.position.lines.advance(text);
        if let DecoderResult::Malformed(length, read_after) = result {
            self.next = Continuation::Failure(self.not_encoded(length, read_after));
            self.source.truncate(self.decoded);
        }
    }

    /// Returns the decoded text that isn't returned yet.
    fn unread(&self) -> &[u8] {
        self.text
            .get(self.returned..self.filled)
            .unwrap_or_default()
    }

    /// Creates the error of `length` invalid bytes, after which the decoder has read `read_after`
    /// further bytes.
    fn not_encoded(&self, length: u8, read_after: u8) -> SourceError {
        let distance = u64::from(length) + u64::from(read_after);
        SourceError::InvalidByte {
            offset: self.position.next_byte().saturating_sub(distance),
            line: self.position.lines.line(),
            encoding: self.encoding.name(),
        }
    }

    fn nul(&self) -> SourceError {
        SourceError::Nul {
            offset: self.position.next_byte(),
            line: self.position.lines.line(),
            hint: None,
        }
    }
}

impl<R: Read> Read for DecodingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.unread().is_empty() && !matches!(self.next, Continuation::Finished) {
            self.advance()?;
        }
        let length = self.unread().read(buffer)?;
        self.returned += length;
        Ok(length)
    }
}
