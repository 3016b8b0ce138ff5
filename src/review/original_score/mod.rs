//! Parses original scores, as their critics wrote them (`3/4`, `B+`, `***½`, `85%`), and converts
//! them to the scale from 0 to 100.
//!
//! The parser doesn't guess. It rejects a string with two possible results, and it parses the whole
//! string or nothing. Each form has a module:
//!
//! | form | examples | rule |
//! |---|---|---|
//! | `fraction` | `3.5/5`, `3,5 / 5`, `4 of 5`, `3 1/2 out of 5`, `3½/5`, `3 (out of 4)` | [`ScoreRule::Fraction`] |
//! | `percent` | `85%`, `85.5 percent`, `85 per cent` | [`ScoreRule::Percent`] |
//! | `stars` | `3-1/2 stars`, `three and a half stars`, `4 out of 5 stars`, `3*` | [`ScoreRule::Stars`] |
//! | `star_characters` | `**1/2`, `★★★☆☆`, `⭐⭐⭐`, `*** (out of 4)` | [`ScoreRule::Stars`] |
//! | `letter` | `A+`, `B -`, `C-plus` | [`ScoreRule::Letter`] |
//! | a bare number | `7`, `3 1/2` | [`ScoreRule::Fraction`], if [`DefaultScales::bare`] is set |
//!
//! Stars and the links of scales may be in German, French, Spanish, Portuguese, Italian, Dutch or Russian: `4 Sterne`,
//! `8,5 von 10`, `7 sur 10`, `4 van de 5`, `8 из 10`.
//!
//! Decisions about special cases:
//!
//! - `3/4 stars` is ambiguous, three of four stars or three quarters of one star, and is rejected.
//!   `2.5/4 stars`, `0/4 stars` and `4/4 stars` are accepted, because they can't be a part of one
//!   star. `1/2 star` is customary for half a star.
//! - A bare `½` is always rejected: it may be half a star or half of the scale. For the same reason
//!   `½ out of 4` is accepted and `½ of 4` is rejected.
//! - A hyphen makes a mixed number only if it can't make a range: `3-1/2` is three and a half,
//!   `2-3/4` may be from two to three out of four.
//! - A comma is a decimal mark, unless exactly three digits follow: then it may separate thousands.
//! - Empty stars after filled ones show the scale. A half counts as a whole star: `★★★½☆` is three
//!   and a half out of five. A stated scale has to agree. Empty stars alone (`☆☆☆`) may be zero or
//!   three, and are rejected.
//! - `*** 3/4` may state the same score twice, and is rejected. After star characters, only `1/2` and
//!   fraction characters such as `¾` are parts of a star.
//! - Numbers as words are accepted only for stars. `no stars` may mean that the critic gave no score,
//!   and `a star` is not a count; both are words.
//! - Two scales (`1/2 out of 4`, `85%/100`) are rejected, even if they might agree.
//! - A sign before a number makes the whole string a score that isn't from zero. So does a range as
//!   the scale, unless it starts at zero; then it fits no rule.

mod amount;
mod cursor;
mod fraction;
mod letter;
mod named_scale;
mod number;
mod part;
mod percent;
#[cfg(any(test, feature = "properties"))]
pub mod properties;
mod quantity;
mod scale;
mod scaled_amount;
mod signed;
mod star_characters;
mod stars;
mod text;
mod token;
mod unread_reason;

#[cfg(test)]
mod tests;

pub use self::{
    named_scale::scale_of_name,
    unread_reason::{SiteRuleName, UnreadReason},
};

use std::num::NonZeroU16;

use self::{scaled_amount::ScaledAmount, token::Lexeme};
use super::ScoreRule;
use crate::{score::Points, site_rules::ReadingRules};

/// The scales of scores that don't state their scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefaultScales {
    /// The scale of bare numbers; `None` if it is unknown, and then bare numbers are rejected.
    pub bare: Option<NonZeroU16>,
    /// The largest number of stars.
    pub stars: NonZeroU16,
}

impl Default for DefaultScales {
    /// Returns the scales of a new site.
    fn default() -> Self {
        ReadingRules::default().into()
    }
}

impl From<ReadingRules> for DefaultScales {
    fn from(rules: ReadingRules) -> Self {
        Self {
            bare: rules.bare_scores_out_of,
            stars: rules.stars_out_of,
        }
    }
}

/// A parsed score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reading {
    /// The score, rounded half up.
    pub score: Points,
    /// The rule that the score was read by.
    pub rule: ScoreRule,
}

/// Parses an original score. Surrounding whitespace, one pair of quotes and the case of letters are
/// ignored.
///
/// # Errors
///
/// When the string fits no rule, or is ambiguous.
pub fn read(text: &str, scales: &DefaultScales) -> Result<Reading, UnreadReason> {
    let text = text::strip(text);
    if text::is_too_long(text) {
        return Err(UnreadReason::of_unmatched(text));
    }
    let lexemes = token::lex(text);
    if signed::is_not_from_zero(&lexemes) {
        return Err(UnreadReason::NotFromZero);
    }
    if let Some(amount) = parse_forms(&lexemes, scales.stars) {
        return amount.to_reading();
    }
    let Some(number) = fraction::read_bare_number(&lexemes) else {
        return Err(UnreadReason::of_unmatched(text));
    };
    let scale = scales.bare.ok_or(UnreadReason::BareNumber)?;
    ScaledAmount::new(number, scale, ScoreRule::Fraction)
        .with_reason_above(UnreadReason::AboveBareScale(scale))
        .to_reading()
}

/// Returns a bare number with its scale, such as "4/5" for "4". It reads as the same score without
/// the scale. Returns `None` for any other text, and for a number above the scale.
#[must_use]
pub fn with_scale(text: &str, scale: NonZeroU16) -> Option<String> {
    let unscaled = DefaultScales {
        bare: None,
        ..DefaultScales::default()
    };
    if read(text, &unscaled) != Err(UnreadReason::BareNumber) {
        return None;
    }
    let scaled = DefaultScales {
        bare: Some(scale),
        ..unscaled
    };
    let reading = read(text, &scaled).ok()?;
    let text = format!("{}/{scale}", text::strip(text));
    (read(&text, &unscaled) == Ok(reading)).then_some(text)
}

/// Parses the tokens by the first form that fits. No string fits two forms: percent, stars and letters
/// each have their own characters, and a fraction has none of these.
fn parse_forms(lexemes: &[Lexeme], star_scale: NonZeroU16) -> Option<ScaledAmount> {
    letter::read(lexemes)
        .or_else(|| percent::read(lexemes))
        .or_else(|| stars::read(lexemes, star_scale))
        .or_else(|| star_characters::read(lexemes, star_scale))
        .or_else(|| fraction::read(lexemes))
}
