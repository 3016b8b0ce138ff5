//! The reasons why an original score can't be parsed.

use std::error::Error;
use std::fmt;

use super::letter;

/// The reason why an original score can't be parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnreadReason {
    /// A bare number of an unknown scale.
    BareNumber,
    /// An amount above its scale, such as 5 out of 4.
    AboveScale,
    /// A score on a scale that doesn't start at zero, such as one from -4 to +4.
    NotFromZero,
    /// Words without a number.
    Words,
    /// Any other string, including ambiguous ones.
    Malformed,
}

impl UnreadReason {
    /// All reasons, in the order of reports.
    pub const ALL: [Self; 5] = [
        Self::BareNumber,
        Self::AboveScale,
        Self::NotFromZero,
        Self::Words,
        Self::Malformed,
    ];

    /// Returns the reason in plain words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::BareNumber => "a bare number",
            Self::AboveScale => "more than its scale",
            Self::NotFromZero => "a scale that isn't from zero",
            Self::Words => "words",
            Self::Malformed => "a form that fits no rule",
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
        f.pad(self.label())
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
