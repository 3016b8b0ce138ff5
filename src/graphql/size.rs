//! How long the lists of the schema can be, for what an operation costs.

use async_graphql_value::Value;

use crate::pagination::{DEFAULT_PAGE, LARGEST_PAGE};

/// How many scores there are, from 0 to 100.
const SCORES: u64 = 101;

/// How long a list is taken to be that says nothing of it: what sources published of a film, the errors of an input.
const DEFAULT_LIST_SIZE: u64 = 10;

/// How many a page of a connection can hold, by its arguments `first` and `last`.
#[must_use]
pub fn page_size(first: Option<&Value>, last: Option<&Value>) -> u64 {
    let largest = u64::from(LARGEST_PAGE);
    match first.and_then(whole).or_else(|| last.and_then(whole)) {
        // What is more is refused by the field itself.
        Some(size) => size.clamp(1, largest),
        None => DEFAULT_PAGE.into(),
    }
}

/// How long the list of a field can be: that of a connection as its page, any other by its arguments.
#[must_use]
pub fn list_size<'a>(
    parent: &str,
    field: &str,
    argument: &impl Fn(&str) -> Option<&'a Value>,
    page: u64,
) -> u64 {
    match (parent, field) {
        (_, "nodes" | "edges") if parent.ends_with("Connection") => page,
        ("Query", "nodes") => match argument("ids") {
            Some(Value::List(ids)) => ids.len() as u64,
            _ => 1,
        },
        ("ScoreDistribution", "histogram") => {
            let width = argument("width").and_then(whole).unwrap_or(10);
            SCORES.div_ceil(width.max(1))
        }
        _ => DEFAULT_LIST_SIZE,
    }
}

fn whole(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        _ => None,
    }
}
