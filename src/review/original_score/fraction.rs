//! So many out of so many, and numbers alone.

use super::ScoreRule;
use super::amount::{Amount, Form};
use super::claim::Claim;
use super::cursor::Cursor;
use super::quantity::Quantity;
use super::scale::Said;
use super::token::Lexeme;

/// Reads `3/4`, `3 out of 4`, `3 1/2 of 4`. Numbers in words are left to stars.
pub(super) fn read(lexemes: &[Lexeme]) -> Option<Claim> {
    let (amount, said) = Cursor::read_all(lexemes, |cursor| {
        Some((Amount::take(cursor)?, Said::take(cursor)?))
    })?;
    let is_in_digits = !amount.is_spelled && !said.scale.is_spelled && !said.is_in_stars;
    let is_fraction = is_in_digits && said.link.can_follow(&amount);
    is_fraction.then(|| Claim::new(amount.value, said.scale.value, ScoreRule::Fraction))
}

/// Reads a number that stands alone. A part alone, such as `½`, may be of one or of everything.
pub(super) fn read_number_alone(lexemes: &[Lexeme]) -> Option<Quantity> {
    let amount = Cursor::read_all(lexemes, Amount::take)?;
    let is_number = !amount.is_spelled && amount.form != Form::Part;
    is_number.then_some(amount.value)
}
