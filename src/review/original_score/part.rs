//! Fractions of one: halves, thirds and quarters.

use super::cursor::Cursor;
use super::quantity::Quantity;

/// Consumes a fraction of one, as a fraction character or with a slash.
pub(super) fn take(cursor: &mut Cursor) -> Option<Quantity> {
    cursor.part().or_else(|| cursor.attempt(written))
}

/// Consumes `1/2`, without whitespace.
pub(super) fn written_half(cursor: &mut Cursor) -> Option<Quantity> {
    written(cursor).filter(|part| part.is_one_over(2))
}

/// Consumes a fraction that may follow star characters: `1/2` or a fraction character.
pub(super) fn sign_or_half(cursor: &mut Cursor) -> Option<Quantity> {
    cursor.part().or_else(|| cursor.attempt(written_half))
}

/// Returns the fraction of two whole numbers if it is a number of halves, thirds or quarters, below
/// one and above zero.
pub(super) fn of_one(numerator: Quantity, denominator: Quantity) -> Option<Quantity> {
    let (numerator, denominator) = (numerator.numerator(), denominator.numerator());
    let is_part = (2..=4).contains(&denominator) && (1..denominator).contains(&numerator);
    is_part.then(|| Quantity::part(numerator, denominator))
}

/// Consumes a fraction of one with a slash and without whitespace. `2/4` is rejected: critics do not write
/// `3 2/4` for three and a half.
fn written(cursor: &mut Cursor) -> Option<Quantity> {
    let numerator = cursor.number().filter(|number| number.is_plain)?;
    if !cursor.is_adjacent() {
        return None;
    }
    cursor.slash()?;
    if !cursor.is_adjacent() {
        return None;
    }
    let denominator = cursor.number().filter(|number| number.is_plain)?;
    let is_reduced = !(numerator.value.is(2) && denominator.value.is(4));
    of_one(numerator.value, denominator.value).filter(|_| is_reduced)
}
