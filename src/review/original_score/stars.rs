//! Numbers of stars, in digits or words.

use std::num::NonZeroU16;

use super::amount::Amount;
use super::cursor::Cursor;
use super::part::written_half;
use super::quantity::Quantity;
use super::scale::{Link, StatedScale, star};
use super::scaled_amount::ScaledAmount;
use super::token::Lexeme;
use super::{ScoreRule, UnreadReason};

/// Parses `3 stars`, `three and a half stars`, `4 out of 5 stars` or `3 stars (out of 4)`. The scale
/// is `default_scale` stars, unless the string states it.
pub(super) fn read(lexemes: &[Lexeme], default_scale: NonZeroU16) -> Option<ScaledAmount> {
    let (amount, scale) = Cursor::parse_all(lexemes, |cursor| {
        cursor
            .attempt(half_a_star)
            .or_else(|| cursor.attempt(stars))
            .or_else(|| cursor.attempt(amount_of_stars))
    })?;
    Some(match scale {
        Some(scale) => ScaledAmount::new(amount, scale, ScoreRule::Stars),
        None => ScaledAmount::new(amount, default_scale, ScoreRule::Stars)
            .with_reason_above(UnreadReason::AboveStars(default_scale)),
    })
}

/// Consumes `1/2 star`, the only fraction that is clearly a part of a star.
fn half_a_star(cursor: &mut Cursor) -> Option<(Quantity, Option<Quantity>)> {
    let half = written_half(cursor)?;
    star(cursor)?;
    Some((half, scale_after(cursor)))
}

/// Consumes a number of stars, and their scale if it is stated.
fn stars(cursor: &mut Cursor) -> Option<(Quantity, Option<Quantity>)> {
    let amount = Amount::take(cursor)?;
    star(cursor)?;
    Some((amount.value, scale_after(cursor)))
}

fn scale_after(cursor: &mut Cursor) -> Option<Quantity> {
    StatedScale::take(cursor).map(|stated| stated.scale.value)
}

/// Consumes an amount whose scale is in stars, unless it may be a part of one star.
fn amount_of_stars(cursor: &mut Cursor) -> Option<(Quantity, Option<Quantity>)> {
    let amount = Amount::take(cursor)?;
    let stated = StatedScale::take(cursor).filter(|stated| stated.is_in_stars)?;
    let may_be_part = stated.link == Link::Slash && amount.could_be_part_over(&stated.scale);
    let is_unambiguous = !may_be_part && stated.link.can_follow(&amount);
    is_unambiguous.then_some((amount.value, Some(stated.scale.value)))
}
