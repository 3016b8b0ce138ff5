//! Turns any file into tables of text cells, in bounded memory.
//!
//! A file is CSV, JSON or a spreadsheet, may be compressed with gzip or zstd, or is a ZIP archive of such files. The steps:
//!
//! 1. `shared_file` opens the file. A pipe is copied to a temporary file, because each pass reads it anew;
//! 2. the first bytes tell archives, spreadsheets (`xlsx`, `ods`) and text apart. `archive` copies each file of an archive
//!    to a temporary file, and begins here again;
//! 3. `encoding` finds the encoding of the text, by a pass over all of it;
//! 4. `csv` finds the delimiter and the header. `json` and the spreadsheets are read once, and `spool` holds their rows in
//!    a temporary file.

mod archive;
mod csv;
mod encoding;
mod error;
mod fault;
mod form;
mod header;
mod json;
mod kind;
mod ods;
mod pass;
mod shared_file;
mod sheet;
mod spool;
mod xlsx;
mod xml;

#[cfg(test)]
mod tests;

pub use self::{
    fault::CellFault,
    form::TableForm,
    pass::{TableRow, TableRows},
};

use std::{fmt, num::NonZeroU32, path::PathBuf};

use self::{
    csv::{CsvLayout, Sample},
    error::TableError,
    form::FormKind,
    pass::Rows,
    shared_file::SharedFile,
    spool::SpooledRows,
};
use super::{
    rows::FileError,
    source::{
        self, Progress, SourceError, TextEncoding, compression_name, display_name, first_bytes,
    },
};

/// The maximum number of columns: that of the spreadsheet programs.
const MAX_COLUMNS: usize = 16_384;

/// The maximum number of tables of an import. Each has an open temporary file, and a position has a number below this for
/// its file.
pub const MAX_TABLES: usize = 255;

/// The maximum number of sheets of a spreadsheet, of which most may be empty.
const MAX_SHEETS: usize = 1_000;

/// The number of bytes that tell the kind of a file.
const HEAD_LENGTH: u64 = 512;

/// What the user says about files. Whatever is `None` is found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableOptions {
    /// The encoding of text.
    pub encoding: Option<TextEncoding>,
    /// The delimiter of CSV.
    pub delimiter: Option<u8>,
    /// Whether a row of CSV and of sheets has the names of the columns.
    pub has_header: bool,
    /// The line of this row, counted from 1.
    pub header_row: Option<NonZeroU32>,
}

impl Default for TableOptions {
    fn default() -> Self {
        Self {
            encoding: None,
            delimiter: None,
            has_header: true,
            header_row: None,
        }
    }
}

/// Returns the delimiter with a name: itself, or "tab".
///
/// # Errors
///
/// Returns what a name must be, if this is none.
pub fn delimiter_of_name(name: &str) -> Result<u8, &'static str> {
    match name.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r' | 0) => Ok(*byte),
        _ => Err("must be one ASCII character or \"tab\""),
    }
}

/// The tables of files, and the parts of the files without one.
#[derive(Debug, Default)]
pub struct Tables {
    /// The tables, in the order of the files and of their parts.
    pub tables: Vec<Table>,
    /// The sheets and the files in archives that are no tables.
    pub skipped: Vec<Skipped>,
}

/// A sheet, or a file in an archive, that is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The name of the file and of the part.
    pub name: String,
    /// The reason, as a sentence about the part.
    pub reason: &'static str,
}

impl fmt::Display for Skipped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, reason } = self;
        write!(formatter, "{name} is not read, because {reason}")
    }
}

impl Tables {
    /// Reads the bytes of one file, such as one that a client has sent.
    ///
    /// # Errors
    ///
    /// Returns an error if the file can't be read, or has no table.
    pub fn read(name: &str, bytes: &[u8], options: &TableOptions) -> Result<Self, FileError> {
        let mut tables = Self::default();
        let result = SharedFile::spool(bytes)
            .and_then(|file| open_file(name.to_owned(), &file, options, false, &mut tables));
        result.map_err(|error| FileError {
            is_fault: error.is_fault(),
            ..FileError::new(name, &error)
        })?;
        Ok(tables)
    }

    /// Opens files: one table per CSV or JSON file, one per sheet, one per file in an archive. The path `-` is standard
    /// input.
    ///
    /// # Errors
    ///
    /// Returns an error if a file can't be read, or has no table.
    pub fn open(paths: &[PathBuf], options: &TableOptions) -> Result<Self, FileError> {
        let mut tables = Self::default();
        for path in paths {
            let name = display_name(path);
            let result = SharedFile::open(path)
                .and_then(|file| open_file(name.clone(), &file, options, false, &mut tables));
            result.map_err(|error| FileError::new(&name, &error))?;
        }
        Ok(tables)
    }
}

