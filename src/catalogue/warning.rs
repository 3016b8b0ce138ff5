//! Warnings about rows that can be read.

use std::fmt;

use crate::review::original_score::UnreadReason;

use super::{Column, Columns};

/// A warning about a row that was read. There are few different values, so that the warnings of a file can be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Warning {
    /// The URL is not a web address and was ignored.
    UnusableUrl,
    /// The original score matches no rule, so the review has no score.
    UnreadableScore(UnreadReason),
    /// The original score reads as another score than the given one. The given one is used.
    ScoreContradictsOriginal,
    /// A row of this kind doesn't use the column. Its value was ignored.
    IgnoredColumn(Column),
    /// The date is a placeholder for an unknown date and was ignored.
    PlaceholderDate,
    /// The published score of a film is not on its scale and was ignored.
    UnusablePublishedScore,
    /// The byline names several critics. It is stored as it is, and the review has no critic.
    SeveralCritics,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnusableUrl => {
                f.write_str("url is not of the form http(s)://host… and was ignored")
            }
            Self::UnreadableScore(reason) => {
                let reason = match reason {
                    UnreadReason::BareNumber => "is a bare number without a scale",
                    UnreadReason::AboveScale => "is above its own scale",
                    UnreadReason::AboveStars(_) => "has more stars than the maximum",
                    UnreadReason::AboveBareScale(_) => "is a bare number above the maximum",
                    UnreadReason::NotFromZero => "is on a scale that does not start from zero",
                    UnreadReason::Words => "is in words",
                    UnreadReason::Malformed => "has an unknown form",
                };
                write!(f, "original_score {reason}; the review has no score")
            }
            Self::ScoreContradictsOriginal => {
                f.write_str("original_score reads as another score than score; score is used")
            }
            Self::PlaceholderDate => {
                f.write_str("the date is a placeholder for an unknown date and was ignored")
            }
            Self::UnusablePublishedScore => f.write_str(
                "the published score of the film is no number on its scale and was ignored",
            ),
            Self::SeveralCritics => f.write_str(
                "the byline names several critics; it is stored as it is, and the review has no critic",
            ),
            Self::IgnoredColumn(column) => {
                write!(
                    f,
                    "{} is not used in a row of this kind and was ignored",
                    column.name()
                )
            }
        }
    }
}

/// The warnings about one row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Warnings {
    pub(super) has_unusable_url: bool,
    pub(super) unreadable_score: Option<UnreadReason>,
    pub(super) has_contradiction: bool,
    pub(super) ignored: Columns,
}

impl Warnings {
    /// Returns whether there are no warnings.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Returns the warnings, each once.
    pub fn iter(self) -> impl Iterator<Item = Warning> {
        let url = self.has_unusable_url.then_some(Warning::UnusableUrl);
        let unreadable = self.unreadable_score.map(Warning::UnreadableScore);
        let contradiction = self
            .has_contradiction
            .then_some(Warning::ScoreContradictsOriginal);
        let ignored = self.ignored.iter().map(Warning::IgnoredColumn);
        url.into_iter()
            .chain(unreadable)
            .chain(contradiction)
            .chain(ignored)
    }
}
