//! What is odd about a row that can be read.

use std::fmt;

use crate::review::original_score::Unread;

use super::{Column, Columns};

/// Something in a row that its reader should know of, though the row was read. Remarks are few, so that a file's can be
/// counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Remark {
    /// The url is no web address, and was left out.
    UnusableUrl,
    /// The original score fits no rule, so that the review stays unscored.
    Unread(Unread),
    /// The original score reads as another score than the given one, which was kept.
    ScoreContradictsOriginal,
    /// A row of its kind has no use for a column, whose value was left out.
    IgnoredCell(Column),
    /// A day that stands where nobody knew the day, and was left out.
    PlaceholderDate,
    /// What a source says of a film is no share, and was left out.
    UnusablePublishedScore,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnusableUrl => {
                f.write_str("url is not of the form http(s)://host…, and was left out")
            }
            Self::Unread(unread) => {
                let reason = match unread {
                    Unread::BareNumber => "is a bare number, which does not say what it is out of",
                    Unread::AboveScale => "is above its own scale",
                    Unread::NotFromZero => "is on a scale that does not start from zero",
                    Unread::Words => "is in words",
                    Unread::Malformed => "is of no known form",
                };
                write!(f, "original_score {reason}; the review stays unscored")
            }
            Self::ScoreContradictsOriginal => {
                f.write_str("original_score reads as another score than score, which was kept")
            }
            Self::PlaceholderDate => {
                f.write_str("the day is a placeholder for one that nobody knew, and was left out")
            }
            Self::UnusablePublishedScore => {
                f.write_str("critic_score is no share such as 97%, and was left out")
            }
            Self::IgnoredCell(column) => {
                write!(
                    f,
                    "{} means nothing in a row of its kind, and was left out",
                    column.name()
                )
            }
        }
    }
}

/// The remarks on one row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    pub(super) unusable_url: bool,
    pub(super) unread: Option<Unread>,
    pub(super) contradiction: bool,
    pub(super) ignored: Columns,
}

impl Remarks {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// The remarks one by one, none twice.
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
