//! Finds the layout of a table by its columns.

use super::{PlanError, choices::is_same_name, description::Layout};
use crate::import::table::Table;

/// Returns the layout of a table: the one that requires the most of its columns. Returns `None` if the table has the
/// required columns of no layout.
pub(super) fn find<'l>(header: &[String], layouts: &'l [Layout]) -> Option<&'l Layout> {
    let fitting = layouts
        .iter()
        .filter(|layout| missing(layout, header).is_empty());
    // Of several with as many, the first in the order of the documentation.
    fitting.rev().max_by_key(|layout| layout.required.len())
}

/// Returns the layout that the caller names, after checking that the table has its columns.
pub(super) fn named<'l>(
    name: &str,
    table: &Table,
    layouts: &'l [Layout],
) -> Result<&'l Layout, PlanError> {
    let Some(layout) = layouts.iter().find(|layout| layout.name == name) else {
        let names = layouts.iter().map(|layout| layout.name.clone());
        return Err(PlanError::NoSuchLayout {
            name: name.to_owned(),
            names: names.chain([super::generic::NAME.to_owned()]).collect(),
        });
    };
    let missing = missing(layout, table.header());
    if missing.is_empty() {
        return Ok(layout);
    }
    Err(PlanError::MissingColumns {
        table: table.name().to_owned(),
        layout: layout.name.clone(),
        missing,
        header: table.header().to_vec(),
    })
}

fn missing(layout: &Layout, header: &[String]) -> Vec<String> {
    let is_missing = |required: &&String| !header.iter().any(|name| is_same_name(name, required));
    layout.required.iter().filter(is_missing).cloned().collect()
}
