//! Parts of one: halves, thirds and quarters.

use super::cursor::Cursor;
use super::quantity::Quantity;

/// Takes a part of one, as a sign or written with a slash.
pub(super) fn take(cursor: &mut Cursor) -> Option<Quantity> {
    cursor.part().or_else(|| cursor.attempt(written))
}

/// Takes a half that is written with a slash and without blanks.
pub(super) fn written_half(cursor: &mut Cursor) -> Option<Quantity> {
    written(cursor).filter(|part| part.is_one_over(2))
}

/// Takes what can follow drawn stars: `1/2`, `½`, `¾`.
pub(super) fn sign_or_half(cursor: &mut Cursor) -> Option<Quantity> {
    cursor.part().or_else(|| cursor.attempt(written_half))
}

/// So many halves, thirds or quarters, which are all the parts that anybody gives; `None` if they
/// are none, or make one. Both are whole numbers.
pub(super) fn of_one(above: Quantity, below: Quantity) -> Option<Quantity> {
    let (above, below) = (above.numerator(), below.numerator());
    let is_part = (2..=4).contains(&below) && (1..below).contains(&above);
    is_part.then(|| Quantity::part(above, below))
}

/// Takes a part of one that is written with a slash and without blanks. Nobody writes `3 2/4` for
/// three and a half.
fn written(cursor: &mut Cursor) -> Option<Quantity> {
    let above = cursor.number().filter(|number| number.is_plain)?;
    if !cursor.is_glued() {
        return None;
    }
    cursor.slash()?;
    if !cursor.is_glued() {
        return None;
    }
    let below = cursor.number().filter(|number| number.is_plain)?;
    let is_reduced = !(above.value.is(2) && below.value.is(4));
    of_one(above.value, below.value).filter(|_| is_reduced)
}
