//! Computes the cost of an operation before it is executed: the most fields that its response can have.
//!
//! Every field counts, `__typename` included, multiplied by the longest possible lengths of the lists above it; the
//! length of a page is its `first` or `last`. Introspection fields count a tenth, because they read no rows. A mutation
//! field adds twenty, because it is a transaction. A response therefore never has more objects than its cost.

use async_graphql::{
    Positioned,
    parser::types::{BaseType, Field, OperationDefinition, OperationType, Selection, SelectionSet},
};
use async_graphql_value::Value;

use super::{
    limits::{LimitExceeded, Limits},
    schema::{Schema, types::base_type_name},
};
use crate::{
    error::code,
    graphql::size::{list_size, page_size},
};

/// The cost of a mutation field in addition to its selected fields.
const MUTATION_COST: u64 = 20;

/// The number of introspection fields that cost as much as one field of the catalogue.
const INTROSPECTION_DIVISOR: u64 = 10;

/// The maximum nesting of introspection lists that lead from types back to types. Tools nest at most one; each further
/// level multiplies the response by the size of the schema.
const MAX_INTROSPECTION_LISTS: usize = 2;

/// Returns the cost of an operation with collected fields.
///
/// # Errors
///
/// When the cost exceeds the limit, or introspection lists are nested too deeply.
pub fn check(
    schema: &Schema,
    operation: &Positioned<OperationDefinition>,
    limits: &Limits,
) -> Result<usize, LimitExceeded> {
    let operation = &operation.node;
    let counter = Counter { schema };
    let root = schema.root(operation.ty).unwrap_or_default();
    let set = &operation.selection_set.node;
    let place = SelectionContext {
        parent: root,
        page: 1,
        introspection_lists: 0,
    };
    let fields = counter.set(set, place)?;
    let mutations = match operation.ty {
        OperationType::Mutation => MUTATION_COST.saturating_mul(set.items.len() as u64),
        OperationType::Query | OperationType::Subscription => 0,
    };
    let cost = usize::try_from(fields.saturating_add(mutations)).unwrap_or(usize::MAX);
    LimitExceeded::check(code::TOO_COSTLY, "cost of the operation", limits.cost, cost)?;
    Ok(cost)
}

struct Counter<'a> {
    schema: &'a Schema,
}

/// The context of a selection set.
#[derive(Clone, Copy)]
struct SelectionContext<'a> {
    parent: &'a str,
    /// The page size of the connection that the set belongs to.
    page: u64,
    /// The number of introspection lists around the set.
    introspection_lists: usize,
}

impl<'a> Counter<'a> {
    fn set(
        &self,
        set: &'a SelectionSet,
        place: SelectionContext<'a>,
    ) -> Result<u64, LimitExceeded> {
        let mut fields: u64 = 0;
        // The inline fragments have different object types, so only one of them applies.
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
                    costliest = self
                        .set(set, SelectionContext { parent, ..place })?
                        .max(costliest);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
        Ok(fields.saturating_add(costliest))
    }

    fn field(&self, field: &'a Field, place: SelectionContext<'a>) -> Result<u64, LimitExceeded> {
        let name = field.name.node.as_str();
        let set = &field.selection_set.node;
        if set.items.is_empty() {
            return Ok(1);
        }
        let Some(definition) = self.schema.field(place.parent, name) else {
            return Ok(1);
        };
        let argument = |name: &str| field.get_argument(name).map(|value| &value.node);
        let mut below = SelectionContext {
            parent: base_type_name(&definition.ty),
            page: page_size(argument("first"), argument("last")),
            ..place
        };
        let mut times = 1;
        if matches!(definition.ty.base, BaseType::List(_)) {
            times = self.list_length(name, &argument, place);
            if place.parent.starts_with("__") && below.parent == "__Type"
                || ["fields", "inputFields"].contains(&name) && place.parent == "__Type"
            {
                below.introspection_lists += usize::from(place.parent == "__Type");
                let what = "nested lists of introspection";
                let (limit, value) = (MAX_INTROSPECTION_LISTS, below.introspection_lists);
                LimitExceeded::check(code::TOO_DEEP, what, limit, value)?;
            }
        }
        let each = self.set(set, below)?;
        let cost = each.saturating_mul(times);
        let introspects = name.starts_with("__");
        let cost = if introspects {
            cost / INTROSPECTION_DIVISOR
        } else {
            cost
        };
        Ok(cost.saturating_add(1))
    }

    /// Returns the longest possible length of a list.
    fn list_length(
        &self,
        name: &str,
        argument: &impl Fn(&str) -> Option<&'a Value>,
        place: SelectionContext<'a>,
    ) -> u64 {
        match (place.parent, name) {
            ("__Schema", "types") => self.schema.type_count() as u64 + 8,
            ("__Schema", "directives") | ("__Type", "fields" | "inputFields") => 8,
            ("__Type" | "__Field" | "__Directive", _) => 3,
            (parent, name) => list_size(parent, name, argument, place.page),
        }
    }
}
