//! The cost of a search.

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
    let has_reviews = finds_reviews(field);
    let statements = NODE_TABLES + u64::from(has_reviews);
    let examined = if has_reviews { statistics.reviews() } else { 0 };
    FieldCost::new(STATEMENT * statements, SEARCH + page / ROWS_PER_UNIT)
        .with_examined(examined / EXCERPTS_PER_UNIT)
}

/// Returns whether a search may find reviews.
fn finds_reviews(field: &Field) -> bool {
    match argument(field, "kinds") {
        Some(Value::List(kinds)) => kinds
            .iter()
            .any(|kind| matches!(kind, Value::Enum(name) if name == "REVIEW")),
        Some(Value::Enum(name)) => name == "REVIEW",
        _ => true,
    }
}
