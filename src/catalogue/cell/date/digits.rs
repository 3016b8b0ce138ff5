//! Dates of digits: `2021-3-8`, `8/3/2021`, `08.03.21`.

use std::fmt;

use chrono::NaiveDate;

use super::{DateOrder, calendar_day, full_year, is_loose_time, number};

/// The three numbers of a date of digits.
#[derive(Clone, Copy)]
pub(super) struct Digits {
    numbers: [u32; 3],
    /// The number of digits of each.
    lengths: [usize; 3],
}

/// The days that a date means in two orders.
pub(super) struct TwoDays([NaiveDate; 2]);

impl Digits {
    /// Splits three numbers with the same separator between them. A time may follow.
    pub(super) fn split(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let separator = *bytes.iter().find(|byte| !byte.is_ascii_digit())?;
        if !b"-/.".contains(&separator) {
            return None;
        }
        let end = bytes
            .iter()
            .position(|byte| matches!(byte, b' ' | b'T' | b','))
            .unwrap_or(text.len());
        let (date, time) = text.split_at_checked(end)?;
        if !time.is_empty() && !is_loose_time(&time[1..]) {
            return None;
        }
        let mut pieces = date.as_bytes().split(|byte| *byte == separator);
        let parts = [pieces.next()?, pieces.next()?, pieces.next()?];
        if pieces.next().is_some() {
            return None;
        }
        let lengths = parts.map(<[u8]>::len);
        if lengths.iter().any(|length| !(1..=4).contains(length)) {
            return None;
        }
        let [first, second, third] = parts.map(number);
        Some(Self {
            numbers: [first?, second?, third?],
            lengths,
        })
    }

    /// Returns the day that the date means in an order; `None` if it means none.
    pub(super) fn in_order(&self, order: DateOrder) -> Option<NaiveDate> {
        let [first, second, third] =
            [0, 1, 2].map(|index| (self.numbers[index], self.lengths[index]));
        let (year, month, day) = match order {
            DateOrder::DayMonthYear => (third, second, first),
            DateOrder::MonthDayYear => (third, first, second),
            DateOrder::YearMonthDay => (first, second, third),
        };
        let year = match year {
            (year, 4) => year,
            (year, 2) => full_year(year),
            _ => return None,
        };
        let is_short = |(_, length): (u32, usize)| length <= 2;
        (is_short(month) && is_short(day))
            .then(|| calendar_day(year, month.0, day.0))
            .flatten()
    }

    /// Returns the days that the date means in each order, in the order of [`DateOrder::ALL`].
    pub(super) fn days(&self) -> [Option<NaiveDate>; 3] {
        DateOrder::ALL.map(|order| self.in_order(order))
    }

    /// Returns two different days that the date can mean, if there are two.
    pub(super) fn ambiguity(&self) -> Option<TwoDays> {
        let mut days = self.days().into_iter().flatten();
        let first = days.next()?;
        let second = days.find(|day| *day != first)?;
        Some(TwoDays([first, second]))
    }

    /// Returns whether the date begins with a year of four digits. There is one order for these.
    pub(super) fn begins_with_year(&self) -> bool {
        self.lengths[0] == 4
    }

    /// Returns the day that the date means in the given order, or else the only day that it can mean. The error has two
    /// days, if the date can mean several.
    pub(super) fn day(&self, order: Option<DateOrder>) -> Result<NaiveDate, Option<TwoDays>> {
        match order {
            Some(order) if !self.begins_with_year() => self.in_order(order).ok_or(None),
            _ => match self.ambiguity() {
                Some(days) => Err(Some(days)),
                None => self.days().into_iter().flatten().next().ok_or(None),
            },
        }
    }
}

impl fmt::Display for TwoDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = self.0;
        write!(
            f,
            "is {first} or {second}: write dates as YYYY-MM-DD, or give their order by --dates dmy, mdy or ymd"
        )
    }
}
