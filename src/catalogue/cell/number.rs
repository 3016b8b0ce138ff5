//! Numbers: integers in a range, and weights.

use std::ops::RangeInclusive;

use crate::{
    review::original_score::{self, DefaultScales},
    score::{Points, Weight},
};

use super::{Cell, Number, expected};

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

/// Parses an unsigned number with at most two decimals, and returns it in hundredths.
fn hundredths(text: &str) -> Option<i32> {
    let (ones, decimals) = text.split_once('.').unwrap_or((text, "0"));
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

/// Returns the integer in a cell. A string must be digits with an optional minus sign. A JSON number may be 80.0, which
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
            let text = text.trim();
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

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
