//! A synthetic catalogue, as a source of rows.

use std::ops::ControlFlow;

use super::rows::{Given, Gleaned, Good, Place, Row, Rows, Unreadable};
use crate::generate::Catalogue;

/// A catalogue that is made up while it is stored.
pub struct Generated {
    catalogue: Catalogue,
    name: [String; 1],
}

impl Generated {
    /// The rows of a catalogue, numbered from 1.
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

    /// Whatever was made before and has been changed since becomes again what it was.
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
