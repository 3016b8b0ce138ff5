//! Numbers: integers in a range, and weights.

use std::ops::RangeInclusive;

use crate::{
    review::original_score::{self, DefaultScales},
    score::{Points, Weight},
};

use super::{Cell, Number, expected};

/// Reads a score. Many spreadsheets call the critic's original score `score`; the error then names the right column.
pub(in crate::catalogue) fn points(cell: &Cell<'_>) -> Result<Points, String> {
    if let Some(points) = whole(cell).and_then(Points::new) {
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
    whole(cell)
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
    let read = match cell {
        Cell::Text(text) => hundredths(text.trim()),
        Cell::Number(number) => hundredths(&number.to_string()),
        _ => None,
    };
    read.and_then(Weight::from_hundredths)
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
fn whole(cell: &Cell<'_>) -> Option<i64> {
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
mod tests {
    use super::*;

    #[test]
    fn a_score_is_a_whole_number_from_0_to_100() {
        let eighty = Ok(Points::new(80).unwrap());
        assert_eq!(points(&Cell::text(" 80 ")), eighty);
        assert_eq!(points(&Cell::Number(Number::Unsigned(80))), eighty);
        assert_eq!(points(&Cell::Number(Number::Float(80.0))), eighty);
        for (cell, found) in [
            (Cell::text("80.0"), r#""80.0""#),
            (Cell::text("+80"), r#""+80""#),
            (Cell::text("101"), r#""101""#),
            (Cell::text("-1"), r#""-1""#),
            (
                Cell::text("99999999999999999999"),
                r#""99999999999999999999""#,
            ),
            (Cell::Number(Number::Float(80.5)), "80.5"),
            (Cell::Number(Number::Float(f64::NAN)), "NaN"),
            (
                Cell::Number(Number::Unsigned(u64::MAX)),
                "18446744073709551615",
            ),
            (Cell::Flag(true), "true"),
            (Cell::List(vec!["80".into()]), "a list"),
        ] {
            let reason = format!("must be a whole number from 0 to 100, not {found}");
            assert_eq!(points(&cell), Err(reason));
        }
    }

    #[test]
    fn a_count_fits_the_database_column() {
        assert_eq!(count(&Cell::text("2147483647")), Ok(2_147_483_647));
        assert_eq!(
            count(&Cell::text("2147483648")),
            Err(r#"must be a whole number from 0 to 2147483647, not "2147483648""#.to_owned())
        );
        assert!(count(&Cell::Number(Number::Integer(-1))).is_err());
    }

    #[test]
    fn a_weight_has_at_most_two_decimals() {
        for (text, hundredths) in [
            ("1", 100),
            ("0.5", 50),
            ("1.25", 125),
            ("0.01", 1),
            ("100.00", 10_000),
        ] {
            let expected = Ok(Weight::from_hundredths(hundredths).unwrap());
            assert_eq!(weight(&Cell::text(text)), expected);
            let number = Cell::Number(Number::Float(text.parse().unwrap()));
            assert_eq!(weight(&number), expected);
        }
        for text in [
            "0", "0.001", "1.250", "100.01", ".5", "1.", "-1", "1,5", "1e1", "99999999", "",
        ] {
            let reason = format!(
                r#"must be a number from 0.01 to 100 with at most two decimals, not "{text}""#
            );
            assert_eq!(weight(&Cell::text(text)), Err(reason));
        }
    }
}
