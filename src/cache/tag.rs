//! Tags, which identify the rows that a cached value depends on.

use std::fmt;

/// The kind of rows that a tag stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum TagKind {
    /// The row of a film, and its scores from other sources.
    Film = 1,
    /// The reviews of a film, and their totals.
    FilmReviews,
    /// The row of a critic.
    Critic,
    /// The reviews by a critic, and their totals.
    CriticReviews,
    /// The row of a publication.
    Publication,
    /// The reviews in a publication, and their totals.
    PublicationReviews,
    /// A review, and its revisions.
    Review,
    /// The rules of the site.
    SiteRules,
}

impl TagKind {
    const ALL: [Self; 8] = [
        Self::Film,
        Self::FilmReviews,
        Self::Critic,
        Self::CriticReviews,
        Self::Publication,
        Self::PublicationReviews,
        Self::Review,
        Self::SiteRules,
    ];

    const fn letter(self) -> char {
        match self {
            Self::Film => 'f',
            Self::FilmReviews => 'F',
            Self::Critic => 'c',
            Self::CriticReviews => 'C',
            Self::Publication => 'p',
            Self::PublicationReviews => 'P',
            Self::Review => 'r',
            Self::SiteRules => 's',
        }
    }

    fn of_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.letter() == letter)
    }
}

/// A row by its kind and id, or any row of a kind. Its text form is the kind's letter with the id, such as `f12`, or
/// the letter alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(u64);

/// The position of the kind's lowest bit. No id of a table needs that many bits.
const KIND_SHIFT: u32 = 56;

impl Tag {
    /// Returns the tag of the row with this id, which must be positive.
    #[must_use]
    pub const fn of(kind: TagKind, key: i64) -> Self {
        let key = key.cast_unsigned() & ((1 << KIND_SHIFT) - 1);
        Self(((kind as u64) << KIND_SHIFT) | key)
    }

    /// Returns the tag of any row of a kind, on which lists depend. It changes whenever one of the rows does.
    #[must_use]
    pub const fn any(kind: TagKind) -> Self {
        Self::of(kind, 0)
    }

    /// Returns the tag of any row of the same kind.
    #[must_use]
    pub const fn as_any(self) -> Self {
        Self(self.0 >> KIND_SHIFT << KIND_SHIFT)
    }

    /// Parses the tag of a row from its text form. `None` if the string is no such tag.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let mut chars = word.chars();
        let kind = TagKind::of_letter(chars.next()?)?;
        let digits = chars.as_str();
        let key: i64 = digits.parse().ok()?;
        // Only the canonical form is accepted, so that each tag has one text form.
        (key > 0 && key < 1 << KIND_SHIFT && !digits.starts_with(['+', '0']))
            .then(|| Self::of(kind, key))
    }

    /// Returns the id of the row, if the tag is that of a row of this kind.
    #[must_use]
    pub const fn id_of(self, kind: TagKind) -> Option<i64> {
        let id = self.0 & ((1 << KIND_SHIFT) - 1);
        if self.0 >> KIND_SHIFT == kind as u64 && id != 0 {
            Some(id.cast_signed())
        } else {
            None
        }
    }

    /// Returns the tag as a unique number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, key) = (self.0 >> KIND_SHIFT, self.0 & ((1 << KIND_SHIFT) - 1));
        let kind = TagKind::ALL.into_iter().find(|each| *each as u64 == kind);
        let letter = kind.map_or('?', TagKind::letter);
        match key {
            0 => write!(formatter, "{letter}"),
            key => write!(formatter, "{letter}{key}"),
        }
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests;
