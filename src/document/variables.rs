//! Coerces the values of an operation's variables and applies their defaults.

mod coercion;
mod size;
pub mod values;

use async_graphql::{Pos, ServerError, parser::types::OperationDefinition};
use serde_json::{Map, Value};

use self::{
    coercion::{Coercion, PathSegment},
    size::check_size,
    values::Values,
};
use super::{
    error::{DocumentError, Stage},
    limits::Limits,
    schema::{Schema, types::base_type_name},
};

/// A value without variables.
pub type Constant = async_graphql::Value;

/// The most errors that are reported.
pub const MAX_ERRORS: usize = 20;

/// Coerces the values of variables, by section 6.1.2 of the specification. Undeclared variables are ignored.
///
/// # Errors
///
/// When the variables exceed a limit, or a value is invalid for its type.
pub fn coerce(
    schema: &Schema,
    operation: &OperationDefinition,
    variables: &Map<String, Value>,
    limits: &Limits,
) -> Result<Values, DocumentError> {
    check_size(variables, limits)?;
    let mut values = Values::new(limits.variable_bytes.max(limits.bytes));
    let mut errors = Vec::new();
    for definition in &operation.variable_definitions {
        let variable = &definition.node;
        let name = &variable.name.node;
        let value = variables.get(name.as_str());
        if value.is_none() {
            if let Some(default) = &variable.default_value {
                values.insert(name, default.node.clone());
                continue;
            }
            if variable.var_type.node.nullable {
                values.record_missing();
                continue;
            }
        }
        let mut coercion = Coercion {
            schema,
            path: vec![PathSegment::Name(name.as_str())],
            errors: Vec::new(),
            exceeded: None,
        };
        let ty = &variable.var_type.node;
        let max_items = schema.max_list_length(base_type_name(ty));
        let value = coercion.value(ty, max_items, value.unwrap_or(&Value::Null));
        if let Some(exceeded) = coercion.exceeded {
            return Err(exceeded.at(definition.pos));
        }
        match value {
            Some(value) if coercion.errors.is_empty() => {
                values.insert(name, value);
            }
            _ => errors.extend(
                coercion
                    .errors
                    .into_iter()
                    .map(|message| error(message, definition.pos)),
            ),
        }
    }
    if errors.is_empty() {
        return Ok(values);
    }
    errors.truncate(MAX_ERRORS);
    Err(DocumentError::new(Stage::Variables, errors))
}

fn error(message: String, pos: Pos) -> ServerError {
    ServerError::new(message, Some(pos))
}
