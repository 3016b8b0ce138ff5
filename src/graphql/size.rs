//! The maximum sizes of the schema's lists, for the cost of an operation.

use async_graphql_value::Value;

use super::types::film::recommendations::DEFAULT_QUOTES;
use crate::{
    film::{YEARS, facets::MAX_GENRES},
    pagination::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE},
    patch::MAX_NAMES,
    review::store::years::MAX_YEARS,
    translations::MAX_LANGUAGES,
};

/// The number of different scores, from 0 to 100.
const SCORE_COUNT: u64 = 101;

/// The assumed size of a list without a known limit: a film's published scores, or the errors of an input.
const DEFAULT_LIST_SIZE: u64 = 10;

/// Returns the maximum number of items of a connection's page, from the arguments `first` and `last`.
#[must_use]
pub fn page_size(first: Option<&Value>, last: Option<&Value>) -> u64 {
    let max = u64::from(MAX_PAGE_SIZE);
    match first
        .and_then(as_integer)
        .or_else(|| last.and_then(as_integer))
    {
        // The field itself rejects a larger size.
        Some(size) => size.min(max),
        None => DEFAULT_PAGE_SIZE.into(),
    }
}

/// Returns the maximum size of a field's list: `page` for the lists of a connection; for other fields it depends on
/// their arguments.
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
            let width = argument("width").and_then(as_integer).unwrap_or(10);
            SCORE_COUNT.div_ceil(width.max(1))
        }
        ("FilmFacets", "years") => year_count(),
        ("FilmFacets", "decades") => year_count().div_ceil(10) + 1,
        ("FilmFacets", "genres") => MAX_GENRES as u64,
        ("FilmFacets", "verdicts") => 5,
        ("Critic", "closestCritics" | "furthestCritics")
        | ("Critic" | "Publication", "outliers")
        | ("Film", "similarFilms") => page_size(argument("first"), None),
        ("Critic" | "Publication", "perYear") => MAX_YEARS as u64,
        ("Film", "topQuotes") => match argument("first") {
            None | Some(Value::Null) => DEFAULT_QUOTES.into(),
            first => page_size(first, None),
        },
        ("Film", "alternativeTitles") => MAX_NAMES as u64,
        ("SiteRules", "messages") => MAX_LANGUAGES as u64,
        _ => DEFAULT_LIST_SIZE,
    }
}

/// Returns the number of years in which films may have been released.
fn year_count() -> u64 {
    u64::from(YEARS.end().abs_diff(*YEARS.start())) + 1
}

fn as_integer(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        _ => None,
    }
}
