//! The fields of one row while it is being read.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::{SourceError, text};

/// Takes a row apart as its pieces come, and keeps its fields until the next row begins.
pub(super) struct Fields {
    parser: Reader,
    /// The texts of the fields, one after the other, in the first `length` bytes.
    text: Vec<u8>,
    length: usize,
    /// Where each field ends, in the first `count` numbers.
    ends: Vec<usize>,
    count: usize,
}

impl Fields {
    pub fn new(delimiter: u8) -> Self {
        let mut parser = ReaderBuilder::new().delimiter(delimiter).build();
        // The parser would drop a byte-order mark at the start of its first input, if that happens
        // to have all of it. Ours is gone already; so its first input is a line break, which is
        // nothing to it.
        parser.read_record(b"\n", &mut [0], &mut [0]);
        Self {
            parser,
            text: Vec::new(),
            length: 0,
            ends: Vec::new(),
            count: 0,
        }
    }

    /// Forgets the row.
    pub fn clear(&mut self) {
        self.length = 0;
        self.count = 0;
    }

    /// Takes a piece of the row. Says how many of its bytes were taken, and whether they end the
    /// row; if they don't, all were taken.
    pub fn feed(&mut self, mut piece: &[u8]) -> (usize, bool) {
        let mut taken = 0;
        // To the parser, nothing means the end of the file.
        while !piece.is_empty() {
            self.make_room(piece.len());
            let (_, text) = self.text.split_at_mut(self.length);
            let (_, ends) = self.ends.split_at_mut(self.count);
            let (result, read, written, ended) = self.parser.read_record(piece, text, ends);
            taken += read;
            self.length += written;
            self.count += ended;
            if matches!(result, ReadRecordResult::Record) {
                return (taken, true);
            }
            (_, piece) = piece.split_at(read);
        }
        (taken, false)
    }

    /// Makes room for all that a piece can be, and for at least one more field.
    fn make_room(&mut self, length: usize) {
        let needed = self.length + length + 1;
        if self.text.len() < needed {
            self.text.resize(needed.next_power_of_two(), 0);
        }
        if self.ends.len() == self.count {
            self.ends.resize((self.count * 2).max(32), 0);
        }
    }

    /// The texts of the fields, one after the other.
    pub fn text(&self) -> Result<&str, SourceError> {
        text(self.text.get(..self.length).unwrap_or_default())
    }

    /// Where in that text each field ends.
    pub fn ends(&self) -> &[usize] {
        self.ends.get(..self.count).unwrap_or_default()
    }
}
