//! The order of the dates of a column.

use thiserror::Error;

use super::{
    super::super::names::{MAX_QUOTE_CHARS, truncated},
    DateOrder,
    digits::Digits,
};

/// Finds the order of the dates of digits in a column. A date such as `13/4/2021` rules out the orders in which it is no
/// day, and so decides for the others.
#[derive(Clone, Debug)]
pub struct DateColumn {
    /// Whether every date is a day in the order, by the index in [`DateOrder::ALL`].
    is_possible: [bool; 3],
    /// The first date that means several days.
    example: Option<String>,
}

/// The order of the dates in a column is not certain.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{example:?} can mean several days, and {}; give the order by --dates dmy, mdy or ymd", self.reason())]
pub struct AmbiguousDate {
    /// A date that means several days.
    pub example: String,
    /// Whether other dates of the column contradict each other: no order makes all of them days.
    pub is_contradiction: bool,
}

impl DateColumn {
    /// Creates a column without dates.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            is_possible: [true; 3],
            example: None,
        }
    }

    /// Takes a cell of the column into account. Cells that aren't dates of digits decide nothing.
    pub fn observe(&mut self, cell: &str) {
        let cell = cell.trim();
        let Some(digits) = Digits::split(cell).filter(|digits| !digits.begins_with_year()) else {
            return;
        };
        let days = digits.days();
        if days.iter().all(Option::is_none) {
            return;
        }
        for (is_possible, day) in self.is_possible.iter_mut().zip(days) {
            *is_possible &= day.is_some();
        }
        if self.example.is_none() && digits.ambiguity().is_some() {
            self.example = Some(truncated(cell, MAX_QUOTE_CHARS).into_owned());
        }
    }

    /// Returns the order of the dates; `None` if each of them is clear without one.
    ///
    /// # Errors
    ///
    /// Returns a date that means several days, if the column doesn't decide for one order.
    pub fn order(&self) -> Result<Option<DateOrder>, AmbiguousDate> {
        let orders = DateOrder::ALL.into_iter().zip(self.is_possible);
        let mut possible = orders.filter(|(_, is_possible)| *is_possible);
        match (possible.next(), possible.next(), &self.example) {
            (Some((order, _)), None, _) => Ok(Some(order)),
            (_, _, None) => Ok(None),
            (first, _, Some(example)) => Err(AmbiguousDate {
                example: example.clone(),
                is_contradiction: first.is_none(),
            }),
        }
    }
}

impl Default for DateColumn {
    fn default() -> Self {
        Self::new()
    }
}

impl AmbiguousDate {
    const fn reason(&self) -> &'static str {
        if self.is_contradiction {
            "the other dates of the column are in different orders"
        } else {
            "no other date of the column decides which"
        }
    }
}
