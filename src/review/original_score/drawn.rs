//! Stars that are drawn: asterisks, filled stars and empty ones.

use std::num::NonZeroU16;

use super::ScoreRule;
use super::claim::Claim;
use super::cursor::Cursor;
use super::part;
use super::quantity::Quantity;
use super::scale::Said;
use super::token::{Lexeme, Token};

/// Reads `***`, `**1/2`, `★★★☆☆`, `*** out of 5`; out of `most` stars unless the text says or draws
/// how many there are.
pub(super) fn read(lexemes: &[Lexeme], most: NonZeroU16) -> Option<Claim> {
    let (amount, scale) = Cursor::read_all(lexemes, |cursor| {
        let stars = Drawing::take(cursor)?;
        let said = Said::take(cursor).map(|said| said.scale.value);
        Some((stars.amount()?, stars.scale(said, most)?))
    })?;
    Some(Claim::new(amount, scale, ScoreRule::Stars))
}

/// Stars as drawn, in this order.
struct Drawing {
    filled: u128,
    part: Option<Quantity>,
    empty: u128,
}

impl Drawing {
    /// Takes at least one filled star. Only filled stars have empty ones after them: an asterisk
    /// can't be empty.
    fn take(cursor: &mut Cursor) -> Option<Self> {
        let sign = star(cursor, |_| true)?;
        let mut filled = 1;
        while star(cursor, |next| next == sign).is_some() {
            filled += 1;
        }
        let part = cursor.attempt(|cursor| {
            cursor.joint();
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

    /// The scale: drawn, said, or neither. `None` if one contradicts the other.
    fn scale(&self, said: Option<Quantity>, most: NonZeroU16) -> Option<Quantity> {
        if self.empty == 0 {
            return Some(said.unwrap_or_else(|| most.into()));
        }
        // The star of which only a part counts takes up a place as well.
        let places = self.filled + u128::from(self.part.is_some()) + self.empty;
        said.is_none_or(|said| said.is(places))
            .then(|| Quantity::whole(places))
    }
}

fn star(cursor: &mut Cursor, is_wanted: impl FnOnce(char) -> bool) -> Option<char> {
    cursor.take(|lexeme| match lexeme.token {
        Token::Star(sign) => is_wanted(sign).then_some(sign),
        _ => None,
    })
}

fn empty_star(cursor: &mut Cursor) -> Option<()> {
    cursor.take(|lexeme| matches!(lexeme.token, Token::EmptyStar).then_some(()))
}
