//! Stars as characters: asterisks, filled stars and empty stars.

use std::num::NonZeroU16;

use super::ScoreRule;
use super::cursor::Cursor;
use super::part;
use super::quantity::Quantity;
use super::scale::StatedScale;
use super::scaled_amount::ScaledAmount;
use super::token::{Lexeme, Token};

/// Parses `***`, `**1/2`, `★★★☆☆` or `*** out of 5`. The scale is `default_scale` stars, unless the
/// string states it or shows it by empty stars.
pub(super) fn read(lexemes: &[Lexeme], default_scale: NonZeroU16) -> Option<ScaledAmount> {
    let (amount, scale) = Cursor::parse_all(lexemes, |cursor| {
        let stars = StarCharacters::take(cursor)?;
        let stated = StatedScale::take(cursor).map(|stated| stated.scale.value);
        Some((stars.amount()?, stars.scale(stated, default_scale)?))
    })?;
    Some(ScaledAmount::new(amount, scale, ScoreRule::Stars))
}

/// Star characters, in the order of the fields.
struct StarCharacters {
    filled: u128,
    part: Option<Quantity>,
    empty: u128,
}

impl StarCharacters {
    /// Consumes at least one filled star. Empty stars may follow filled stars, but not asterisks.
    fn take(cursor: &mut Cursor) -> Option<Self> {
        let sign = star(cursor, |_| true)?;
        let mut filled = 1;
        while star(cursor, |next| next == sign).is_some() {
            filled += 1;
        }
        let part = cursor.attempt(|cursor| {
            cursor.joining_hyphen();
            part::sign_or_half(cursor)
        });
        let mut empty = 0;
        while sign != '*' && empty_star(cursor).is_some() {
            empty += 1;
        }
        Some(Self {
            filled,
            part,
            empty,
        })
    }

    fn amount(&self) -> Option<Quantity> {
        let filled = Quantity::whole(self.filled);
        self.part.map_or(Some(filled), |part| filled.plus(part))
    }

    /// Returns the scale: shown by empty stars, stated, or the default. `None` if the shown scale
    /// contradicts the stated one.
    fn scale(&self, stated: Option<Quantity>, default_scale: NonZeroU16) -> Option<Quantity> {
        if self.empty == 0 {
            return Some(stated.unwrap_or_else(|| default_scale.into()));
        }
        // A partly filled star counts as a whole star.
        let star_count = self.filled + u128::from(self.part.is_some()) + self.empty;
        stated
            .is_none_or(|stated| stated.is(star_count))
            .then(|| Quantity::whole(star_count))
    }
}

fn star(cursor: &mut Cursor, matches: impl FnOnce(char) -> bool) -> Option<char> {
    cursor.take(|lexeme| match lexeme.token {
        Token::Star(sign) => matches(sign).then_some(sign),
        _ => None,
    })
}

fn empty_star(cursor: &mut Cursor) -> Option<()> {
    cursor.take(|lexeme| matches!(lexeme.token, Token::EmptyStar).then_some(()))
}
