//! Tests with whole files, from the first byte to the rows.

mod compressed;
mod csv;
mod encoded;
mod files;
mod fn_reader;
mod lines;
mod properties;

use std::io::{self, Read};

use self::fn_reader::FnReader;
use super::{CsvRows, Lines, Options, Source, SourceError};

/// The result of reading a file up to its end or to the first error.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ReadResult<T> {
    rows: Vec<(u64, T)>,
    error: Option<String>,
    ends_without_line_break: bool,
}

fn options(encoding: &str) -> Options {
    Options {
        encoding: encoding.parse().expect("a known label"),
    }
}

fn source(bytes: impl Into<Vec<u8>>) -> Result<Source, SourceError> {
    Source::from_reader(io::Cursor::new(bytes.into()), Options::default())
}

/// Reads all lines, and checks that nothing follows an error or the end.
fn lines_of(source: Result<Source, SourceError>) -> ReadResult<String> {
    let mut result = ReadResult {
        rows: Vec::new(),
        error: None,
        ends_without_line_break: false,
    };
    let mut lines: Lines = match source {
        Ok(source) => source.lines(),
        Err(error) => {
            result.error = Some(error.to_string());
            return result;
        }
    };
    loop {
        match lines.next_line() {
            Ok(Some(line)) => result.rows.push((line.number, line.text.to_owned())),
            Ok(None) => break,
            Err(error) => result.error = Some(error.to_string()),
        }
    }
    assert!(lines.next_line().expect("no error after the end").is_none());
    result.ends_without_line_break = lines.ends_without_line_break();
    result
}

/// Reads the header and all rows. Continues after an error as long as there are rows, and returns
/// the first error.
fn records_of(source: Result<Source, SourceError>, delimiter: u8) -> ReadResult<Vec<String>> {
    let mut result = ReadResult {
        rows: Vec::new(),
        error: None,
        ends_without_line_break: false,
    };
    let mut rows: CsvRows = match source.and_then(|source| source.csv_rows(delimiter)) {
        Ok(rows) => rows,
        Err(error) => {
            result.error = Some(error.to_string());
            return result;
        }
    };
    result.rows.push((1, rows.header().to_vec()));
    loop {
        match rows.next_row() {
            Ok(Some(row)) => {
                let fields = row.fields().map(str::to_owned).collect();
                result.rows.push((row.line(), fields));
            }
            Ok(None) => break,
            Err(error) => result.error = result.error.or_else(|| Some(error.to_string())),
        }
    }
    assert!(rows.next_row().expect("no error after the end").is_none());
    result.ends_without_line_break = rows.ends_without_line_break();
    result
}

/// Returns the error of a text that is read as lines.
fn line_error(bytes: impl Into<Vec<u8>>) -> String {
    lines_of(source(bytes)).error.expect("an error")
}

/// Returns the error of a text that is read as CSV.
fn csv_error(bytes: impl Into<Vec<u8>>) -> String {
    records_of(source(bytes), b',').error.expect("an error")
}

/// Returns a reader of a repeated text, up to a length.
fn repeated(line: &str, length: usize) -> impl Read + use<> {
    let lines = io::Cursor::new(line.repeat(65536 / line.len()));
    let mut remaining = u64::try_from(length).expect("a length");
    FnReader::new(move |buffer| {
        let mut lines = lines.clone();
        let read = lines.by_ref().take(remaining).read(buffer)?;
        remaining -= u64::try_from(read).expect("a length");
        Ok(read)
    })
}
