//! Whole months and remaining days of a range of dates.

use chrono::{Datelike, Months, NaiveDate};

/// The first and the last date that a review can have.
const FIRST_DATE: NaiveDate = NaiveDate::from_ymd_opt(1, 1, 1).unwrap();
const LAST_DATE: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap();

/// The months whose reviews are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MonthRange {
    /// All months, and the reviews without a date.
    All,
    /// The months with these first days, both included.
    Between(NaiveDate, NaiveDate),
}

/// Days of one month: the first and the last, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    pub first: NaiveDate,
    pub last: NaiveDate,
    /// Whether the whole months include the days although the range doesn't.
    pub is_excess: bool,
}

/// A range of dates in whole months and days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateParts {
    /// The whole months; `None` if there are none.
    pub months: Option<MonthRange>,
    /// The days that are added or subtracted at both ends, at most half of a month each.
    pub days: [Option<Days>; 2],
}

impl DateParts {
    /// Splits the range from `since` to `until`, both included. `None` is unbounded.
    pub fn of(since: Option<NaiveDate>, until: Option<NaiveDate>) -> Self {
        if since.is_none() && until.is_none() {
            return Self {
                months: Some(MonthRange::All),
                days: [None; 2],
            };
        }
        let since = since.unwrap_or(FIRST_DATE).max(FIRST_DATE);
        let until = until.unwrap_or(LAST_DATE).min(LAST_DATE);
        let next_day = until.succ_opt().unwrap_or(NaiveDate::MAX);
        let (month, next_month) = (start_of_month(since), start_of_next_month(since));
        let is_within_month = next_day <= next_month;
        // The whole months are those from `start` on and before `end`.
        let (start, end) = if !is_within_month {
            (
                nearest_start_of_month(since),
                nearest_start_of_month(next_day),
            )
        } else if next_day - since > (since - month) + (next_month - next_day) {
            (month, next_month)
        } else {
            return Self {
                months: None,
                days: [Days::between(since, next_day, false), None],
            };
        };
        let last_month = end.checked_sub_months(Months::new(1));
        Self {
            months: last_month
                .filter(|last| start <= *last)
                .map(|last| MonthRange::Between(start, last)),
            days: [
                Days::between(since, start, false).or(Days::between(start, since, true)),
                Days::between(end, next_day, false).or(Days::between(next_day, end, true)),
            ],
        }
    }
}

impl Days {
    /// Returns the days from one on and before another; `None` if there are none.
    fn between(first: NaiveDate, end: NaiveDate, is_excess: bool) -> Option<Self> {
        let last = end.pred_opt().filter(|last| first <= *last)?;
        Some(Self {
            first,
            last,
            is_excess,
        })
    }
}

/// The day of a month from which the next month is nearer.
const MIDDLE: u32 = 16;

fn nearest_start_of_month(day: NaiveDate) -> NaiveDate {
    if day.day() >= MIDDLE {
        start_of_next_month(day)
    } else {
        start_of_month(day)
    }
}

fn start_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

fn start_of_next_month(day: NaiveDate) -> NaiveDate {
    start_of_month(day)
        .checked_add_months(Months::new(1))
        .unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests;
