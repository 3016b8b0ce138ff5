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

/// A range of dates in whole months and days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateParts {
    /// The whole months; `None` if the range has none.
    pub months: Option<MonthRange>,
    /// The days before and after the whole months: the first and the last day, both included.
    pub days: [Option<(NaiveDate, NaiveDate)>; 2],
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
        // The whole months are those from `start` on and before `end`.
        let start = if start_of_month(since) == since {
            since
        } else {
            start_of_next_month(since)
        };
        let end = match until.succ_opt() {
            Some(next) if next == start_of_month(next) => next,
            _ => start_of_month(until),
        };
        let Some(days_before) = start.pred_opt().filter(|_| start <= end) else {
            // Both ends are in one month.
            return Self {
                months: None,
                days: [Some((since, until)), None],
            };
        };
        let last_month = end.checked_sub_months(Months::new(1));
        Self {
            months: last_month
                .filter(|last| start <= *last)
                .map(|last| MonthRange::Between(start, last)),
            days: [
                (since < start).then_some((since, days_before)),
                (end <= until).then_some((end, until)),
            ],
        }
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
