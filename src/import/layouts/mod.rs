//! Imports of any files by the layouts of their tables.
//!
//! 1. [`Layout`]s are descriptions of known tables, one small file each in this directory;
//! 2. [`Plan::make`] finds the layout of each table by its columns, maps the columns to meanings, and reads the tables
//!    once to check what the cells say;
//! 3. [`FilesImport`] reads the tables again and turns each row into records of the catalogue.

mod choices;
mod description;
mod error;
mod file_import;
mod generic;
mod grade_parts;
mod mapping;
mod meaning;
mod names;
mod opening;
mod plan;
mod published;
mod recognition;
mod review_id;
mod scan;
mod suggestion;
mod totals;
mod translation;
mod values;

#[cfg(test)]
mod tests;

pub use self::{
    choices::{Choices, ColumnMap, FileKinds, RowsAs},
    description::{Layout, LayoutError, RowsOf, all},
    error::{MAX_REFUSALS, PlanError},
    file_import::FilesImport,
    opening::{open, read},
    plan::{Plan, PlannedColumn, PlannedTable},
};

/// Returns the layout of a table with these columns; `None` if it is unknown.
#[must_use]
pub fn recognize(header: &[String]) -> Option<&'static Layout> {
    recognition::find(header, all().ok()?)
}
