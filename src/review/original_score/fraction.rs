//! Fractions such as 3 out of 4, and bare numbers.

use super::ScoreRule;
use super::amount::{Amount, Form};
use super::cursor::Cursor;
use super::quantity::Quantity;
use super::scale::StatedScale;
use super::scaled_amount::ScaledAmount;
use super::token::Lexeme;

/// Parses `3/4`, `3 out of 4` or `3 1/2 of 4`. Numbers as words are parsed only for stars.
pub(super) fn read(lexemes: &[Lexeme]) -> Option<ScaledAmount> {
    let (amount, stated) = Cursor::parse_all(lexemes, |cursor| {
        Some((Amount::take(cursor)?, StatedScale::take(cursor)?))
    })?;
    let is_in_digits = !amount.is_spelled && !stated.scale.is_spelled && !stated.is_in_stars;
    let is_fraction = is_in_digits && stated.link.can_follow(&amount);
    is_fraction.then(|| ScaledAmount::new(amount.value, stated.scale.value, ScoreRule::Fraction))
}

/// Parses a bare number. A bare fraction character, such as `½`, is rejected: it may be a part of one
/// or of the whole scale.
pub(super) fn read_bare_number(lexemes: &[Lexeme]) -> Option<Quantity> {
    let amount = Cursor::parse_all(lexemes, Amount::take)?;
    let is_number = !amount.is_spelled && amount.form != Form::Part;
    is_number.then_some(amount.value)
}
