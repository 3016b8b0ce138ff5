//! The dates of reviews: `Jul 15, 2013`, `July 15, 2013`, `15 Jul 2013`, `2013-07-15`.

use chrono::NaiveDate;

use super::{error::Problem, lines::is_digits};
use crate::site_rules::DateOrder;

const EXPECTED: &str = r#"a day such as "Jul 15, 2013" or "2013-07-15""#;
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Parses a text that has the form of a date; returns `None` for any other text.
///
/// A text of that form that isn't a valid date is an error, so that a mistyped date doesn't become
/// part of an excerpt: days that don't exist, months in other languages, and ambiguous forms
/// (`1/2/2013`) without an `order`.
pub(super) fn read(text: &str, order: Option<DateOrder>) -> Option<Result<NaiveDate, Problem>> {
    let parts = Parts::in_words(text).or_else(|| Parts::in_digits(text))?;
    let problem = || Problem::unexpected(EXPECTED, text);
    let in_order = || order.and_then(|order| order.read(text));
    Some(parts.day().or_else(in_order).ok_or_else(problem))
}

/// The parts of a text that has the form of a date. The year has four digits, the day one or two.
struct Parts<'a> {
    year: &'a str,
    /// The number of the month; `None` if it is unknown or ambiguous.
    month: Option<u32>,
    day: &'a str,
}

impl<'a> Parts<'a> {
    /// Splits a date with a word for the month, before or after the day.
    fn in_words(text: &'a str) -> Option<Self> {
        let mut words = text.split([' ', ',']).filter(|word| !word.is_empty());
        let (first, second, year) = (words.next()?, words.next()?, words.next()?);
        let (first, second) = (first.trim_end_matches('.'), second.trim_end_matches('.'));
        let (month, day) = if is_day(second) {
            (first, second)
        } else {
            (second, first)
        };
        let is_word = !month.is_empty() && month.chars().all(char::is_alphabetic);
        let is_date = is_word && is_day(day) && is_year(year) && words.next().is_none();
        is_date.then(|| Self {
            year,
            month: month_number(month),
            day,
        })
    }

    /// Splits a date in digits, with the year first or last.
    fn in_digits(text: &'a str) -> Option<Self> {
        let separator = text.chars().find(|c| matches!(c, '-' | '/' | '.'))?;
        let mut parts = text.split(separator);
        let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
        let (year, day) = if is_year(first) {
            (first, third)
        } else {
            (third, first)
        };
        let is_date = is_year(year) && is_day(day) && is_day(second) && parts.next().is_none();
        let is_iso = year == first && separator == '-';
        let month = second.parse().ok().filter(|_| is_iso);
        is_date.then_some(Self { year, month, day })
    }

    /// Returns the day; `None` if it doesn't exist. The calendar has no year 0.
    fn day(&self) -> Option<NaiveDate> {
        let year = self.year.parse().ok().filter(|year| *year > 0)?;
        NaiveDate::from_ymd_opt(year, self.month?, self.day.parse().ok()?)
    }
}

fn is_year(text: &str) -> bool {
    is_digits(text) && text.len() == 4
}

/// Returns whether `text` can be the number of a day or of a month.
fn is_day(text: &str) -> bool {
    is_digits(text) && text.len() <= 2
}

/// Returns the number of a month for its English name or the first three letters of it; for
/// September also the first four.
fn month_number(word: &str) -> Option<u32> {
    let is_month = |name: &&str| {
        let short = name.get(..3).unwrap_or(name);
        name.eq_ignore_ascii_case(word) || short.eq_ignore_ascii_case(word)
    };
    if word.eq_ignore_ascii_case("sept") {
        return Some(9);
    }
    (1..)
        .zip(MONTHS.iter())
        .find(|(_, name)| is_month(name))
        .map(|(number, _)| number)
}

#[cfg(test)]
mod tests;
