//! A generated catalogue as a source of rows.

use std::ops::ControlFlow;

use super::rows::{Given, Gleaned, Good, Place, Row, Rows, Unreadable};
use crate::generate::Catalogue;

/// A source of rows that generates a catalogue while the import reads it.
pub struct Generated {
    catalogue: Catalogue,
    name: [String; 1],
}

impl Generated {
    /// Creates a source of a catalogue's rows, numbered from 1.
    #[must_use]
    pub fn new(catalogue: Catalogue) -> Self {
        Self {
            catalogue,
            name: ["generated".to_owned()],
        }
    }
}

impl Rows for Generated {
    fn read(&mut self, take: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<(), Unreadable> {
        for (number, record) in (1..).zip(self.catalogue.records()) {
            let row = Row {
                place: Place::new(0, number),
                content: Ok(Good {
                    record,
                    remarks: Vec::new(),
                }),
            };
            if take(row).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Claims every column, so that an import resets rows that were changed since an earlier run.
    fn gleaned(&self) -> Gleaned {
        Gleaned {
            given: Given::every(),
            ..Gleaned::default()
        }
    }

    fn files(&self) -> &[String] {
        &self.name
    }
}
