//! The cost of a search.

use std::collections::BTreeSet;

use async_graphql::parser::types::Field;
use async_graphql_value::Value;

use super::{FieldCost, NODE_TABLES, ROWS_PER_UNIT, STATEMENT, argument};
use crate::review::statistics::Statistics;

/// The comparison of a text with names.
const SEARCH: u64 = 300;

/// The number of excerpts in an index that a search takes a unit for.
const EXCERPTS_PER_UNIT: u64 = 500;

/// Returns the cost of a search for a page of this size. It may need a statement for each kind of object, and one for
/// excerpts.
pub(super) fn cost(field: &Field, page: u64, statistics: &Statistics) -> FieldCost {
    let kinds = kinds(field);
    let kinds = kinds.as_ref();
    let has_reviews = kinds.is_none_or(|kinds| kinds.contains("REVIEW"));
    let tables = kinds.map_or(NODE_TABLES, |kinds| kinds.len() as u64);
    let statements = tables + u64::from(has_reviews);
    let examined = if has_reviews { statistics.reviews() } else { 0 };
    FieldCost::new(STATEMENT * statements, SEARCH + page / ROWS_PER_UNIT)
        .with_examined(examined / EXCERPTS_PER_UNIT)
}

/// Returns the kinds of objects that a search may find; `None` for all.
fn kinds(field: &Field) -> Option<BTreeSet<&str>> {
    fn name(kind: &Value) -> Option<&str> {
        match kind {
            Value::Enum(name) => Some(name.as_str()),
            _ => None,
        }
    }
    match argument(field, "kinds")? {
        Value::List(kinds) => Some(kinds.iter().filter_map(name).collect()),
        kind @ Value::Enum(_) => Some(name(kind).into_iter().collect()),
        _ => None,
    }
}
