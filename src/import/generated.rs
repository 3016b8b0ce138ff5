//! A generated catalogue as a source of rows.

use std::ops::ControlFlow;

use super::rows::{FileError, FileFacts, Row, RowPosition, RowSource, TableColumns, ValidRow};
use crate::{generate::Catalogue, site_rules::ReadingRules};

/// A source of rows that generates a catalogue while the import reads it.
pub struct GeneratedRows {
    catalogue: Catalogue,
    name: [String; 1],
}

impl GeneratedRows {
    /// Creates a source of a catalogue's rows, numbered from 1.
    #[must_use]
    pub fn new(catalogue: Catalogue) -> Self {
        Self {
            catalogue,
            name: ["generated".to_owned()],
        }
    }
}

impl RowSource for GeneratedRows {
    /// Does nothing: a generated catalogue depends only on its size and seed.
    fn set_reading_rules(&mut self, _: &ReadingRules) {}

    fn read(&mut self, visit: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<(), FileError> {
        for (number, record) in (1..).zip(self.catalogue.records()) {
            let row = Row {
                position: RowPosition::new(0, number),
                content: Ok(ValidRow {
                    record,
                    warnings: Vec::new(),
                }),
            };
            if visit(row).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Claims every column, so that an import resets rows that were changed since an earlier run.
    fn file_facts(&self) -> FileFacts {
        FileFacts {
            columns: vec![TableColumns::all()],
            ..FileFacts::default()
        }
    }

    fn files(&self) -> &[String] {
        &self.name
    }
}
