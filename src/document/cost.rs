//! What an operation costs, told before it is executed: how many fields its answer can have at the most.
//!
//! Every field counts, `__typename` included, as often as the lists above it can be long; pages by their `first` or `last`. A field of
//! introspection counts a tenth, as it reads no row; a mutation counts twenty more, as it is a transaction. So an answer has never more
//! objects than it costs.

use async_graphql::{
    Positioned,
    parser::types::{BaseType, Field, OperationDefinition, OperationType, Selection, SelectionSet},
};
use async_graphql_value::Value;

use super::{
    limits::{Exceeded, Limits},
    schema::{Schema, base},
};
use crate::{
    error::code,
    graphql::size::{list_size, page_size},
};

/// What a mutation costs beside its fields.
const MUTATION: u64 = 20;

/// How many fields of introspection cost as much as one of the catalogue.
const INTROSPECTION: u64 = 10;

/// How many of the lists of types that lead to types again may stand in one another. Tools stay within one; each more multiplies the
/// answer by the size of the schema.
const INTROSPECTION_LISTS: usize = 2;

/// Counts an operation whose fields have been collected.
///
/// # Errors
///
/// When it is more than the limit.
pub fn check(
    schema: &Schema,
    operation: &Positioned<OperationDefinition>,
    limits: &Limits,
) -> Result<usize, Exceeded> {
    let operation = &operation.node;
    let counter = Counter { schema };
    let root = schema.root(operation.ty).unwrap_or_default();
    let set = &operation.selection_set.node;
    let place = Place {
        parent: root,
        page: 1,
        introspection_lists: 0,
    };
    let fields = counter.set(set, place)?;
    let mutations = match operation.ty {
        OperationType::Mutation => MUTATION.saturating_mul(set.items.len() as u64),
        OperationType::Query | OperationType::Subscription => 0,
    };
    let cost = usize::try_from(fields.saturating_add(mutations)).unwrap_or(usize::MAX);
    Exceeded::check(code::TOO_COSTLY, "cost of the operation", limits.cost, cost)?;
    Ok(cost)
}

struct Counter<'a> {
    schema: &'a Schema,
}

/// Where a selection set stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    parent: &'a str,
    /// The size of the page, in a connection.
    page: u64,
    /// In how many of introspection's lists it is.
    introspection_lists: usize,
}

impl<'a> Counter<'a> {
    fn set(&self, set: &'a SelectionSet, place: Place<'a>) -> Result<u64, Exceeded> {
        let mut fields: u64 = 0;
        // Of the fragments for the kinds that something can be, only one applies.
        let mut costliest = 0;
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    fields = fields.saturating_add(self.field(&field.node, place)?);
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref();
                    let parent = on.map_or(place.parent, |on| on.node.on.node.as_str());
                    let set = &fragment.node.selection_set.node;
                    costliest = self.set(set, Place { parent, ..place })?.max(costliest);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
        Ok(fields.saturating_add(costliest))
    }

    fn field(&self, field: &'a Field, place: Place<'a>) -> Result<u64, Exceeded> {
        let name = field.name.node.as_str();
        let set = &field.selection_set.node;
        if set.items.is_empty() {
            return Ok(1);
        }
        let Some(definition) = self.schema.field(place.parent, name) else {
            return Ok(1);
        };
        let argument = |name: &str| field.get_argument(name).map(|value| &value.node);
        let mut below = Place {
            parent: base(&definition.ty),
            page: page_size(argument("first"), argument("last")),
            ..place
        };
        let mut times = 1;
        if matches!(definition.ty.base, BaseType::List(_)) {
            times = self.length(name, &argument, place);
            if place.parent.starts_with("__") && below.parent == "__Type"
                || ["fields", "inputFields"].contains(&name) && place.parent == "__Type"
            {
                below.introspection_lists += usize::from(place.parent == "__Type");
                let what = "lists of introspection in one another";
                let (limit, value) = (INTROSPECTION_LISTS, below.introspection_lists);
                Exceeded::check(code::TOO_DEEP, what, limit, value)?;
            }
        }
        let each = self.set(set, below)?;
        let cost = each.saturating_mul(times);
        let introspects = name.starts_with("__");
        let cost = if introspects {
            cost / INTROSPECTION
        } else {
            cost
        };
        Ok(cost.saturating_add(1))
    }

    /// How long a list can be.
    fn length(
        &self,
        name: &str,
        argument: &impl Fn(&str) -> Option<&'a Value>,
        place: Place<'a>,
    ) -> u64 {
        match (place.parent, name) {
            ("__Schema", "types") => self.schema.size() as u64 + 8,
            ("__Schema", "directives") | ("__Type", "fields" | "inputFields") => 8,
            ("__Type" | "__Field" | "__Directive", _) => 3,
            (parent, name) => list_size(parent, name, argument, place.page),
        }
    }
}
