//! Warnings about rows that can be read.

use std::fmt;

use crate::review::original_score::Unread;

use super::{Column, Columns};

/// A warning about a row that was read. There are few different values, so that the warnings of a file can be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Remark {
    /// The URL is not a web address and was ignored.
    UnusableUrl,
    /// The original score matches no rule, so the review has no score.
    Unread(Unread),
    /// The original score reads as another score than the given one. The given one is used.
    ScoreContradictsOriginal,
    /// A row of this kind doesn't use the column. Its value was ignored.
    IgnoredCell(Column),
    /// The date is a placeholder for an unknown date and was ignored.
    PlaceholderDate,
    /// The published score of a film is not a percentage and was ignored.
    UnusablePublishedScore,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnusableUrl => {
                f.write_str("url is not of the form http(s)://host… and was ignored")
            }
            Self::Unread(unread) => {
                let reason = match unread {
                    Unread::BareNumber => "is a bare number without a scale",
                    Unread::AboveScale => "is above its own scale",
                    Unread::NotFromZero => "is on a scale that does not start from zero",
                    Unread::Words => "is in words",
                    Unread::Malformed => "has an unknown form",
                };
                write!(f, "original_score {reason}; the review has no score")
            }
            Self::ScoreContradictsOriginal => {
                f.write_str("original_score reads as another score than score; score is used")
            }
            Self::PlaceholderDate => {
                f.write_str("the date is a placeholder for an unknown date and was ignored")
            }
            Self::UnusablePublishedScore => {
                f.write_str("critic_score is not a percentage such as 97% and was ignored")
            }
            Self::IgnoredCell(column) => {
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
pub struct Remarks {
    pub(super) unusable_url: bool,
    pub(super) unread: Option<Unread>,
    pub(super) contradiction: bool,
    pub(super) ignored: Columns,
}

impl Remarks {
    /// Returns whether there are no warnings.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Returns the warnings, each once.
    pub fn iter(self) -> impl Iterator<Item = Remark> {
        let url = self.unusable_url.then_some(Remark::UnusableUrl);
        let unread = self.unread.map(Remark::Unread);
        let contradiction = self
            .contradiction
            .then_some(Remark::ScoreContradictsOriginal);
        let ignored = self.ignored.iter().map(Remark::IgnoredCell);
        url.into_iter()
            .chain(unread)
            .chain(contradiction)
            .chain(ignored)
    }
}
