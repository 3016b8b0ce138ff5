//! Stars that are counted in digits or words.

use std::num::NonZeroU16;

use super::ScoreRule;
use super::amount::Amount;
use super::claim::Claim;
use super::cursor::Cursor;
use super::part::written_half;
use super::quantity::Quantity;
use super::scale::{Link, Said, star};
use super::token::Lexeme;

/// Reads `3 stars`, `three and a half stars`, `4 out of 5 stars`, `3 stars (out of 4)`; out of
/// `most` stars unless the text says of how many.
pub(super) fn read(lexemes: &[Lexeme], most: NonZeroU16) -> Option<Claim> {
    let (amount, scale) = Cursor::read_all(lexemes, |cursor| {
        cursor
            .attempt(half_a_star)
            .or_else(|| cursor.attempt(stars))
            .or_else(|| cursor.attempt(so_many_of_so_many_stars))
    })?;
    let scale = scale.unwrap_or_else(|| most.into());
    Some(Claim::new(amount, scale, ScoreRule::Stars))
}

/// Takes `1/2 star`, the one fraction that everybody takes for a part of a star.
fn half_a_star(cursor: &mut Cursor) -> Option<(Quantity, Option<Quantity>)> {
    let half = written_half(cursor)?;
    star(cursor)?;
    Some((half, scale_after(cursor)))
}

/// Takes stars and their scale, if it is said.
fn stars(cursor: &mut Cursor) -> Option<(Quantity, Option<Quantity>)> {
    let amount = Amount::take(cursor)?;
    star(cursor)?;
    Some((amount.value, scale_after(cursor)))
}

fn scale_after(cursor: &mut Cursor) -> Option<Quantity> {
    Said::take(cursor).map(|said| said.scale.value)
}

/// Takes an amount whose scale is in stars, unless it may as well be a part of one star.
fn so_many_of_so_many_stars(cursor: &mut Cursor) -> Option<(Quantity, Option<Quantity>)> {
    let amount = Amount::take(cursor)?;
    let said = Said::take(cursor).filter(|said| said.is_in_stars)?;
    let may_be_part = said.link == Link::Slash && amount.could_be_part_over(&said.scale);
    let is_clear = !may_be_part && said.link.can_follow(&amount);
    is_clear.then_some((amount.value, Some(said.scale.value)))
}
