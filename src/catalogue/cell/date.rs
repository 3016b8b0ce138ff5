//! Dates.
//!
//! The form of ISO 8601 comes first, because most files have it.

mod column;
mod digits;
mod order;
mod words;

pub use self::{
    column::{AmbiguousDate, DateColumn},
    order::DateOrder,
};

use chrono::NaiveDate;

use super::{Cell, expected};
use words::InWords;

/// The first year that two digits mean. `30` is 1930, and `29` is 2029. It is the rule of spreadsheets, which write most
/// of these years.
const FIRST_SHORT_YEAR: u32 = 1930;

/// Reads a date. The time of a timestamp is ignored, so the day is the one in the time zone of the timestamp. `order` is
/// that of dates of digits such as `3/4/2021`. Without one, such a date is read only if a single order makes it a day.
pub(in crate::catalogue) fn date(
    cell: &Cell<'_>,
    order: Option<DateOrder>,
) -> Result<NaiveDate, String> {
    match cell {
        Cell::Text(text) => read_date(text, order),
        _ => Err(not_a_date(cell)),
    }
}

/// Reads a date in a text, in one of the forms that people and programs write: `2021-03-08`, `2021-3-8`,
/// `2021-03-08T10:30:00Z`, `March 8, 2021`, `8 Mar 2021`, `08-Mar-21`, or digits in an order, such as `8/3/2021`.
///
/// # Errors
///
/// Returns the description of the error, to be read after the name of the column.
pub fn read_date(text: &str, order: Option<DateOrder>) -> Result<NaiveDate, String> {
    let text = text.trim();
    if let Some(day) = iso_day(text) {
        return Ok(day);
    }
    if let Some(digits) = digits::Digits::split(text) {
        return digits.day(order).map_err(|days| match days {
            Some(days) => format!("{} {days}", Cell::text(text).quoted()),
            None => not_a_date(&Cell::text(text)),
        });
    }
    match words::read(text) {
        Some(InWords::Day(day)) => Ok(day),
        Some(InWords::OtherMonth(month)) => Err(format!(
            "has the month {}, and months are read in English, German, French, Spanish and Italian: write the date as YYYY-MM-DD",
            Cell::text(month).quoted()
        )),
        None => Err(not_a_date(&Cell::text(text))),
    }
}

fn not_a_date(cell: &Cell<'_>) -> String {
    expected("a date of the form YYYY-MM-DD", cell)
}

/// Reads a date of the form YYYY-MM-DD, with or without a time.
fn iso_day(text: &str) -> Option<NaiveDate> {
    let (date, suffix) = text.split_at_checked(10)?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date.as_bytes() else {
        return None;
    };
    let day = calendar_day(
        number(&[*y1, *y2, *y3, *y4])?,
        number(&[*m1, *m2])?,
        number(&[*d1, *d2])?,
    )?;
    (suffix.is_empty() || is_time(suffix)).then_some(day)
}

/// Returns a day; `None` if the calendar doesn't have it. The calendar has no year 0.
fn calendar_day(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    let year = i32::try_from(year).ok().filter(|year| *year > 0)?;
    NaiveDate::from_ymd_opt(year, month, day)
}

/// Returns the year that two digits mean.
const fn full_year(short: u32) -> u32 {
    let century = FIRST_SHORT_YEAR - FIRST_SHORT_YEAR % 100;
    let year = century + short;
    if year < FIRST_SHORT_YEAR {
        year + 100
    } else {
        year
    }
}

/// Returns whether this is the time of a timestamp: `T10:30` or ` 10:30`, with or without seconds and time zone.
fn is_time(text: &str) -> bool {
    let [b'T' | b' ', h1, h2, b':', m1, m2, suffix @ ..] = text.as_bytes() else {
        return false;
    };
    let is_time = [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit());
    let is_suffix_byte = |byte: &u8| byte.is_ascii_digit() || b":.,+-Z".contains(byte);
    is_time && suffix.iter().all(is_suffix_byte)
}

/// Returns whether this is a time as people and mail programs write it after a date: `10:30`, `9:05 PM`,
/// `10:30:00 +0200`, `10:30 GMT`.
fn is_loose_time(text: &str) -> bool {
    const ZONES: [&str; 5] = ["am", "pm", "gmt", "utc", "z"];
    let mut words = text.split_ascii_whitespace();
    let Some((hours, suffix)) = words.next().and_then(|clock| clock.split_once(':')) else {
        return false;
    };
    let is_digit = |byte: u8| byte.is_ascii_digit();
    let is_zone = |word: &str| {
        let is_offset = word.starts_with(['+', '-']) && word[1..].bytes().all(is_digit);
        is_offset || ZONES.iter().any(|zone| word.eq_ignore_ascii_case(zone))
    };
    let is_hour = matches!(hours.len(), 1 | 2) && hours.bytes().all(is_digit);
    let digits = suffix.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let glued_zone = &suffix[digits.len()..];
    is_hour
        && digits.len() >= 2
        && digits
            .bytes()
            .all(|byte| is_digit(byte) || b":.+-".contains(&byte))
        && (glued_zone.is_empty() || is_zone(glued_zone))
        && words.all(is_zone)
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + u32::from(digit - b'0'))
    })
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
