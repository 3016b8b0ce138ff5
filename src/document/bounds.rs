//! Checks the values of an operation's arguments against the bounds of the schema's `@constraint` directives.
//!
//! Values of queries and subscriptions must be within their bounds. The payload of a mutation reports each string and
//! each list that is too long, together with the other errors of its input. This check therefore rejects a mutation
//! only for a string that is longer than [`MUTATION_FACTOR`] times its bound, or a list that is longer than
//! [`REPETITION_FACTOR`] times its bound, before work is spent on them.

use std::{borrow::Cow, collections::HashSet};

use async_graphql::{
    Pos, Positioned, ServerError,
    parser::types::{
        BaseType, Field, OperationDefinition, OperationType, Selection, SelectionSet, Type,
    },
};
use async_graphql_value::Value;

use super::{
    error::{DocumentError, Stage},
    schema::{
        Schema,
        types::{Bound, Fields, Input, Kind, base_type_name},
    },
};
use crate::{
    error::{code, limit_extensions},
    text,
};

/// The factor by which a string of a mutation may exceed its bound before the whole operation is rejected.
pub const MUTATION_FACTOR: usize = 10;

/// The maximum number of values of a list, as a multiple of the most different values.
pub const REPETITION_FACTOR: usize = 10;

/// The maximum number of errors that are reported for an operation.
const MAX_ERRORS: usize = 20;

/// Checks an operation with collected fields and resolved variables.
///
/// # Errors
///
/// `TOO_LONG` for a string and `TOO_MANY_VALUES` for a list, each with the limit and the value; `VALIDATION_FAILED` for
/// an `ID` that is a number beyond 64 bits.
pub fn check(
    schema: &Schema,
    operation: &Positioned<OperationDefinition>,
) -> Result<(), DocumentError> {
    let operation = &operation.node;
    let mut checker = Checker {
        schema,
        is_mutation: operation.ty == OperationType::Mutation,
        path: Vec::new(),
        errors: Vec::new(),
    };
    let root = schema.root(operation.ty).unwrap_or_default();
    checker.set(root, &operation.selection_set.node, true);
    if checker.errors.is_empty() {
        return Ok(());
    }
    Err(DocumentError::new(Stage::Limits, checker.errors))
}

struct Checker<'a> {
    schema: &'a Schema,
    is_mutation: bool,
    /// The path of the current value, from the name of its argument.
    path: Vec<Cow<'a, str>>,
    errors: Vec<ServerError>,
}

/// The context of a value.
#[derive(Clone, Copy)]
struct ArgumentContext<'a> {
    /// The name of the field that has the argument.
    field: &'a str,
    pos: Pos,
    /// Whether the payload of a mutation reports strings and lists that are too long.
    is_input: bool,
}

