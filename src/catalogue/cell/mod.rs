//! One value of a row, and how it is read: each form of value has a module, whose functions take a cell that isn't
//! blank and say in words what belongs there instead.

pub(super) mod date;
pub(super) mod flag;
pub(super) mod list;
pub(super) mod number;
pub(super) mod text;
mod word;

pub(super) use word::Words;

use std::{borrow::Cow, fmt};

use super::names::{LONGEST_QUOTE, shortened};

/// A value as a file has it. CSV has texts alone.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// None.
    Blank,
    /// A text.
    Text(Cow<'a, str>),
    /// A number.
    Number(Number),
    /// Yes or no.
    Flag(bool),
    /// A list of texts.
    List(Vec<Cow<'a, str>>),
    /// None that could be read.
    Unfit(Unfit),
}

/// A number as JSON has it. Its text is the shortest that reads as the same number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole number.
    Integer(i64),
    /// A whole number, of which some are too large for the other variant.
    Unsigned(u64),
    /// A number that is written with a point or an exponent.
    Float(f64),
}

/// Why a value is none that could be read, in whatever column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unfit {
    /// The row has a second value for the column.
    Repeated,
    /// It is an object.
    Object,
    /// It is a list that holds something other than texts.
    MixedList,
}

impl<'a> Cell<'a> {
    /// A text that needs no memory of its own.
    #[must_use]
    pub const fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// Whether there is nothing in it, or nothing but blanks.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Blank => true,
            Self::Text(text) => text.trim_start().is_empty(),
            Self::List(items) => items.iter().all(|item| item.trim_start().is_empty()),
            Self::Number(_) | Self::Flag(_) | Self::Unfit(_) => false,
        }
    }

    /// It as a reason quotes it.
    pub(super) fn quoted(&self) -> String {
        match self {
            Self::Blank => "nothing".to_owned(),
            Self::Text(text) => format!("{:?}", shortened(text.trim(), LONGEST_QUOTE)),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::List(_) => "a list".to_owned(),
            Self::Unfit(unfit) => unfit.to_string(),
        }
    }
}

/// A reason that says what belongs into a cell instead of what is there.
fn expected(expected: impl fmt::Display, cell: &Cell<'_>) -> String {
    format!("must be {expected}, not {}", cell.quoted())
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => number.fmt(f),
            Self::Unsigned(number) => number.fmt(f),
            // This keeps the point of `4.0`, as the file has it.
            Self::Float(number) => write!(f, "{number:?}"),
        }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Repeated => "stands twice in this row",
            Self::Object => "is an object, which no column holds",
            Self::MixedList => "is a list that holds something other than texts",
        })
    }
}
