//! Stars as characters: asterisks, filled stars and empty stars.

use std::num::NonZeroU16;

use super::cursor::Cursor;
use super::part;
use super::quantity::Quantity;
use super::scale::StatedScale;
use super::scaled_amount::ScaledAmount;
use super::token::{Lexeme, Token};
use super::{ScoreRule, UnreadReason};

/// Parses `***`, `**1/2`, `★★★☆☆` or `*** out of 5`. The scale is `default_scale` stars, unless the
/// string states it or shows it by empty stars.
pub(super) fn read(lexemes: &[Lexeme], default_scale: NonZeroU16) -> Option<ScaledAmount> {
    let (amount, scale) = Cursor::parse_all(lexemes, |cursor| {
        let stars = StarCharacters::take(cursor)?;
        let stated = StatedScale::take(cursor).map(|stated| stated.scale.value);
        let scale = match (stars.shown_scale(), stated) {
            // The shown scale contradicts the stated one.
            (Some(shown), Some(stated)) if !stated.is(shown) => return None,
            (Some(shown), _) => Some(Quantity::whole(shown)),
            (None, stated) => stated,
        };
        Some((stars.amount()?, scale))
    })?;
    Some(match scale {
        Some(scale) => ScaledAmount::new(amount, scale, ScoreRule::Stars),
        None => ScaledAmount::new(amount, default_scale, ScoreRule::Stars)
            .with_reason_above(UnreadReason::AboveStars(default_scale)),
    })
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

    /// Returns the scale that empty stars show; `None` without them. A partly filled star counts as a whole star.
    fn shown_scale(&self) -> Option<u128> {
        let star_count = self.filled + u128::from(self.part.is_some()) + self.empty;
        (self.empty > 0).then_some(star_count)
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
