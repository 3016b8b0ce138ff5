//! Inputs that the filters of several types share.

use async_graphql::{InputObject, Result};

use crate::{
    error::{code, error_with_code},
    filter::{DateRange, IntRange, Substring},
    graphql::scalar::Date,
    text,
};

/// A range of integers. Both ends are inclusive.
#[derive(Clone, Copy, Debug, Default, InputObject)]
#[graphql(name = "IntRange")]
pub struct IntRangeInput {
    /// The lowest number; unbounded when null.
    pub from: Option<i32>,
    /// The highest number; unbounded when null.
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

/// A range of dates. Both ends are inclusive.
#[derive(Clone, Copy, Debug, Default, InputObject)]
#[graphql(name = "DateRange")]
pub struct DateRangeInput {
    /// The first date; unbounded when null.
    pub from: Option<Date>,
    /// The last date; unbounded when null.
    pub to: Option<Date>,
}

impl From<Option<DateRangeInput>> for DateRange {
    fn from(input: Option<DateRangeInput>) -> Self {
        let DateRangeInput { from, to } = input.unwrap_or_default();
        Self {
            from: from.map(|day| day.0),
            to: to.map(|day| day.0),
        }
    }
}

/// Parses a search string for titles or names. `name` is the name of the input field.
///
/// # Errors
///
/// `INVALID_VALUE` if the string contains U+0000, which PostgreSQL can't store.
pub fn substring(name: &str, text: Option<String>) -> Result<Option<Substring>> {
    let text = exact(name, text)?;
    Ok(text.as_deref().map(Substring::new))
}

/// Normalizes a string that is compared with stored strings for equality: it has no white space around it. `name` is the
/// name of the input field.
///
/// # Errors
///
/// `INVALID_VALUE` if the string contains U+0000, which PostgreSQL can't store.
pub fn exact(name: &str, text: Option<String>) -> Result<Option<String>> {
    match text {
        Some(text) if text.contains('\0') => {
            let message = format!("`{name}` contains the control character U+0000; remove it");
            Err(error_with_code(code::INVALID_VALUE, message))
        }
        text => Ok(text.map(|text| text::normalized(text.trim()).into_owned())),
    }
}