/// A table of text cells.
#[derive(Clone, Debug)]
pub struct Table {
    name: String,
    form: TableForm,
    header: Vec<String>,
    content: Content,
    progress: Progress,
}

/// Where the rows of a table are.
#[derive(Clone, Debug)]
enum Content {
    /// In a CSV file.
    Csv {
        file: SharedFile,
        encoding: TextEncoding,
        layout: CsvLayout,
    },
    /// In a temporary file.
    Rows(SharedFile),
}

impl Table {
    /// Returns the tables of files, without the names of the parts that [`Tables::open`] skips.
    ///
    /// # Errors
    ///
    /// Returns an error if a file can't be read, or has no table.
    pub fn open_all(paths: &[PathBuf], options: &TableOptions) -> Result<Vec<Self>, FileError> {
        Ok(Tables::open(paths, options)?.tables)
    }

    /// Creates a table whose rows are in a temporary file.
    fn of_rows(name: String, form: TableForm, header: Vec<String>, rows: SharedFile) -> Self {
        Self {
            name,
            form,
            header,
            progress: Progress::of_size(rows.size()),
            content: Content::Rows(rows),
        }
    }

    /// Returns the name of the file, and of the sheet or the file in the archive: `list.xlsx/Sheet1`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the form of the file.
    #[must_use]
    pub fn form(&self) -> &TableForm {
        &self.form
    }

    /// Returns the names of the columns as the file has them. Those of JSON are the keys of all rows, with the keys of
    /// nested objects, and of objects in lists, as paths: `author.name`.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Begins a pass over the rows.
    ///
    /// # Errors
    ///
    /// Returns an error if the file can't be read.
    pub fn rows(&self) -> Result<TableRows, FileError> {
        self.progress.restart();
        let rows = match &self.content {
            Content::Csv {
                file,
                encoding,
                layout,
            } => csv::rows(file, *encoding, layout, &self.progress)
                .map(Rows::Csv)
                .map_err(|error| FileError::new(&self.name, &error))?,
            Content::Rows(file) => Rows::Spooled(SpooledRows::new(file, &self.progress)),
        };
        Ok(TableRows::new(rows, self.header.len()))
    }

    /// Returns the table with a progress of its own, so that a pass over it is not counted as one over this one.
    #[must_use]
    pub fn detached(&self) -> Self {
        let size = match &self.content {
            Content::Csv { file, .. } | Content::Rows(file) => file.size(),
        };
        Self {
            progress: Progress::of_size(size),
            ..self.clone()
        }
    }

    /// Returns the progress of the pass that began last.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }
}

/// Adds the tables of a file, which may be one of an archive.
fn open_file(
    name: String,
    file: &SharedFile,
    options: &TableOptions,
    is_in_archive: bool,
    tables: &mut Tables,
) -> Result<(), TableError> {
    let head = first_bytes(&mut file.reader(), HEAD_LENGTH).map_err(SourceError::Read)?;
    let compression = compression_name(&head);
    let head = match compression {
        Some(_) => first_bytes(&mut source::decompressed(file.reader())?, HEAD_LENGTH)?,
        None => head,
    };
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        if is_in_archive || compression.is_some() {
            return Err(TableError::Unsupported(
                "it is an archive or a spreadsheet inside an archive; extract it, and import it alone",
            ));
        }
        return archive::open(&name, file, options, tables);
    }
    kind::check(&head, options.encoding.is_some())?;
    let table = open_text(name, file, compression, options)?;
    tables.tables.push(table);
    Ok(())
}

/// Opens a file of text: CSV or JSON.
fn open_text(
    name: String,
    file: &SharedFile,
    compression: Option<&'static str>,
    options: &TableOptions,
) -> Result<Table, TableError> {
    let found = encoding::find(file, options.encoding)?;
    let sample = Sample::read(file, found.encoding)?;
    let form = |kind| TableForm {
        kind,
        encoding: Some(found),
        compression,
        header_line: None,
    };
    let is_json = matches!(
        sample.first_characters(),
        [Some(b'['), Some(b'{' | b']')] | [Some(b'{'), Some(b'"' | b'}')]
    );
    let progress = Progress::of_size(file.size());
    if is_json {
        let source = csv::open(file, found.encoding, &progress)?;
        let table = json::read(source, &progress)?;
        return Ok(Table::of_rows(
            name,
            form(table.kind),
            table.header,
            table.rows,
        ));
    }
    let layout = csv::layout(file, found.encoding, &sample, options)?;
    let is_split = layout.header.len() > 1;
    Ok(Table {
        name,
        form: TableForm {
            header_line: layout.header_line,
            ..form(FormKind::Csv(is_split.then_some(layout.delimiter)))
        },
        header: layout.header.clone(),
        content: Content::Csv {
            file: file.clone(),
            encoding: found.encoding,
            layout,
        },
        progress,
    })
}
