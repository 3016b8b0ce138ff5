//! Finds the delimiter and the header of CSV.

use std::{
    cmp::Reverse,
    io::{BufReader, Cursor, Read},
};

use memchr::memchr_iter;

use super::{
    MAX_COLUMNS, TableError, TableOptions,
    header::{self, HeaderRule, HeaderSearch, Step},
    shared_file::SharedFile,
};
use crate::import::source::{
    ByteReader, CsvRecords, Options, Progress, Source, SourceError, TextEncoding,
};

/// The number of bytes from which the delimiter is found.
const SAMPLE_BYTES: u64 = 256 * 1024;
/// The number of records from which the delimiter is found.
const SAMPLE_RECORDS: usize = 200;
/// The delimiters that are tried. Of two that split the text equally well, the first is taken.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// The delimiter of a file with one column, whose texts may have any of the others.
const UNIT_SEPARATOR: u8 = 0x1F;

/// The layout of a CSV file: where its rows begin, and how they are split.
#[derive(Clone, Debug)]
pub(super) struct CsvLayout {
    pub delimiter: u8,
    pub header: Vec<String>,
    /// The line of the header, if it is not the first one with a text.
    pub header_line: Option<u64>,
    /// The number of records before the first row.
    pub skipped: u64,
}

/// The start of a text in UTF-8.
pub(super) struct Sample {
    text: Vec<u8>,
    is_complete: bool,
}

impl Sample {
    /// Reads the start of a text.
    pub fn read(file: &SharedFile, encoding: TextEncoding) -> Result<Self, SourceError> {
        let mut text = Vec::new();
        let source = open(file, encoding, &Progress::of_size(file.size()))?;
        let mut start = source.into_text().take(SAMPLE_BYTES + 1);
        start.read_to_end(&mut text)?;
        let length = usize::try_from(SAMPLE_BYTES).unwrap_or(usize::MAX);
        let is_complete = text.len() <= length;
        text.truncate(length);
        Ok(Self { text, is_complete })
    }

    /// Returns the first two characters that are no white space.
    pub fn first_characters(&self) -> [Option<u8>; 2] {
        let mut bytes = self.text.iter().filter(|byte| !byte.is_ascii_whitespace());
        [bytes.next().copied(), bytes.next().copied()]
    }

    /// Returns the delimiter that the first line states as `sep=;`, as Excel reads it.
    fn stated_delimiter(&self) -> Option<u8> {
        let line = self
            .text
            .split(|byte| matches!(byte, b'\r' | b'\n'))
            .next()?;
        let line = line
            .strip_prefix(b"\"")
            .map_or(line, |line| line.strip_suffix(b"\"").unwrap_or(line));
        let (key, delimiter) = line.split_at_checked(4)?;
        match delimiter {
            [delimiter] if key.eq_ignore_ascii_case(b"sep=") => Some(*delimiter),
            _ => None,
        }
    }

    /// Returns the delimiter that splits the records: the most evenly, and into known names of columns, if there is one.
    fn best_delimiter(&self) -> Option<u8> {
        let even = self.even_delimiter();
        if even.is_some_and(|delimiter| self.known_names(delimiter) > 0) {
            return even;
        }
        // A title above the names hides the delimiter.
        let named = DELIMITERS.map(|delimiter| (self.known_names(delimiter), delimiter));
        let named = named.into_iter().filter(|(count, _)| *count > 0);
        let best = named.rev().max_by_key(|(count, _)| *count);
        best.map(|(_, delimiter)| delimiter).or(even)
    }

    /// Returns the delimiter that splits the first records the most evenly; `None` if none splits the first one.
    fn even_delimiter(&self) -> Option<u8> {
        let mut best: Option<(Evenness, u8)> = None;
        for delimiter in DELIMITERS {
            let evenness = self.evenness(delimiter);
            let is_better = best.is_none_or(|(other, _)| evenness > other);
            if evenness.fields > 1 && is_better {
                best = Some((evenness, delimiter));
            }
        }
        best.map(|(_, delimiter)| delimiter)
    }

    /// Returns the number of known names in the row that has the names of the columns; 0 if no row is known to.
    fn known_names(&self, delimiter: u8) -> usize {
        let text: ByteReader = Box::new(Cursor::new(self.text.clone()));
        let mut search = HeaderSearch::new(HeaderRule::Search);
        let Ok(mut records) = CsvRecords::new(BufReader::new(text), delimiter) else {
            return 0;
        };
        while let Ok(Some(line)) = records.advance() {
            let Ok(record) = records.record() else {
                return 0;
            };
            let fields: Vec<&str> = record.fields().collect();
            if header::is_blank(&fields) {
                continue;
            }
            match search.step(line, &fields) {
                Ok(Step::Names) => return header::known_names(&fields),
                Ok(Step::Undecided) => {}
                Ok(Step::FirstHasNames) | Err(_) => return 0,
            }
        }
        0
    }

