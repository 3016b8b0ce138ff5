//! Reads a score as its critic wrote it (`3/4`, `B+`, `***½`, `85%`) onto the scale from 0 to 100.
//!
//! Nothing is guessed. A text that has two readings with two results has none, and a text is read
//! as a whole or not at all. The forms, each in a module:
//!
//! | form | examples | rule |
//! |---|---|---|
//! | `fraction` | `3.5/5`, `3,5 / 5`, `4 of 5`, `3 1/2 out of 5`, `3½/5`, `3 (out of 4)` | [`ScoreRule::Fraction`] |
//! | `percent` | `85%`, `85.5 percent`, `85 per cent` | [`ScoreRule::Percent`] |
//! | `stars` | `3-1/2 stars`, `three and a half stars`, `4 out of 5 stars`, `3*` | [`ScoreRule::Stars`] |
//! | `drawn` | `**1/2`, `★★★☆☆`, `⭐⭐⭐`, `*** (out of 4)` | [`ScoreRule::Stars`] |
//! | `letter` | `A+`, `B -`, `C-plus` | [`ScoreRule::Letter`] |
//! | a number alone | `7`, `3 1/2` | [`ScoreRule::Fraction`], if [`Scales::bare`] says of what |
//!
//! What is decided beyond those forms, and why:
//!
//! - `3/4 stars` is three of four stars or three quarters of one, so it isn't read. `2.5/4 stars`,
//!   `0/4 stars` and `4/4 stars` are: nobody writes a part of one star so. `1/2 star` is half a
//!   star by custom.
//! - `½` alone is not read, not even where bare numbers are: it is half of a star or of everything.
//!   For the same reason `½ out of 4` is read and `½ of 4` isn't.
//! - A hyphen makes a mixed number only where it can't make a range: `3-1/2` is three and a half,
//!   `2-3/4` may be from two to three of four.
//! - A comma is a decimal mark, unless exactly three digits follow, which it may part as thousands.
//! - Empty stars that stand after filled ones draw the scale, in which a half takes up a whole
//!   place: `★★★½☆` is three and a half of five. A scale said beside it has to agree. Empty stars
//!   alone (`☆☆☆`) may be none of three or three, and aren't read.
//! - `*** 3/4` may say the same score twice, and isn't read; after drawn stars only `1/2` and the
//!   signs such as `¾` are parts of a star.
//! - Numbers in words count stars only. `no stars` may say that no score was given, and `a star` is
//!   no count; both are words.
//! - Two scales (`1/2 out of 4`, `85%/100`) are refused even where they might agree.
//! - A sign before a number refuses the text whatever else is in it. So does a range as the scale,
//!   unless it is from zero, which fits no rule.

mod amount;
mod claim;
mod cursor;
mod drawn;
mod fraction;
#[cfg(any(test, feature = "laws"))]
pub mod laws;
mod letter;
mod number;
mod part;
mod percent;
mod quantity;
mod scale;
mod signed;
mod stars;
mod text;
mod token;
mod unread;

#[cfg(test)]
mod tests;

pub use self::unread::Unread;

use std::num::NonZeroU16;

use self::{claim::Claim, token::Lexeme};
use super::ScoreRule;
use crate::score::Points;

/// What a number is out of when the text doesn't say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scales {
    /// What a number without anything beside it is out of; `None` if nobody knows, and then such
    /// numbers aren't read.
    pub bare: Option<NonZeroU16>,
    /// How many stars are the most.
    pub stars: NonZeroU16,
}

impl Default for Scales {
    /// Bare numbers aren't read, and stars are out of 4, as they mostly are in the American press.
    fn default() -> Self {
        Self {
            bare: None,
            stars: NonZeroU16::MIN.saturating_add(3),
        }
    }
}

/// A score that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reading {
    /// The score, rounded half up.
    pub score: Points,
    /// The rule by which it was read.
    pub rule: ScoreRule,
}

/// Reads a score as its critic wrote it. Outer blanks and one pair of quotes around it don't count,
/// nor does the case of letters.
///
/// # Errors
///
/// Why the text isn't read, if it fits no rule, or more than one.
pub fn read(text: &str, scales: &Scales) -> Result<Reading, Unread> {
    let text = text::strip(text);
    if text::is_too_long(text) {
        return Err(Unread::of_other(text));
    }
    let lexemes = token::lex(text);
    if signed::is_not_from_zero(&lexemes) {
        return Err(Unread::NotFromZero);
    }
    if let Some(claim) = claim(&lexemes, scales.stars) {
        return claim.settle();
    }
    let Some(number) = fraction::read_number_alone(&lexemes) else {
        return Err(Unread::of_other(text));
    };
    let scale = scales.bare.ok_or(Unread::BareNumber)?;
    Claim::new(number, scale, ScoreRule::Fraction).settle()
}

/// What the text claims by the first form that it fits. No text fits two of them: percent, stars
/// and letters each have a sign of their own, and a fraction has none of these.
fn claim(lexemes: &[Lexeme], most_stars: NonZeroU16) -> Option<Claim> {
    letter::read(lexemes)
        .or_else(|| percent::read(lexemes))
        .or_else(|| stars::read(lexemes, most_stars))
        .or_else(|| drawn::read(lexemes, most_stars))
        .or_else(|| fraction::read(lexemes))
}
