//! Computes the cost of an operation before it is executed.
//!
//! Every field of the response counts one unit, `__typename` included, multiplied by the longest possible lengths of the
//! lists above it; the length of a page is its `first` or `last`. A response therefore never has more objects than its
//! cost. Introspection fields count a tenth, because they read no rows. What a field makes the database do is added:
//! [`price_list`](crate::graphql::price_list).

use async_graphql::{
    Positioned,
    parser::types::{BaseType, Field, OperationDefinition, Selection, SelectionSet},
};
use async_graphql_value::Value;

use super::{
    limits::{LimitExceeded, Limits},
    schema::{
        Schema,
        types::{Field as FieldDefinition, Fields, base_type_name},
    },
};
use crate::{
    error::code,
    graphql::{
        price::Price,
        price_list::{FieldContext, FieldCost, List, REQUEST_COST},
        size::{list_size, page_size},
    },
    review::statistics::Statistics,
};

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
    statistics: &Statistics,
) -> Result<OperationCost, LimitExceeded> {
    let operation = &operation.node;
    let counter = Counter { schema, statistics };
    let root = schema.root(operation.ty).unwrap_or_default();
    let set = &operation.selection_set.node;
    let context = SelectionContext {
        parent: root,
        objects: 1,
        page: 1,
        list: None,
        introspection_lists: 0,
    };
    let cost = counter.set(set, context)?;
    let base = cost.selection.saturating_add(cost.object);
    let base = base.saturating_add(REQUEST_COST.into());
    let total = base.saturating_add(cost.examined);
    let [base, total] = [base, total].map(|cost| usize::try_from(cost).unwrap_or(usize::MAX));
    // The limit does not depend on the size of the catalogue: an operation that is accepted remains so.
    LimitExceeded::check(code::TOO_COSTLY, "cost of the operation", limits.cost, base)?;
    Ok(OperationCost { base, total })
}

/// The cost of an operation.
#[derive(Clone, Copy, Debug)]
pub struct OperationCost {
    /// The part that depends only on the operation.
    pub base: usize,
    /// The cost, with the part that depends on the size of the catalogue.
    pub total: usize,
}

struct Counter<'a> {
    schema: &'a Schema,
    statistics: &'a Statistics,
}

/// The context of a selection set.
#[derive(Clone, Copy)]
struct SelectionContext<'a> {
    parent: &'a str,
    /// The maximum number of objects that the set is selected on.
    objects: u64,
    /// The page size of the connection that the set belongs to.
    page: u64,
    /// The list whose connection the set belongs to.
    list: Option<List<'a>>,
    /// The number of introspection lists around the set.
    introspection_lists: usize,
}

impl<'a> Counter<'a> {
    fn set(
        &self,
        set: &'a SelectionSet,
        context: SelectionContext<'a>,
    ) -> Result<FieldCost, LimitExceeded> {
        let mut cost = FieldCost::default();
        // The inline fragments have different object types, so only one of them applies to an object.
        let mut costliest = 0;
        let definitions = self.schema.fields(context.parent);
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    cost = cost.saturating_add(self.field(&field.node, definitions, context)?);
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let parent = condition
                        .map_or(context.parent, |condition| condition.node.on.node.as_str());
                    let set = &fragment.node.selection_set.node;
                    let fragment = self.set(set, SelectionContext { parent, ..context })?;
                    costliest = fragment.object.max(costliest);
                    cost = cost.saturating_add(FieldCost {
                        object: 0,
                        ..fragment
                    });
                }
                Selection::FragmentSpread(_) => {}
            }
        }
        cost.object = cost.object.saturating_add(costliest);
        Ok(cost)
    }

    fn field(
        &self,
        field: &'a Field,
        definitions: Fields<'a>,
        context: SelectionContext<'a>,
    ) -> Result<FieldCost, LimitExceeded> {
        let name = field.name.node.as_str();
        let set = &field.selection_set.node;
        let value = FieldCost {
            object: 1,
            ..FieldCost::default()
        };
        let Some(definition) = definitions.get(name) else {
            return Ok(value);
        };
        let price = definition.price;
        if price == Price::Nothing && field.arguments.is_empty() && set.items.is_empty() {
            return Ok(value);
        }
        let argument = |name: &str| field.get_argument(name).map(|value| &value.node);
        let page = page_size(argument("first"), argument("last"));
        let ty = base_type_name(&definition.ty);
        let price_context = FieldContext {
            statistics: self.statistics,
            objects: context.objects,
            list: context.list,
        };
        let own = value.saturating_add(price.cost(field, page, price_context));
        if set.items.is_empty() {
            return Ok(own);
        }
        let (item_count, introspection_lists) = self.items(definition, name, &argument, context)?;
        if item_count == 0 {
            // Nothing is selected on the items of an empty list.
            return Ok(own);
        }
        let items = self.set(
            set,
            SelectionContext {
                parent: ty,
                objects: context.objects.saturating_mul(item_count),
                page,
                list: price.list(field),
                introspection_lists,
            },
        )?;
        let divisor = if name.starts_with("__") {
            INTROSPECTION_DIVISOR
        } else {
            1
        };
        Ok(own.saturating_add(FieldCost {
            object: items.object.saturating_mul(item_count) / divisor,
            ..items
        }))
    }

    /// Returns the longest possible length of a list, or 1 for a single object, and the number of introspection lists
    /// around its items.
    fn items(
        &self,
        definition: &FieldDefinition,
        name: &str,
        argument: &impl Fn(&str) -> Option<&'a Value>,
        context: SelectionContext<'a>,
    ) -> Result<(u64, usize), LimitExceeded> {
        let mut introspection_lists = context.introspection_lists;
        if !matches!(definition.ty.base, BaseType::List(_)) {
            return Ok((1, introspection_lists));
        }
        let ty = base_type_name(&definition.ty);
        if context.parent.starts_with("__") && ty == "__Type"
            || ["fields", "inputFields"].contains(&name) && context.parent == "__Type"
        {
            introspection_lists += usize::from(context.parent == "__Type");
            let quantity = "nested lists of introspection";
            let (limit, value) = (MAX_INTROSPECTION_LISTS, introspection_lists);
            LimitExceeded::check(code::TOO_DEEP, quantity, limit, value)?;
        }
        let length = self.list_length(name, argument, context);
        Ok((length, introspection_lists))
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
