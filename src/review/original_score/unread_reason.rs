//! The reasons why an original score can't be parsed.

use std::error::Error;
use std::fmt;
use std::num::NonZeroU16;

use super::letter;

/// The reason why an original score can't be parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnreadReason {
    /// A bare number of an unknown scale.
    BareNumber,
    /// An amount above the scale that it states, such as 5 out of 4.
    AboveScale,
    /// More stars than the maximum of the site, without a scale of its own.
    AboveStars(NonZeroU16),
    /// A bare number above the maximum of the site.
    AboveBareScale(NonZeroU16),
    /// A score on a scale that doesn't start at zero, such as one from -4 to +4.
    NotFromZero,
    /// Words without a number.
    Words,
    /// Any other string, including ambiguous ones.
    Malformed,
}

/// A rule of the site that decides whether a score is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SiteRuleName {
    /// The field of `siteRules`.
    pub field: &'static str,
    /// The option of the imports.
    pub option: &'static str,
}

impl UnreadReason {
    /// Returns the rule of the site that sets the maximum of such scores; `None` if none does.
    #[must_use]
    pub const fn site_rule(self) -> Option<SiteRuleName> {
        match self {
            Self::AboveStars(_) => Some(SiteRuleName {
                field: "starsOutOf",
                option: "--stars-out-of",
            }),
            Self::BareNumber | Self::AboveBareScale(_) => Some(SiteRuleName {
                field: "bareScoresOutOf",
                option: "--bare-scores-out-of",
            }),
            Self::AboveScale | Self::NotFromZero | Self::Words | Self::Malformed => None,
        }
    }

    /// Returns the reason for a string that has no form of a score: words if it contains a word and no
    /// number.
    ///
    /// It allocates nothing, so that the string may have any length.
    pub(super) fn of_unmatched(text: &str) -> Self {
        let has_word = || {
            let mut runs = text
                .split(|c: char| !c.is_alphabetic())
                .filter(|run| !run.is_empty());
            runs.next().is_some_and(is_word)
                || runs.any(|run| is_word(run) && !letter::is_sign(run))
        };
        if !text.contains(char::is_numeric) && has_word() {
            Self::Words
        } else {
            Self::Malformed
        }
    }
}

impl fmt::Display for UnreadReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BareNumber => f.write_str("a bare number"),
            Self::AboveScale => f.write_str("more than its scale"),
            Self::AboveStars(stars) => write!(f, "more than {stars} stars"),
            Self::AboveBareScale(scale) => write!(f, "a bare number above {scale}"),
            Self::NotFromZero => f.write_str("a scale that isn't from zero"),
            Self::Words => f.write_str("words"),
            Self::Malformed => f.write_str("a form that fits no rule"),
        }
    }
}

impl Error for UnreadReason {}

/// Returns whether a run of letters is a word, and not a letter or two grades without a separator,
/// such as `AB`.
fn is_word(run: &str) -> bool {
    let is_grade = |letter: char| matches!(letter.to_ascii_uppercase(), 'A'..='F');
    match run.chars().count() {
        0 | 1 => false,
        2 => !run.chars().all(is_grade),
        _ => true,
    }
}
