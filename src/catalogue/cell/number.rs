//! Numbers: integers in a range, and weights.

use std::{num::NonZeroU16, ops::RangeInclusive};

use crate::{
    review::original_score::{self, DefaultScales},
    score::{Points, Weight},
};

use super::{Cell, Number, absent::is_no_value, expected};

/// Reads a score. Many spreadsheets call the critic's original score `score`; the error then names the right column.
pub(in crate::catalogue) fn points(cell: &Cell<'_>) -> Result<Points, String> {
    if let Some(points) = integer(cell).and_then(Points::new) {
        return Ok(points);
    }
    let reason = expected("a whole number from 0 to 100", cell);
    match cell {
        Cell::Text(text) if original_score::read(text, &DefaultScales::default()).is_ok() => Err(
            format!("{reason}; the score as the critic wrote it goes into original_score"),
        ),
        _ => Err(reason),
    }
}

/// Reads the value of a published score; `None` if the cell says in words that there is none, as `tbd` does.
pub(in crate::catalogue) fn published_points(cell: &Cell<'_>) -> Result<Option<Points>, String> {
    match cell {
        Cell::Text(text) if is_no_value(text) => Ok(None),
        _ => points(cell).map(Some),
    }
}

/// Reads a score that a source publishes on a scale: `7.9` or `7,9` of 10, `67%`, `4/5`. `None` if the text says that
/// there is none, as `tbd` does.
///
/// # Errors
///
/// Returns the description of the error, to be read after the name of the column.
pub fn published_value(text: &str, out_of: NonZeroU16) -> Result<Option<Points>, String> {
    if is_no_value(text) {
        return Ok(None);
    }
    let scales = DefaultScales {
        bare: Some(out_of),
        ..DefaultScales::default()
    };
    original_score::read(text, &scales)
        .map(|reading| Some(reading.score))
        .map_err(|_| {
            expected(
                format_args!("a number from 0 to {out_of}"),
                &Cell::text(text),
            )
        })
}

/// Reads an integer in a range.
pub(in crate::catalogue) fn within<T>(
    cell: &Cell<'_>,
    range: RangeInclusive<T>,
) -> Result<T, String>
where
    T: Copy + TryFrom<i64> + Into<i64>,
{
    let (lowest, highest) = ((*range.start()).into(), (*range.end()).into());
    integer(cell)
        .filter(|number| (lowest..=highest).contains(number))
        .and_then(|number| number.try_into().ok())
        .ok_or_else(|| {
            expected(
                format_args!("a whole number from {lowest} to {highest}"),
                cell,
            )
        })
}

/// Reads a count, at most [`i32::MAX`].
pub(in crate::catalogue) fn count(cell: &Cell<'_>) -> Result<u32, String> {
    within(cell, 0..=i32::MAX).map(i32::unsigned_abs)
}

/// Reads a weight. It is parsed from its digits, because a float can't represent hundredths exactly.
pub(in crate::catalogue) fn weight(cell: &Cell<'_>) -> Result<Weight, String> {
    let hundredths = match cell {
        Cell::Text(text) => hundredths(text.trim()),
        Cell::Number(number) => hundredths(&number.to_string()),
        _ => None,
    };
    hundredths
        .and_then(Weight::from_hundredths)
        .ok_or_else(|| expected("a number from 0.01 to 100 with at most two decimals", cell))
}

/// Parses an unsigned number with at most two decimals after a point or a comma, and returns it in hundredths.
fn hundredths(text: &str) -> Option<i32> {
    let (ones, decimals) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let tenfold = match decimals.len() {
        1 => 10,
        2 => 1,
        _ => return None,
    };
    if !is_digits(ones) || !is_digits(decimals) {
        return None;
    }
    let decimals = decimals.parse::<i32>().ok()?.checked_mul(tenfold)?;
    ones.parse::<i32>()
        .ok()?
        .checked_mul(100)?
        .checked_add(decimals)
}

/// Returns the integer in a cell. A string must be digits with an optional minus sign. Decimals may follow if they are one
/// or two zeros: programs write 101.0 for a whole number. Three could separate thousands. A JSON number may be 80.0, which
/// JSON doesn't distinguish from 80.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the number is whole and its size is checked before"
)]
fn integer(cell: &Cell<'_>) -> Option<i64> {
    /// 2^53. From here on a float can't represent every integer.
    const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;
    match cell {
        Cell::Text(text) => {
            let text = without_zeros(text.trim());
            let digits = text.strip_prefix('-').unwrap_or(text);
            text.parse().ok().filter(|_| is_digits(digits))
        }
        Cell::Number(Number::Integer(number)) => Some(*number),
        Cell::Number(Number::Unsigned(number)) => i64::try_from(*number).ok(),
        Cell::Number(Number::Float(number)) => {
            (number.fract() == 0.0 && number.abs() < EXACT_BELOW).then_some(*number as i64)
        }
        _ => None,
    }
}

/// Removes one or two zeros after the decimal mark.
fn without_zeros(text: &str) -> &str {
    match text.as_bytes() {
        [.., b'0'..=b'9', b'.' | b',', b'0'] => &text[..text.len() - 2],
        [.., b'0'..=b'9', b'.' | b',', b'0', b'0'] => &text[..text.len() - 3],
        _ => text,
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
