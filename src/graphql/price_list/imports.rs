//! The cost of imports.

use async_graphql::parser::types::Field;
use async_graphql_value::ConstValue;

use super::{FieldCost, TRANSACTION};

/// The number of bytes of a page of reviews or a file that are imported for a unit.
const BYTES_PER_UNIT: u64 = 12;

/// Returns the cost of an import, which depends on the size of what is imported.
pub(super) fn cost(field: &Field) -> FieldCost {
    FieldCost::new(0, TRANSACTION + literal_size(field) / BYTES_PER_UNIT)
}

/// Returns the size of the strings of a field's arguments, in bytes.
fn literal_size(field: &Field) -> u64 {
    fn size(value: &ConstValue) -> usize {
        match value {
            ConstValue::String(text) => text.len(),
            ConstValue::List(items) => items.iter().map(size).sum(),
            ConstValue::Object(fields) => fields.values().map(size).sum(),
            _ => 0,
        }
    }
    let values = field.arguments.iter();
    let values = values.filter_map(|(_, value)| value.node.clone().into_const());
    values.map(|value| size(&value) as u64).sum()
}
