//! The code of an error, in its extensions.

use async_graphql::{ServerError, Value};

/// Returns the code of an error, or `default` if it has none.
pub fn code_of<'a>(error: &'a ServerError, default: &'a str) -> &'a str {
    match error.extensions.as_ref().and_then(|all| all.get("code")) {
        Some(Value::String(code)) => code,
        _ => default,
    }
}

/// Sets the code of an error that has none.
pub(super) fn with_code(mut error: ServerError, code: &'static str) -> ServerError {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_none() {
        extensions.set("code", code);
    }
    error
}
