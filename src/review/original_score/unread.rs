//! Why an original score wasn't read.

use std::error::Error;
use std::fmt;

use super::letter;

/// Why an original score wasn't read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unread {
    /// A number, and nobody knows what it is out of.
    BareNumber,
    /// More than all there is to get, such as 5 of 4.
    AboveScale,
    /// A score on a scale that starts elsewhere than at zero, such as one from -4 to +4.
    NotFromZero,
    /// Words that say what the critic thinks without a number.
    Words,
    /// Everything else, what is ambiguous included.
    Malformed,
}

impl Unread {
    /// Every reason there is, in the order in which a report lists them.
    pub const ALL: [Self; 5] = [
        Self::BareNumber,
        Self::AboveScale,
        Self::NotFromZero,
        Self::Words,
        Self::Malformed,
    ];

    /// The reason in plain words.
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

    /// The reason for a text that has no form of a score: words if there is a word in it and no
    /// number.
    ///
    /// This looks at characters and keeps none, so that a text of any length can be asked about.
    pub(super) fn of_other(text: &str) -> Self {
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

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.label())
    }
}

impl Error for Unread {}

/// Whether a run of letters is a word rather than a letter, or two grades run together such as
/// `AB`.
fn is_word(run: &str) -> bool {
    let is_grade = |letter: char| matches!(letter.to_ascii_uppercase(), 'A'..='F');
    match run.chars().count() {
        0 | 1 => false,
        2 => !run.chars().all(is_grade),
        _ => true,
    }
}
