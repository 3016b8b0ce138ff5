//! What the filters of several domains share.

use async_graphql::{InputObject, Result};

use crate::{
    error::{bad_input, code},
    filter::{IntRange, Substring},
    text,
};

/// Whole numbers from one to another, both included.
#[derive(Clone, Copy, Debug, Default, InputObject)]
#[graphql(name = "IntRange")]
pub struct IntRangeInput {
    /// The least; open when it is null or left out.
    pub from: Option<i32>,
    /// The greatest; open when it is null or left out.
    pub to: Option<i32>,
}

impl From<Option<IntRangeInput>> for IntRange {
    fn from(input: Option<IntRangeInput>) -> Self {
        input.map_or_else(Self::default, |IntRangeInput { from, to }| Self {
            from,
            to,
        })
    }
}

/// A text to look for within titles or names.
///
/// # Errors
///
/// When it holds U+0000, which no text in the database can.
pub fn substring(name: &str, text: Option<String>) -> Result<Option<Substring>> {
    let text = exact(name, text)?;
    Ok(text.as_deref().map(Substring::new))
}

/// A text that a value has to be equal to, in the normal form of stored texts.
///
/// # Errors
///
/// When it holds U+0000, which no text in the database can.
pub fn exact(name: &str, text: Option<String>) -> Result<Option<String>> {
    match text {
        Some(text) if text.contains('\0') => {
            let message = format!("`{name}` holds the character U+0000, which no text has");
            Err(bad_input(code::INVALID_VALUE, message))
        }
        text => Ok(text.map(|text| text::normalised(&text).into_owned())),
    }
}
