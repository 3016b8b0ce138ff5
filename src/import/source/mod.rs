//! Reads an untrusted file as rows, in bounded memory.
//!
//! A file passes through a chain of readers:
//!
//! 1. `raw` reads the file and counts its bytes;
//! 2. `compression` recognizes gzip and zstd by the first bytes, decompresses them, and stops
//!    decompression bombs;
//! 3. `text` decodes the given encoding to UTF-8 without NUL;
//! 4. `rows` splits the text into [`Lines`] or [`CsvRows`].
//!
//! The first error ends the reading with a [`SourceError`] that names its position. Between the
//! readers it is wrapped in an [`std::io::Error`].
//!
//! For all line numbers, a line ends with LF, with CRLF, or with a CR alone.

mod compression;
mod error;
mod head;
mod line_counter;
mod raw;
mod rows;
mod text;

#[cfg(test)]
mod tests;

pub use self::{
    error::SourceError,
    raw::{Progress, display_name},
    rows::{CsvRecords, CsvRows, Line, Lines, Row},
    text::TextEncoding,
};

pub(in crate::import) use self::{
    compression::{bomb, is_bomb, name as compression_name},
    error::Grouped,
    head::first_bytes,
    line_counter::LineCounter,
    rows::MAX_ROW_BYTES,
};

use std::{
    io::{BufReader, Read},
    path::Path,
};

use self::raw::CountingReader;

/// The buffer size of the readers, in bytes. Larger buffers are not faster.
pub(in crate::import) const BUFFER_SIZE: usize = 64 * 1024;

/// A reader in the chain.
pub(in crate::import) type ByteReader = Box<dyn Read + Send>;

/// The options for reading a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// The encoding of the text; UTF-8 by default.
    pub encoding: TextEncoding,
}

/// An open file, to be read as lines or as CSV.
pub struct Source {
    text: BufReader<ByteReader>,
    progress: Progress,
}

impl Source {
    /// Opens a file, or standard input for the path `-`, and reads its first bytes to recognize its
    /// compression and encoding.
    ///
    /// # Errors
    ///
    /// Returns an error if the file can't be opened or read, or if its first bytes are corrupt.
    pub fn open(path: &Path, options: Options) -> Result<Self, SourceError> {
        Self::read(CountingReader::open(path)?, options)
    }

    /// Creates a source from a reader, whose total size is unknown.
    ///
    /// # Errors
    ///
    /// Returns an error if the reader fails, or if its first bytes are corrupt.
    pub fn from_reader(
        reader: impl Read + Send + 'static,
        options: Options,
    ) -> Result<Self, SourceError> {
        Self::read(CountingReader::new(Box::new(reader), None), options)
    }

    /// Creates a source from a reader whose bytes are counted as the progress of a file.
    pub(in crate::import) fn with_progress(
        reader: impl Read + Send + 'static,
        progress: &Progress,
        options: Options,
    ) -> Result<Self, SourceError> {
        let raw = CountingReader::with_progress(Box::new(reader), progress.clone());
        Self::read(raw, options)
    }

    fn read(raw: CountingReader, options: Options) -> Result<Self, SourceError> {
        let progress = raw.progress();
        let bytes = compression::decompress(raw)?;
        let text = text::decode(bytes, options.encoding)?;
        Ok(Self {
            text: BufReader::with_capacity(BUFFER_SIZE, text),
            progress,
        })
    }

    /// Returns the read progress of the file, which is updated while rows are read.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Reads the text as lines, for example of JSON Lines.
    #[must_use]
    pub fn lines(self) -> Lines {
        Lines::new(self.text)
    }

    /// Returns the text, in UTF-8 without NUL. Its errors are wrapped [`SourceError`]s.
    pub(in crate::import) fn into_text(self) -> BufReader<ByteReader> {
        self.text
    }

    /// Reads the text as CSV without a header, or with one among its records.
    ///
    /// # Errors
    ///
    /// Returns an error if the delimiter is invalid.
    pub fn csv_records(self, delimiter: u8) -> Result<CsvRecords, SourceError> {
        CsvRecords::new(self.text, delimiter)
    }

    /// Reads the header, and returns the text as CSV.
    ///
    /// # Errors
    ///
    /// Returns an error if the delimiter is invalid, if there is no header, or if the text of the
    /// header can't be read.
    pub fn csv_rows(self, delimiter: u8) -> Result<CsvRows, SourceError> {
        CsvRows::new(self.text, delimiter)
    }
}

/// Returns a reader of the decompressed bytes of a file, before they are decoded.
pub(in crate::import) fn decompressed(
    reader: impl Read + Send + 'static,
) -> Result<ByteReader, SourceError> {
    compression::decompress(CountingReader::new(Box::new(reader), None))
}
