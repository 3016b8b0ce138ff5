//! Rows in a temporary file.
//!
//! JSON and spreadsheets are read once, and their rows are written to a temporary file. Each pass reads that file, so that
//! no table has to be in memory, whatever its form.
//!
//! A row is its line (8 bytes), the number of its cells (4 bytes), the end of each cell in the text (4 bytes each, of which
//! the highest bit marks a cell without a value), and the text.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, ErrorKind, Read, Write},
    str,
};

use super::{MAX_COLUMNS, TableError, shared_file::SharedFile};
use crate::import::source::{
    BUFFER_SIZE, ByteReader, MAX_ROW_BYTES, Progress, SourceError, is_bomb,
};

/// The bit of the end of a cell that marks a cell without a value, whose text says what is wrong. A row is too short to
/// need it.
const FAULT: u32 = 1 << 31;

/// A writer of rows.
pub(super) struct RowWriter {
    out: BufWriter<File>,
    size: u64,
    /// The row that is being written. The buffer is reused.
    row: Vec<u8>,
}

impl RowWriter {
    pub fn new() -> Result<Self, TableError> {
        let file = tempfile::tempfile().map_err(TableError::spool)?;
        Ok(Self {
            out: BufWriter::with_capacity(BUFFER_SIZE, file),
            size: 0,
            row: Vec::new(),
        })
    }

    /// Writes a row without the blank cells at its end. `faults` are the indexes of the cells with a failed formula, in
    /// ascending order. `read` is the number of bytes of the file that led to all rows so far.
    pub fn write(
        &mut self,
        line: u64,
        cells: &[String],
        faults: &[usize],
        read: u64,
    ) -> Result<(), TableError> {
        let last = cells.iter().rposition(|cell| !cell.is_empty());
        let cells = cells
            .get(..last.map_or(0, |last| last + 1))
            .unwrap_or_default();
        let length: usize = cells.iter().map(String::len).sum();
        if length > MAX_ROW_BYTES {
            return Err(TableError::LongRow { line });
        }
        self.row.clear();
        self.row.extend_from_slice(&line.to_le_bytes());
        self.row
            .extend_from_slice(&number(cells.len()).to_le_bytes());
        let (mut end, mut faults) = (0, faults.iter().peekable());
        for (index, cell) in cells.iter().enumerate() {
            end += cell.len();
            let is_fault = faults.next_if_eq(&&index).is_some();
            let mark = if is_fault { FAULT } else { 0 };
            self.row
                .extend_from_slice(&(number(end) | mark).to_le_bytes());
        }
        for cell in cells {
            self.row.extend_from_slice(cell.as_bytes());
        }
        self.size += u64::from(number(self.row.len()));
        if is_bomb(read, self.size) {
            return Err(TableError::RowBomb);
        }
        self.out.write_all(&self.row).map_err(TableError::spool)
    }

    /// Returns the file with all rows.
    pub fn finish(self) -> Result<SharedFile, TableError> {
        let file = self.out.into_inner();
        let file = file.map_err(|error| TableError::spool(error.into_error()))?;
        Ok(SharedFile::new(file, self.size))
    }
}

/// Returns a length as the file has it. Rows are bounded, so no length is cut.
fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// A reader of the rows.
pub(super) struct SpooledRows {
    rows: BufReader<ByteReader>,
    line: u64,
    text: Vec<u8>,
    ends: Vec<usize>,
    faults: Vec<usize>,
}

impl SpooledRows {
    /// Reads the rows from the start, and counts their bytes as the progress.
    pub fn new(file: &SharedFile, progress: &Progress) -> Self {
        let reader = progress.counting(file.reader());
        Self {
            rows: BufReader::with_capacity(BUFFER_SIZE, reader),
            line: 0,
            text: Vec::new(),
            ends: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Reads the next row. Returns whether there was one.
    pub fn advance(&mut self) -> Result<bool, SourceError> {
        let mut line = [0; 8];
        match self.rows.read_exact(&mut line) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        self.line = u64::from_le_bytes(line);
        let count = length(self.number()?)?;
        self.ends.clear();
        self.faults.clear();
        for index in 0..count.min(MAX_COLUMNS) {
            let end = self.number()?;
            if end & FAULT != 0 {
                self.faults.push(index);
            }
            self.ends.push(length(end & !FAULT)?);
        }
        let length = self.ends.last().copied().unwrap_or_default();
        self.text.resize(length.min(MAX_ROW_BYTES), 0);
        self.rows.read_exact(&mut self.text)?;
        Ok(true)
    }

    fn number(&mut self) -> Result<u32, SourceError> {
        let mut bytes = [0; 4];
        self.rows.read_exact(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    /// Returns the line of the row.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Returns the indexes of the cells without a value.
    pub fn faults(&self) -> &[usize] {
        &self.faults
    }

    /// Returns the text of the row, and the end of each cell in it.
    pub fn row(&self) -> Result<(&str, &[usize]), SourceError> {
        let text = str::from_utf8(&self.text)
            .map_err(|error| SourceError::Read(io::Error::other(error)))?;
        Ok((text, &self.ends))
    }
}

fn length(number: u32) -> Result<usize, SourceError> {
    usize::try_from(number).map_err(|error| SourceError::Read(io::Error::other(error)))
}
