//! Opens files whose layout knows their encoding.

use std::path::{Path, PathBuf};

use super::{
    PlanError,
    description::{self, Layout},
    recognition,
};
use crate::import::{
    rows::FileError,
    source::TextEncoding,
    table::{TableOptions, Tables},
};

/// Opens the tables of files. If the encoding of a file isn't certain, it is that of the layout of its columns, whose
/// names are ASCII.
///
/// # Errors
///
/// Returns an error if a file can't be read, or has no table.
pub fn open(paths: &[PathBuf], options: &TableOptions) -> Result<Tables, PlanError> {
    let mut files = Tables::default();
    for path in paths {
        let open = |options: &TableOptions| Tables::open(std::slice::from_ref(path), options);
        // Standard input can be read only once.
        let opened = if path.as_path() == Path::new("-") {
            open(options)?
        } else {
            open_with_known_encoding(open, options)?
        };
        files.tables.extend(opened.tables);
        files.skipped.extend(opened.skipped);
    }
    Ok(files)
}

/// Reads the tables of one file from memory, as [`open`] does.
///
/// # Errors
///
/// Returns an error if the file can't be read, or has no table.
pub fn read(name: &str, bytes: &[u8], options: &TableOptions) -> Result<Tables, PlanError> {
    open_with_known_encoding(|options| Tables::read(name, bytes, options), options)
}

/// Opens a file, by the encoding of a layout if its own isn't certain.
fn open_with_known_encoding(
    open: impl Fn(&TableOptions) -> Result<Tables, FileError>,
    options: &TableOptions,
) -> Result<Tables, PlanError> {
    let error = match open(options) {
        Ok(opened) => return Ok(opened),
        Err(error) if options.encoding.is_some() => return Err(error.into()),
        Err(error) => error,
    };
    let layouts = description::all()?;
    for layout in layouts {
        let Some(encoding) = encoding(layout) else {
            continue;
        };
        let options = TableOptions {
            encoding: Some(encoding),
            ..*options
        };
        let Ok(opened) = open(&options) else {
            continue;
        };
        let is_layout = |header: &[String]| {
            recognition::find(header, layouts).is_some_and(|found| found.name == layout.name)
        };
        if opened.tables.iter().all(|table| is_layout(table.header())) {
            return Ok(opened);
        }
    }
    Err(error.into())
}

fn encoding(layout: &Layout) -> Option<TextEncoding> {
    layout.encoding.as_ref()?.parse().ok()
}
