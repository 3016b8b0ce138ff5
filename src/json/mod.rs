//! JSON as clients, tools and providers send it.
//!
//! The deserializers of `serde`'s derive take an array for a struct, with the members in the order of the fields. Nobody
//! means that: `["query …", "Op"]` would be executed. So all JSON is parsed here, where an object is an object at any
//! depth. `tests/it/layout` checks that no other module parses JSON.

mod strict;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Error, Value};

use self::strict::Strict;

/// The byte order mark in UTF-8. Windows programs write it in front of a text.
const BOM: &str = "\u{feff}";

/// A text is not the JSON that was expected.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// The bytes are UTF-16 or UTF-32.
    #[error("it is UTF-16 or UTF-32; send UTF-8")]
    Utf16,
    /// The text is not JSON, or its structure is another.
    #[error("{0}")]
    Form(#[from] Error),
}

/// Parses bytes. A byte order mark is skipped.
///
/// # Errors
///
/// When the bytes are not JSON in UTF-8, or its structure is another.
pub fn from_slice<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, JsonError> {
    let bytes = bytes.strip_prefix(BOM.as_bytes()).unwrap_or(bytes);
    if is_utf_16(bytes) {
        return Err(JsonError::Utf16);
    }
    Ok(parse(serde_json::Deserializer::from_slice(bytes))?)
}

/// Parses a text. A byte order mark is skipped.
///
/// # Errors
///
/// When the text is not JSON, or its structure is another.
pub fn from_str<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Error> {
    let text = text.strip_prefix(BOM).unwrap_or(text);
    parse(serde_json::Deserializer::from_str(text))
}

/// The maximum number of brackets of JSON5, so that its recursive parser doesn't exhaust the stack.
const MAX_BRACKETS: usize = 200;

/// Parses JSON5, which has strings in single quotes, as Python writes lists. Returns `None` if the text isn't JSON5, its
/// structure is another, or it has more than 200 opening brackets.
#[must_use]
pub fn from_json5<T: DeserializeOwned>(text: &str) -> Option<T> {
    let brackets = text.bytes().filter(|byte| matches!(byte, b'[' | b'{'));
    if brackets.count() > MAX_BRACKETS {
        return None;
    }
    let value: Value = json5::from_str(text).ok()?;
    from_value(value).ok()
}

/// Converts a value that is parsed already.
///
/// # Errors
///
/// When the structure of the value is another.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    T::deserialize(Strict(value))
}

/// Converts a borrowed value that is parsed already.
///
/// # Errors
///
/// When the structure of the value is another.
pub fn from_borrowed<'de, T: Deserialize<'de>>(value: &'de Value) -> Result<T, Error> {
    T::deserialize(Strict(value))
}

fn parse<'de, R, T>(mut json: serde_json::Deserializer<R>) -> Result<T, Error>
where
    R: serde_json::de::Read<'de>,
    T: Deserialize<'de>,
{
    let value = T::deserialize(Strict(&mut json))?;
    json.end()?;
    Ok(value)
}

/// Returns whether bytes are UTF-16 or UTF-32. JSON begins with an ASCII character, so one of the first two bytes is
/// zero, or there is a byte order mark. In UTF-8 neither occurs.
fn is_utf_16(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0xfe, 0xff, ..] | [0xff, 0xfe, ..] | [0, ..] | [_, 0, ..]
    )
}

#[cfg(test)]
mod tests;
