//! The raw value of a cell, and how it is parsed. Each form of value has a module. Its functions take a cell that isn't
//! blank, and their errors describe the expected value.

pub(super) mod date;
pub(super) mod flag;
pub(super) mod list;
pub(super) mod number;
pub(super) mod text;

mod absent;
mod byline;
mod html;
mod title;
mod variant_names;

pub use self::{
    absent::is_no_value,
    byline::{Byline, byline_names, is_uncredited},
    date::{AmbiguousDate, DateColumn, DateOrder, read_date},
    html::html_to_text,
    list::separated,
    number::published_value,
    title::title_with_year,
};
pub(super) use variant_names::VariantNames;

use std::{borrow::Cow, fmt};

use super::names::{MAX_QUOTE_CHARS, truncated};

/// A raw value from a file. CSV has strings only.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Blank,
    /// A string.
    Text(Cow<'a, str>),
    /// A number.
    Number(Number),
    /// A boolean.
    Flag(bool),
    /// A list of strings.
    List(Vec<Cow<'a, str>>),
    /// A value that no column accepts.
    Invalid(InvalidValue),
}

/// A JSON number. Its string form is the shortest that reads back as the same number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole number.
    Integer(i64),
    /// A non-negative whole number, possibly too large for `Integer`.
    Unsigned(u64),
    /// A number that is written with a decimal point or an exponent.
    Float(f64),
}

/// The reason why no column accepts a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InvalidValue {
    /// The row has a second value for the column.
    Repeated,
    /// The value is an object.
    Object,
    /// The value is a list that contains something other than strings.
    MixedList,
}

impl<'a> Cell<'a> {
    /// Creates a text cell that borrows its string.
    #[must_use]
    pub const fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// Returns whether the cell is empty or only whitespace.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Blank => true,
            Self::Text(text) => text.trim_start().is_empty(),
            Self::List(items) => items.iter().all(|item| item.trim_start().is_empty()),
            Self::Number(_) | Self::Flag(_) | Self::Invalid(_) => false,
        }
    }

    /// Returns the value as error messages quote it.
    pub(super) fn quoted(&self) -> String {
        match self {
            Self::Blank => "nothing".to_owned(),
            Self::Text(text) => format!("{:?}", truncated(text.trim(), MAX_QUOTE_CHARS)),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::List(_) => "a list".to_owned(),
            Self::Invalid(invalid) => invalid.to_string(),
        }
    }
}

/// Returns an error message with the expected value and the actual one.
fn expected(expected: impl fmt::Display, cell: &Cell<'_>) -> String {
    format!("must be {expected}, not {}", cell.quoted())
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => number.fmt(f),
            Self::Unsigned(number) => number.fmt(f),
            // The debug format preserves the decimal point of `4.0`.
            Self::Float(number) => write!(f, "{number:?}"),
        }
    }
}

impl fmt::Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Repeated => "occurs twice in this row",
            Self::Object => "is an object, which no column accepts",
            Self::MixedList => "is a list that contains something other than strings",
        })
    }
}
