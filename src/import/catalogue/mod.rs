//! Our own format, as a source of rows.

mod csv;
mod jsonl;
mod seen;

use std::{ops::ControlFlow, path::Path};

pub use self::{csv::Csv, jsonl::JsonLines, seen::Seen};
use super::{
    rows::{Bad, Flaw, Gleaned, Good, Place, Row, Rows, Unreadable, one_by_one},
    source::{self, Options, Progress, Source, SourceError},
};
use crate::catalogue::{self, Cells, Defaults, UnknownNames};

/// A file of our own format, in one of its forms.
pub struct CatalogueImport<F> {
    file: [String; 1],
    form: F,
    defaults: Defaults,
    progress: Progress,
}

/// How a file is taken apart.
pub trait Form: Send {
    /// The next row; `None` after the last.
    ///
    /// # Errors
    ///
    /// When nothing can be read any more.
    fn next(&mut self, defaults: &Defaults) -> Result<Option<Row>, SourceError>;

    /// Which columns the file has had so far.
    fn seen(&self) -> Seen;

    /// Names of columns that mean nothing.
    fn unknown(&self) -> &UnknownNames;

    /// Whether all is read and the last row may have been cut short.
    fn ends_without_line_break(&self) -> bool;
}

impl CatalogueImport<Csv> {
    /// Opens a CSV file and reads its header.
    ///
    /// # Errors
    ///
    /// When it can't be opened, or its header lacks what is needed.
    pub fn csv(
        path: &Path,
        options: Options,
        delimiter: u8,
        defaults: Defaults,
    ) -> Result<Self, Unreadable> {
        Self::open(path, options, defaults, |source, name| {
            Csv::new(source, delimiter, name)
        })
    }
}

impl CatalogueImport<JsonLines> {
    /// Opens a file of JSON Lines.
    ///
    /// # Errors
    ///
    /// When it can't be opened.
    pub fn jsonl(path: &Path, options: Options, defaults: Defaults) -> Result<Self, Unreadable> {
        Self::open(path, options, defaults, |source, _| {
            Ok(JsonLines::new(source))
        })
    }
}

impl<F> CatalogueImport<F> {
    fn open(
        path: &Path,
        options: Options,
        defaults: Defaults,
        form: impl FnOnce(Source, &str) -> Result<F, Unreadable>,
    ) -> Result<Self, Unreadable> {
        let name = source::name(path);
        let source = Source::open(path, options).map_err(|error| Unreadable::new(&name, &error))?;
        Ok(Self {
            progress: source.progress(),
            form: form(source, &name)?,
            file: [name],
            defaults,
        })
    }

    /// How much of it has been read.
    #[must_use]
    pub fn progress(&self) -> Vec<Progress> {
        vec![self.progress.clone()]
    }
}

impl<F: Form> CatalogueImport<F> {
    fn next_row(&mut self) -> Result<Option<Row>, Unreadable> {
        self.form
            .next(&self.defaults)
            .map_err(|error| Unreadable::new(&self.file[0], &error))
    }
}

impl<F: Form> Rows for CatalogueImport<F> {
    fn read(&mut self, take: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<(), Unreadable> {
        one_by_one(|| self.next_row(), take)
    }

    fn gleaned(&self) -> Gleaned {
        let unknown = self.form.unknown();
        let mut unknown_columns = unknown.kept().to_vec();
        if unknown.others() > 0 {
            unknown_columns.push("…".to_owned());
        }
        let mut gleaned = Gleaned {
            given: self.form.seen().given(),
            unknown_columns,
            ..Gleaned::default()
        };
        if self.form.ends_without_line_break() {
            gleaned.without_last_line_break = self.file.to_vec();
        }
        gleaned
    }

    fn files(&self) -> &[String] {
        &self.file
    }
}

/// Reads a row, of which `text` gives the text if it is bad.
fn read(line: u64, cells: &Cells<'_>, defaults: &Defaults, text: impl FnOnce() -> String) -> Row {
    let content = match catalogue::read(cells, defaults) {
        Ok((record, remarks)) => Ok(Good {
            record,
            remarks: remarks.iter().collect(),
        }),
        Err(flaws) => Err(Bad {
            flaws: flaws
                .into_iter()
                .map(|flaw| Flaw::new(flaw.column.name(), flaw.reason))
                .collect(),
            text: text(),
        }),
    };
    Row {
        place: Place::new(0, line),
        content,
    }
}
