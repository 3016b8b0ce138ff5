//! Reads a file of unknown goodness as rows, in bounded memory.
//!
//! A file passes through adapters that each do one thing and hand bytes on:
//!
//! 1. `raw` reads the file and counts its bytes;
//! 2. `compression` undoes gzip and zstd, told by the first bytes, and stops bombs;
//! 3. `text` yields nothing but UTF-8 without NUL, from whatever encoding was named;
//! 4. `rows` takes the text apart, into [`Lines`] or into [`CsvRows`].
//!
//! The first thing that is not as it must be ends the reading with a [`SourceError`] that says
//! where it is. Between the adapters it travels as an [`std::io::Error`] and comes out as itself.
//!
//! A line ends with LF, with CRLF, or with a CR alone, in every number of a line that is told.

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
    raw::{Progress, name},
    rows::{CsvRows, Line, Lines, Row},
    text::TextEncoding,
};

use std::{
    io::{BufReader, Read},
    path::Path,
};

use self::raw::Raw;

/// How many bytes the adapters pass on at once. Larger ones are not faster.
const CHUNK: usize = 64 * 1024;

/// What the adapters hand on.
type Bytes = Box<dyn Read + Send>;

/// What is to be known about a file before it is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// The encoding of the text; UTF-8 unless another is named.
    pub encoding: TextEncoding,
}

/// A file that has been opened: its text can be read as lines or as CSV.
pub struct Source {
    text: BufReader<Bytes>,
    progress: Progress,
}

impl Source {
    /// Opens a file, or standard input for the path `-`, and reads as far as it takes to tell how
    /// it is compressed and encoded.
    ///
    /// # Errors
    ///
    /// If the file can't be opened or read, or its very beginning is damaged.
    pub fn open(path: &Path, options: Options) -> Result<Self, SourceError> {
        Self::read(Raw::open(path)?, options)
    }

    /// Reads from anything else than a file, of which no total size is known.
    ///
    /// # Errors
    ///
    /// As for [`Self::open`].
    pub fn from_reader(
        reader: impl Read + Send + 'static,
        options: Options,
    ) -> Result<Self, SourceError> {
        Self::read(Raw::new(Box::new(reader), None), options)
    }

    fn read(raw: Raw, options: Options) -> Result<Self, SourceError> {
        let progress = raw.progress();
        let bytes = compression::decompress(raw)?;
        let text = text::decode(bytes, options.encoding)?;
        Ok(Self {
            text: BufReader::with_capacity(CHUNK, text),
            progress,
        })
    }

    /// How much of the file has been read; it goes on counting while rows are read.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Reads the text as lines, such as those of JSON Lines.
    #[must_use]
    pub fn lines(self) -> Lines {
        Lines::new(self.text)
    }

    /// Reads the text as CSV, up to the end of its header.
    ///
    /// # Errors
    ///
    /// If the delimiter is none, or there is no header, or the text before its end is not as it
    /// must be.
    pub fn csv_rows(self, delimiter: u8) -> Result<CsvRows, SourceError> {
        CsvRows::new(self.text, delimiter)
    }
}
