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
        let opened = match Tables::open(std::slice::from_ref(path), options) {
            Ok(opened) => opened,
            Err(error) => with_known_encoding(path, options, error)?,
        };
        files.tables.extend(opened.tables);
        files.skipped.extend(opened.skipped);
    }
    Ok(files)
}

/// Opens a file by the encoding of a layout, or returns the error of opening it without one.
fn with_known_encoding(
    path: &PathBuf,
    options: &TableOptions,
    error: FileError,
) -> Result<Tables, PlanError> {
    // Standard input can be read only once.
    if options.encoding.is_some() || path.as_path() == Path::new("-") {
        return Err(error.into());
    }
    let layouts = description::all()?;
    for layout in layouts {
        let Some(encoding) = encoding(layout) else {
            continue;
        };
        let options = TableOptions {
            encoding: Some(encoding),
            ..*options
        };
        let Ok(opened) = Tables::open(std::slice::from_ref(path), &options) else {
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
