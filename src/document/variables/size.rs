//! The limits of the variables' size.

use serde_json::{Map, Value};

use crate::{
    document::limits::{LimitExceeded, Limits},
    error::code,
};

pub(super) fn check_size(
    variables: &Map<String, Value>,
    limits: &Limits,
) -> Result<(), LimitExceeded> {
    let (bytes, depth) = variables
        .values()
        .map(size)
        .fold((0, 0), |(bytes, depth), (item_bytes, item_depth)| {
            (bytes + item_bytes, item_depth.max(depth))
        });
    let bytes = variables
        .keys()
        .fold(bytes, |bytes, name| bytes + name.len());
    let quantity = "bytes of the variables";
    let (code, limit) = (code::VARIABLES_TOO_LARGE, limits.variable_bytes);
    LimitExceeded::check(code, quantity, limit, bytes)?;
    let quantity = "nested lists and objects in the variables";
    LimitExceeded::check(code, quantity, limits.variable_depth, depth)
}

/// Returns the approximate size of a value as JSON in bytes, and its depth. The JSON parser bounds the depth by 128.
fn size(value: &Value) -> (usize, usize) {
    let sum = |(bytes, depth): (usize, usize), (item_bytes, item_depth): (usize, usize)| {
        (bytes + item_bytes + 1, item_depth.max(depth))
    };
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => (4, 0),
        Value::String(text) => (text.len() + 2, 0),
        Value::Array(items) => {
            let (bytes, depth) = items.iter().map(size).fold((2, 0), sum);
            (bytes, depth + 1)
        }
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| {
                let (bytes, depth) = size(value);
                (bytes + key.len() + 3, depth)
            });
            let (bytes, depth) = fields.fold((2, 0), sum);
            (bytes, depth + 1)
        }
    }
}
