//! The cost of looking up the rows that arguments refer to.

use async_graphql::{InputType, parser::types::Field};
use async_graphql_value::Value;

use super::{COUNTED, FieldCost, KEY, STATEMENT, argument, hundredths, reviews::input};
use crate::{
    graphql::types::{review::filter::ReviewFilterInput, scoring_policy::ScoringPolicyInput},
    review::{owner::OwnerKind, statistics::Statistics},
};

/// Returns the cost of the lookups that a field's arguments need before its own reads.
pub(super) fn cost(field: &Field) -> FieldCost {
    let authors = authors(field).count() as u64;
    let count = filter_lookups(field) + authors + policy_lookups(field) + by_key(field);
    FieldCost::new(STATEMENT * count, KEY * count)
}

/// Returns the number of references by slug or name in a filter of reviews.
fn filter_lookups(field: &Field) -> u64 {
    let filter = || {
        let value = argument(field, "filter")?.clone().into_const()?;
        <Option<ReviewFilterInput> as InputType>::parse(Some(value)).ok()?
    };
    match argument(field, "filter") {
        Some(Value::Object(fields))
            if fields.contains_key("criticBy") || fields.contains_key("publicationBy") =>
        {
            filter().map_or(0, |filter| filter.lookups())
        }
        _ => 0,
    }
}

/// Returns the kinds of the authors whose films a filter of films requires.
fn authors(field: &Field) -> impl Iterator<Item = OwnerKind> {
    let fields = match argument(field, "filter") {
        Some(Value::Object(fields)) => Some(fields),
        _ => None,
    };
    let kinds = [
        ("reviewedBy", OwnerKind::Critic),
        ("reviewedIn", OwnerKind::Publication),
    ];
    let is_given = move |name: &str| {
        let value = fields.and_then(|fields| fields.get(name));
        value.is_some_and(|value| *value != Value::Null)
    };
    let given = kinds.into_iter().filter(move |(name, _)| is_given(name));
    given.map(|(_, kind)| kind)
}

/// Returns the cost of the reviews that are read for the authors in a filter of films.
pub(super) fn of_authors(field: &Field, statistics: &Statistics) -> u64 {
    let reviews = authors(field).map(|kind| statistics.reviews_of(kind, 1));
    hundredths(reviews.sum(), COUNTED)
}

/// Returns the number of references by slug or name in a scoring policy.
fn policy_lookups(field: &Field) -> u64 {
    let policy: Option<ScoringPolicyInput> = input(field, "policy").unwrap_or_default();
    policy.map_or(0, |policy| policy.lookups())
}

/// Returns 1 if the row of a field is found by its name, its title or an external ID, which needs a statement more.
fn by_key(field: &Field) -> u64 {
    match argument(field, "by").or_else(|| argument(field, "with")) {
        Some(Value::Object(members)) => {
            let looked_up = ["name", "titled", "external"];
            u64::from(looked_up.iter().any(|member| members.contains_key(*member)))
        }
        _ => 0,
    }
}