    fn evenness(&self, delimiter: u8) -> Evenness {
        let text: ByteReader = Box::new(Cursor::new(self.text.clone()));
        let mut counts = Vec::new();
        if let Ok(mut records) = CsvRecords::new(BufReader::new(text), delimiter) {
            // An error of the sample ends it: an unclosed quotation mark, or a character that is cut at its end.
            while let Ok(Some(_)) = records.advance() {
                counts.push(records.field_count());
                if counts.len() == SAMPLE_RECORDS {
                    break;
                }
            }
        }
        if !self.is_complete && counts.len() < SAMPLE_RECORDS {
            counts.pop();
        }
        Evenness::of(&counts, self.stray_quotes(delimiter))
    }

    /// Returns the number of quotation marks that stand at no end of a field.
    fn stray_quotes(&self, delimiter: u8) -> usize {
        let text = &self.text;
        let is_end = |byte: Option<&u8>| {
            byte.is_none_or(|byte| [delimiter, b'"', b'\r', b'\n'].contains(byte))
        };
        let is_stray = |index: &usize| {
            let before = index.checked_sub(1).and_then(|before| text.get(before));
            !is_end(before) && !is_end(text.get(index + 1))
        };
        memchr_iter(b'"', text).filter(is_stray).count()
    }
}

/// How evenly a delimiter splits records. Delimiters compare by the number of stray quotation marks, then by the share of
/// even records, then by the number of fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Evenness {
    stray_quotes: Reverse<usize>,
    per_mille: usize,
    fields: usize,
}

impl Evenness {
    fn of(counts: &[usize], stray_quotes: usize) -> Self {
        let fields = counts.first().copied().unwrap_or_default();
        let even = counts.iter().filter(|count| **count == fields).count();
        Self {
            stray_quotes: Reverse(stray_quotes),
            per_mille: even * 1000 / counts.len().max(1),
            fields,
        }
    }
}

/// Finds the layout of a file.
pub(super) fn layout(
    file: &SharedFile,
    encoding: TextEncoding,
    sample: &Sample,
    options: &TableOptions,
) -> Result<CsvLayout, TableError> {
    let stated = sample.stated_delimiter();
    let found = || stated.or_else(|| sample.best_delimiter());
    let delimiter = options.delimiter.or_else(found).unwrap_or(UNIT_SEPARATOR);
    let source = open(file, encoding, &Progress::of_size(file.size()))?;
    let mut records = source.csv_records(delimiter)?;
    let mut skipped = 0;
    if stated.is_some() {
        records.advance()?;
        skipped += 1;
    }
    with_header(&mut records, delimiter, skipped, options.into())
}

/// Finds the header in the records that are left after those that are skipped.
fn with_header(
    records: &mut CsvRecords,
    delimiter: u8,
    before_rows: u64,
    rule: HeaderRule,
) -> Result<CsvLayout, TableError> {
    let mut search = HeaderSearch::new(rule);
    let mut skipped = before_rows;
    let mut first: Option<(u64, CsvLayout)> = None;
    loop {
        let line = match records.advance() {
            Ok(Some(line)) => line,
            // The errors of rows below the names are reported when the rows are read.
            Err(_) if first.is_some() => break,
            Ok(None) => break,
            Err(error) => return Err(error.into()),
        };
        skipped += 1;
        let fields: Vec<&str> = records.record()?.fields().collect();
        if fields.len() > MAX_COLUMNS {
            return Err(TableError::ManyColumns { hint: "" });
        }
        if header::is_blank(&fields) {
            continue;
        }
        let layout = || CsvLayout {
            delimiter,
            header: fields.iter().map(|name| (*name).to_owned()).collect(),
            header_line: None,
            skipped,
        };
        if rule == HeaderRule::Absent {
            return Ok(CsvLayout {
                header: header::numbered(fields.len()),
                skipped: before_rows,
                ..layout()
            });
        }
        match search.step(line, &fields)? {
            Step::Names => {
                return Ok(CsvLayout {
                    header_line: first.is_some().then_some(line),
                    ..layout()
                });
            }
            Step::Undecided => first = first.or_else(|| Some((line, layout()))),
            Step::FirstHasNames => break,
        }
    }
    let Some((line, layout)) = first else {
        return Err(match skipped {
            0 => SourceError::Empty.into(),
            _ => TableError::Blank,
        });
    };
    search.end()?;
    header::check(line, &layout.header)?;
    Ok(layout)
}

/// Opens the records after the header.
pub(super) fn rows(
    file: &SharedFile,
    encoding: TextEncoding,
    layout: &CsvLayout,
    progress: &Progress,
) -> Result<CsvRecords, SourceError> {
    let mut records = open(file, encoding, progress)?.csv_records(layout.delimiter)?;
    for _ in 0..layout.skipped {
        records.advance()?;
    }
    Ok(records)
}

/// Opens the text of a file.
pub(super) fn open(
    file: &SharedFile,
    encoding: TextEncoding,
    progress: &Progress,
) -> Result<Source, SourceError> {
    Source::with_progress(file.reader(), progress, Options { encoding })
}
