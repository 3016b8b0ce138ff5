//! The order of day, month and year in dates of digits.

use serde::Deserialize;

use crate::site_rules;

/// The order of day, month and year in dates of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum DateOrder {
    /// The day, then the month, then the year.
    #[serde(rename = "dmy")]
    DayMonthYear,
    /// The month, then the day, then the year.
    #[serde(rename = "mdy")]
    MonthDayYear,
    /// The year, then the month, then the day.
    #[serde(rename = "ymd")]
    YearMonthDay,
}

impl DateOrder {
    /// All orders.
    pub const ALL: [Self; 3] = [Self::DayMonthYear, Self::MonthDayYear, Self::YearMonthDay];

    /// Returns the name in options.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DayMonthYear => "dmy",
            Self::MonthDayYear => "mdy",
            Self::YearMonthDay => "ymd",
        }
    }

    /// Returns the order with a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.name() == name)
    }
}

impl From<site_rules::DateOrder> for DateOrder {
    /// Returns the order of a rule of the site.
    fn from(order: site_rules::DateOrder) -> Self {
        match order {
            site_rules::DateOrder::DayMonthYear => Self::DayMonthYear,
            site_rules::DateOrder::MonthDayYear => Self::MonthDayYear,
        }
    }
}
