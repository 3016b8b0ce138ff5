//! Properties of the pipeline for any document and any variables.

pub mod costs;
mod generator;

use std::{collections::BTreeSet, sync::LazyLock};

use async_graphql::parser::types::{DocumentOperations, OperationType, Selection, SelectionSet};
use async_graphql_value::Value as Literal;
use serde_json::{Map, Value};

use super::{Pipeline, Plan, error::DocumentError, limits::Limits};
use crate::{graphql::size::page_size, metrics::CacheMetrics};

/// The maximum number of errors in a response.
const MAX_ERRORS: usize = 20;

/// The maximum number of operations of a document that are planned. It bounds the time for documents with many small
/// operations.
const MAX_OPERATIONS: usize = 4;

/// The maximum nesting of selection sets, those of fragments included.
const MAX_NESTING: usize = 100;

/// Creates a pipeline for Marquee's schema. It has no document cache, so earlier documents don't influence the result.
fn pipeline(limits: Limits) -> Pipeline {
    match Pipeline::new(
        &crate::graphql::schema::sdl(),
        limits,
        true,
        0,
        CacheMetrics::default(),
    ) {
        Ok(pipeline) => pipeline,
        Err(error) => unreachable!("{error}"),
    }
}

/// Checks that no stage panics, that a rejection has messages and valid locations, and that a plan is in executable
/// form and within the limits.
///
/// # Panics
///
/// When the property doesn't hold.
pub fn a_request_is_rejected_with_messages_or_planned_within_the_limits(
    text: &str,
    variables: &Map<String, Value>,
) {
    static PIPELINE: LazyLock<Pipeline> = LazyLock::new(|| pipeline(Limits::default()));
    let document = match PIPELINE.document(text) {
        Ok(document) => document,
        Err(rejection) => return check_rejection(text, &rejection),
    };
    let names = document.operation_names().take(MAX_OPERATIONS).map(Some);
    for name in names.chain([None]) {
        match PIPELINE.plan(&document, name, variables) {
            Ok(plan) => check_plan(PIPELINE.limits(), &plan),
            Err(rejection) => check_rejection(text, &rejection),
        }
    }
}

fn check_rejection(text: &str, rejection: &DocumentError) {
    let text = text.replace("\r\n", "\n");
    let lines: Vec<&str> = text.split(['\n', '\r']).collect();
    assert!(!rejection.code().is_empty() && !rejection.to_string().is_empty());
    assert!((1..=MAX_ERRORS).contains(&rejection.errors.len()));
    for error in &rejection.errors {
        assert!(!error.message.is_empty());
        for location in &error.locations {
            let line = location
                .line
                .checked_sub(1)
                .and_then(|line| lines.get(line));
            let columns = line.map_or(0, |line| line.encode_utf16().count() + 1);
            assert!((1..=columns).contains(&location.column), "{error:?}");
        }
    }
}

fn check_plan(limits: &Limits, plan: &Plan) {
    let fields = count_fields(plan);
    assert!(fields.depth <= limits.depth.min(MAX_NESTING), "{plan:?}");
    assert!(fields.roots <= limits.root_fields, "{plan:?}");
    assert!(
        (fields.least..=limits.cost).contains(&plan.cost.base),
        "the cost is not from {} to the limit: {plan:?}",
        fields.least
    );
}

/// The counts of an operation's fields, made without the schema.
#[derive(Clone, Copy, Default)]
struct FieldCounts {
    /// The fewest fields of a response in which no list is empty.
    least: usize,
    roots: usize,
    depth: usize,
}

/// Counts the fields of a plan, and checks that it is in executable form: one operation, each field once, with the
/// values of its arguments.
fn count_fields(plan: &Plan) -> FieldCounts {
    assert!(plan.document.fragments.is_empty(), "{plan:?}");
    let DocumentOperations::Single(operation) = &plan.document.operations else {
        unreachable!("a plan has one operation: {plan:?}");
    };
    let operation = &operation.node;
    assert!(operation.variable_definitions.is_empty() && operation.directives.is_empty());
    let set = &operation.selection_set.node;
    let mut fields = count(set, false);
    fields.roots = set.items.len();
    if operation.ty == OperationType::Mutation {
        // A mutation field costs twenty more.
        fields.least += 20 * fields.roots;
    }
    fields
}

/// Counts the fields of a set. The lists of a connection whose page is empty have no items.
fn count(set: &SelectionSet, is_page_empty: bool) -> FieldCounts {
    let mut keys = BTreeSet::new();
    let (mut fields, mut costliest) = (FieldCounts::default(), 0);
    for item in &set.items {
        assert!(item.node.directives().is_empty(), "{item:?}");
        match &item.node {
            Selection::Field(field) => {
                let field = &field.node;
                let name = field.name.node.as_str();
                assert!(keys.insert(field.response_key().node.as_str()), "{item:?}");
                let is_plain = |value: &Literal| value.clone().into_const().is_some();
                assert!(
                    field
                        .arguments
                        .iter()
                        .all(|(_, value)| is_plain(&value.node))
                );
                let argument = |name| field.get_argument(name).map(|value| &value.node);
                let is_empty = page_size(argument("first"), argument("last")) == 0;
                let child = count(&field.selection_set.node, is_empty);
                fields.depth = fields.depth.max(child.depth + 1);
                // Introspection counts a tenth, and `nodes` without ids has no items.
                let has_ids = name == "nodes" && !field.arguments.is_empty();
                let has_no_items = is_page_empty && ["nodes", "edges"].contains(&name);
                let may_be_empty = name.starts_with("__") || has_ids || has_no_items;
                fields.least += if may_be_empty { 1 } else { child.least + 1 };
            }
            // The fragments have different object types, so only one of them applies.
            Selection::InlineFragment(fragment) => {
                let child = count(&fragment.node.selection_set.node, is_page_empty);
                fields.depth = fields.depth.max(child.depth);
                costliest = costliest.max(child.least);
            }
            Selection::FragmentSpread(_) => unreachable!("fragments are expanded: {item:?}"),
        }
    }
    fields.least += costliest;
    fields
}
