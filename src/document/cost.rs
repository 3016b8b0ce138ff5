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
    let context = SelectionContext {
        parent: root,
        page: 1,
        introspection_lists: 0,
    };
    let fields = counter.set(set, context)?;
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
        context: SelectionContext<'a>,
    ) -> Result<u64, LimitExceeded> {
        let mut fields: u64 = 0;
        // The inline fragments have different object types, so only one of them applies.
        let mut costliest = 0;
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    fields = fields.saturating_add(self.field(&field.node, context)?);
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let parent = condition
                        .map_or(context.parent, |condition| condition.node.on.node.as_str());
                    let set = &fragment.node.selection_set.node;
                    costliest = self
                        .set(set, SelectionContext { parent, ..context })?
                        .max(costliest);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
        Ok(fields.saturating_add(costliest))
    }

    fn field(&self, field: &'a Field, context: SelectionContext<'a>) -> Result<u64, LimitExceeded> {
        let name = field.name.node.as_str();
        let set = &field.selection_set.node;
        if set.items.is_empty() {
            return Ok(1);
        }
        let Some(definition) = self.schema.field(context.parent, name) else {
            return Ok(1);
        };
        let argument = |name: &str| field.get_argument(name).map(|value| &value.node);
        let mut child_context = SelectionContext {
            parent: base_type_name(&definition.ty),
            page: page_size(argument("first"), argument("last")),
            ..context
        };
        let mut item_count = 1;
        if matches!(definition.ty.base, BaseType::List(_)) {
            item_count = self.list_length(name, &argument, context);
            if context.parent.starts_with("__") && child_context.parent == "__Type"
                || ["fields", "inputFields"].contains(&name) && context.parent == "__Type"
            {
                child_context.introspection_lists += usize::from(context.parent == "__Type");
                let quantity = "nested lists of introspection";
                let (limit, value) = (MAX_INTROSPECTION_LISTS, child_context.introspection_lists);
                LimitExceeded::check(code::TOO_DEEP, quantity, limit, value)?;
            }
        }
        let item_cost = self.set(set, child_context)?;
        let cost = item_cost.saturating_mul(item_count);
        let is_introspection = name.starts_with("__");
        let cost = if is_introspection {
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
        context: SelectionContext<'a>,
    ) -> u64 {
        match (context.parent, name) {
            ("__Schema", "types") => self.schema.type_count() as u64 + 8,
            ("__Schema", "directives") | ("__Type", "fields" | "inputFields") => 8,
            ("__Type" | "__Field" | "__Directive", _) => 3,
            (parent, name) => list_size(parent, name, argument, context.page),
        }
    }
}
