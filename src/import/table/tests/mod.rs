//! Tests with whole files, from the path to the rows.

mod archives;
mod csv;
mod json;
mod ods;
mod properties;
mod xlsx;

use std::{fs, io::Write, path::PathBuf};

use tempfile::TempDir;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{Table, TableOptions, Tables};
use crate::import::rows::FileError;

/// A row with its line.
type Row = (u64, Vec<String>);

/// Opens a file of that name and content.
fn open_with(name: &str, bytes: &[u8], options: &TableOptions) -> Result<Tables, FileError> {
    let directory = TempDir::new().expect("a temporary directory");
    let path = directory.path().join(name);
    fs::write(&path, bytes).expect("a written file");
    // The tables hold the open file, so that they outlive the directory.
    Tables::open(&[path], options)
}

fn open(name: &str, bytes: &[u8]) -> Result<Tables, FileError> {
    open_with(name, bytes, &TableOptions::default())
}

/// Opens a file that has one table.
fn table(name: &str, bytes: &[u8]) -> Table {
    let mut tables = open(name, bytes).expect("a table").tables;
    assert_eq!(tables.len(), 1);
    tables.remove(0)
}

/// Returns the error of a file, without its name.
fn error(name: &str, bytes: &[u8]) -> String {
    open(name, bytes).expect_err("an error").reason
}

/// Reads all rows, twice.
fn rows(table: &Table) -> Vec<Row> {
    let first = pass(table).expect("rows");
    assert_eq!(pass(table).expect("rows"), first);
    first
}

/// Returns what is wrong with cells, of all rows.
fn faults(table: &Table) -> Vec<String> {
    let mut found = Vec::new();
    let mut rows = table.rows().expect("rows");
    while let Some(row) = rows.next_row().expect("a row") {
        found.extend(row.faults().map(|fault| fault.to_string()));
    }
    found
}

/// Reads all rows, or the first error.
fn pass(table: &Table) -> Result<Vec<Row>, String> {
    let mut read = Vec::new();
    let mut rows = table.rows().map_err(|error| error.to_string())?;
    while let Some(row) = rows.next_row().map_err(|error| error.to_string())? {
        let cells: Vec<String> = row.cells().map(str::to_owned).collect();
        assert_eq!(cells.len(), table.header().len());
        read.push((row.line, cells));
    }
    assert!(rows.next_row().expect("no error after the end").is_none());
    Ok(read)
}

/// Returns the cells of all rows.
fn cells(table: &Table) -> Vec<Vec<String>> {
    rows(table).into_iter().map(|(_, cells)| cells).collect()
}

/// Returns an archive of files.
fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut archive = ZipWriter::new(&mut bytes);
    for (name, content) in files {
        archive
            .start_file(*name, SimpleFileOptions::default())
            .expect("a file in the archive");
        archive.write_all(content).expect("written");
    }
    archive.finish().expect("an archive");
    bytes.into_inner()
}

#[test]
fn a_file_that_does_not_exist_is_named() {
    let path = PathBuf::from("/nonexistent/reviews.csv");
    let error = Tables::open(&[path], &TableOptions::default()).expect_err("no file");
    let text = error.to_string();
    assert!(
        text.starts_with("/nonexistent/reviews.csv: can't be opened: "),
        "{text}"
    );
}

#[test]
fn files_of_other_kinds_are_refused_with_what_to_do() {
    for (bytes, hint) in [
        (&b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"[..], "XLSX"),
        (b"%PDF-1.7", "PDF"),
        (b"SQLite format 3\0", "SQLite"),
        (b"PAR1\x15", "Parquet"),
        (b"\n <!DOCTYPE html><table>", "HTML"),
    ] {
        let text = error("list", bytes);
        assert!(text.contains(hint) && text.contains("CSV"), "{text}");
    }
    let mut tar = vec![b'a'; 257];
    tar.extend_from_slice(b"ustar\x0000");
    assert!(error("list.tar", &tar).contains("tar archive"));
}

#[test]
fn several_files_are_opened_in_their_order() {
    let directory = TempDir::new().expect("a temporary directory");
    let paths = ["b.csv", "a.json"].map(|name| directory.path().join(name));
    fs::write(&paths[0], "film,grade\nThe Amber Tide,B+\n").expect("written");
    fs::write(&paths[1], "[{\"film\": \"Glass Meadow\"}]").expect("written");
    let tables = Table::open_all(&paths, &TableOptions::default()).expect("tables");
    let names: Vec<&str> = tables.iter().map(Table::name).collect();
    assert!(
        names[0].ends_with("b.csv") && names[1].ends_with("a.json"),
        "{names:?}"
    );
}
