//! The parser of the fields of a row.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::{SourceError, text};

/// A parser of a row that arrives in pieces. It holds the fields of the row until [`Self::clear`].
pub(super) struct Fields {
    parser: Reader,
    /// The concatenated texts of the fields, in the first `length` bytes.
    text: Vec<u8>,
    length: usize,
    /// The end of each field in the text, in the first `count` numbers.
    ends: Vec<usize>,
    count: usize,
}

impl Fields {
    pub fn new(delimiter: u8) -> Self {
        let mut parser = ReaderBuilder::new().delimiter(delimiter).build();
        // The parser drops a byte-order mark at the start of its first input. The mark of the file
        // is already removed, and a second one is text. So the first input is a line break, which
        // the parser ignores.
        parser.read_record(b"\n", &mut [0], &mut [0]);
        Self {
            parser,
            text: Vec::new(),
            length: 0,
            ends: Vec::new(),
            count: 0,
        }
    }

    /// Removes the fields of the row.
    pub fn clear(&mut self) {
        self.length = 0;
        self.count = 0;
    }

    /// Parses a piece of the row. Returns the number of parsed bytes, and whether they end the row.
    /// If they don't, all bytes are parsed.
    pub fn feed(&mut self, mut piece: &[u8]) -> (usize, bool) {
        let mut parsed = 0;
        // An empty input means the end of the file to the parser.
        while !piece.is_empty() {
            self.reserve(piece.len());
            let (_, text) = self.text.split_at_mut(self.length);
            let (_, ends) = self.ends.split_at_mut(self.count);
            let (result, read, written, ended) = self.parser.read_record(piece, text, ends);
            parsed += read;
            self.length += written;
            self.count += ended;
            if matches!(result, ReadRecordResult::Record) {
                return (parsed, true);
            }
            (_, piece) = piece.split_at(read);
        }
        (parsed, false)
    }

    /// Makes room for the text of a piece, and for at least one more field.
    fn reserve(&mut self, length: usize) {
        let required = self.length + length + 1;
        if self.text.len() < required {
            self.text.resize(required.next_power_of_two(), 0);
        }
        if self.ends.len() == self.count {
            self.ends.resize((self.count * 2).max(32), 0);
        }
    }

    /// Returns the concatenated texts of the fields.
    pub fn text(&self) -> Result<&str, SourceError> {
        text(self.text.get(..self.length).unwrap_or_default())
    }

    /// Returns the end of each field in that text.
    pub fn ends(&self) -> &[usize] {
        self.ends.get(..self.count).unwrap_or_default()
    }
}
