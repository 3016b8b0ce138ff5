//! The intervals of a history.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// An interval of a history. Days have no time zone: a review belongs to the interval of its date of publication.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Interval {
    /// A week of ISO 8601, from Monday to Sunday.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
}

impl Interval {
    /// All intervals, the shortest first.
    pub const ALL: [Self; 3] = [Self::Week, Self::Month, Self::Year];

    /// The last day of the calendar. The week of it ends early.
    const LAST: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
        Some(last) => last,
        None => NaiveDate::MAX,
    };

    /// Returns the last day of the interval of a day.
    #[must_use]
    pub fn last_day(self, day: NaiveDate) -> NaiveDate {
        let last = match self {
            Self::Week => {
                let until_sunday = Weekday::Sun.days_since(day.weekday());
                day.checked_add_days(Days::new(until_sunday.into()))
            }
            Self::Month => {
                let days = day.num_days_in_month();
                day.with_day(days.into())
            }
            Self::Year => NaiveDate::from_ymd_opt(day.year(), 12, 31),
        };
        last.map_or(Self::LAST, |last| last.min(Self::LAST))
    }
}

#[cfg(test)]
mod tests;