impl<'a> Checker<'a> {
    fn set(&mut self, parent: &'a str, set: &'a SelectionSet, is_root: bool) {
        let definitions = self.schema.fields(parent);
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => self.field(definitions, &field.node, is_root),
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref();
                    let on = on.map_or(parent, |on| on.node.on.node.as_str());
                    self.set(on, &fragment.node.selection_set.node, is_root);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    fn field(&mut self, definitions: Fields<'a>, field: &'a Field, is_root: bool) {
        let name = field.name.node.as_str();
        if field.arguments.is_empty() && field.selection_set.node.items.is_empty() {
            return;
        }
        let Some(definition) = definitions.get(name) else {
            return;
        };
        for (argument, value) in &field.arguments {
            let context = ArgumentContext {
                field: name,
                pos: value.pos,
                is_input: self.is_mutation && is_root,
            };
            self.input(
                &definition.arguments,
                argument.node.as_str(),
                &value.node,
                context,
            );
        }
        let selection_set = &field.selection_set.node;
        if !selection_set.items.is_empty() {
            self.set(base_type_name(&definition.ty), selection_set, false);
        }
    }

    /// Checks the value of the input `name` among `inputs`: a field's arguments, or the fields of an input object.
    fn input(
        &mut self,
        inputs: &'a [Input],
        name: &str,
        value: &'a Value,
        context: ArgumentContext<'a>,
    ) {
        if self.errors.len() >= MAX_ERRORS {
            return;
        }
        if let Some(input) = inputs.iter().find(|input| input.name == name) {
            self.path.push(input.name.as_str().into());
            self.value(&input.ty, input.bound, value, context);
            self.path.pop();
        }
    }

    fn value(
        &mut self,
        ty: &'a Type,
        bound: Bound,
        value: &'a Value,
        context: ArgumentContext<'a>,
    ) {
        match (value, &ty.base) {
            (Value::List(items), BaseType::List(inner)) => {
                self.items(items, bound, context);
                for (index, item) in items.iter().enumerate() {
                    if self.errors.len() < MAX_ERRORS {
                        self.path.push(index.to_string().into());
                        self.value(inner, bound, item, context);
                        self.path.pop();
                    }
                }
            }
            // List input coercion: a single value is a list of one item.
            (value, BaseType::List(inner)) => self.value(inner, bound, value, context),
            (Value::String(text), BaseType::Named(name)) => {
                self.text(text, name == "ID", bound, context);
            }
            (Value::Number(number), BaseType::Named(name)) if name == "ID" && number.is_f64() => {
                let path = self.path.join(".");
                let ArgumentContext { field, pos, .. } = context;
                let message = format!(
                    "the argument `{path}` of `{field}` must be a string or a 64-bit integer"
                );
                self.errors.push(ServerError::new(message, Some(pos)));
            }
            (Value::Object(fields), BaseType::Named(name)) => {
                let schema = self.schema;
                if let Some(Kind::Input { fields: inputs, .. }) =
                    schema.find(name).map(|ty| &ty.kind)
                {
                    for (name, value) in fields {
                        self.input(inputs, name, value, context);
                    }
                }
            }
            _ => {}
        }
    }

    fn items(&mut self, items: &[Value], bound: Bound, context: ArgumentContext<'_>) {
        let Some(limit) = bound.items.filter(|limit| items.len() > *limit) else {
            return;
        };
        let total_limit = limit.saturating_mul(REPETITION_FACTOR);
        if items.len() > total_limit {
            let value = items.len();
            let problem = format!("has {value} values, and at most {total_limit} are allowed");
            self.add_error(
                code::TOO_MANY_VALUES,
                &problem,
                (total_limit, value),
                context,
            );
        } else if !context.is_input {
            let distinct: HashSet<Cow<'_, str>> = items.iter().map(deduplication_key).collect();
            let value = distinct.len();
            if value > limit {
                let problem =
                    format!("has {value} different values, and at most {limit} are allowed");
                self.add_error(code::TOO_MANY_VALUES, &problem, (limit, value), context);
            }
        }
    }

    fn text(&mut self, text: &str, is_id: bool, bound: Bound, context: ArgumentContext<'_>) {
        // No id of the server is this long, so a mutation's id that is too long is a request error as well.
        let factor = if context.is_input && !is_id {
            MUTATION_FACTOR
        } else {
            1
        };
        let Some(limit) = bound.length.map(|limit| limit.saturating_mul(factor)) else {
            return;
        };
        if let Err(value) = text::check_normalized_length(text, limit) {
            let problem = format!("is {value} characters long, and at most {limit} are allowed");
            self.add_error(code::TOO_LONG, &problem, (limit, value), context);
        }
    }

    fn add_error(
        &mut self,
        code: &'static str,
        problem: &str,
        (limit, value): (usize, usize),
        ArgumentContext { field, pos, .. }: ArgumentContext<'_>,
    ) {
        let path = self.path.join(".");
        let message = format!("the argument `{path}` of `{field}` {problem}");
        let mut error = ServerError::new(message, Some(pos));
        error.extensions = Some(limit_extensions(code, limit, Some(value)));
        self.errors.push(error);
    }
}

/// Returns the key of a list's value. Values with the same key are duplicates.
fn deduplication_key(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => text.as_str().into(),
        Value::Enum(name) => name.as_str().into(),
        other => other.to_string().into(),
    }
}
