//! Dates.

use chrono::NaiveDate;

use super::{Cell, expected};
use crate::site_rules::DateOrder;

/// Reads a date in the form of ISO 8601, or of digits in an order. The time of a timestamp is ignored.
pub(in crate::catalogue) fn date(
    cell: &Cell<'_>,
    order: Option<DateOrder>,
) -> Result<NaiveDate, String> {
    let date = match cell {
        Cell::Text(text) => {
            let in_order = || order.and_then(|order| order.read(text.trim()));
            day(text.trim()).or_else(in_order)
        }
        _ => None,
    };
    date.ok_or_else(|| expected("a date of the form YYYY-MM-DD", cell))
}

fn day(text: &str) -> Option<NaiveDate> {
    let (date, suffix) = text.split_at_checked(10)?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date.as_bytes() else {
        return None;
    };
    let year = number(&[*y1, *y2, *y3, *y4])?;
    let is_year = year > 0;
    let day = NaiveDate::from_ymd_opt(
        i32::try_from(year).ok()?,
        number(&[*m1, *m2])?,
        number(&[*d1, *d2])?,
    )?;
    (is_year && (suffix.is_empty() || is_time(suffix))).then_some(day)
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

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + u32::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests;
