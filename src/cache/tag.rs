//! What an answer rests on, so that it is known by what changes to be old.

use std::fmt;

/// Of what a tag is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// The row of a film, and what other sources say of it.
    Film = 1,
    /// The reviews of a film, and what they add up to.
    FilmReviews,
    /// The row of a critic.
    Critic,
    /// The reviews by a critic, and what they add up to.
    CriticReviews,
    /// The row of a publication.
    Publication,
    /// The reviews in a publication, and what they add up to.
    PublicationReviews,
    /// A review, and what it said before.
    Review,
}

impl Kind {
    const ALL: [Self; 7] = [
        Self::Film,
        Self::FilmReviews,
        Self::Critic,
        Self::CriticReviews,
        Self::Publication,
        Self::PublicationReviews,
        Self::Review,
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
        }
    }

    fn of_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.letter() == letter)
    }
}

/// A row by its kind and key, or any row of a kind. As a word it is a letter with the key, such as `f12`, or the letter alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(u64);

/// Where the kind stands. No key of a table comes near so many.
const SHIFT: u32 = 56;

impl Tag {
    /// The row of this key, which is above zero.
    #[must_use]
    pub const fn of(kind: Kind, key: i64) -> Self {
        let key = key.cast_unsigned() & ((1 << SHIFT) - 1);
        Self(((kind as u64) << SHIFT) | key)
    }

    /// Any row of a kind: what a list rests on. It changes whenever one of them does.
    #[must_use]
    pub const fn any(kind: Kind) -> Self {
        Self::of(kind, 0)
    }

    /// That of any row of the same kind.
    #[must_use]
    pub const fn as_any(self) -> Self {
        Self(self.0 >> SHIFT << SHIFT)
    }

    /// Reads a word. `None` if it is none.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let mut rest = word.chars();
        let kind = Kind::of_letter(rest.next()?)?;
        let digits = rest.as_str();
        let key: i64 = digits.parse().ok()?;
        // As they are written, so that no two words are the same tag.
        (key > 0 && key < 1 << SHIFT && !digits.starts_with(['+', '0']))
            .then(|| Self::of(kind, key))
    }

    /// The tag as a number that is no other's.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, key) = (self.0 >> SHIFT, self.0 & ((1 << SHIFT) - 1));
        let kind = Kind::ALL.into_iter().find(|known| *known as u64 == kind);
        let letter = kind.map_or('?', Kind::letter);
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_tag_is_read_as_it_is_written(kind in prop::sample::select(&Kind::ALL[..]), key in 1..(1_i64 << SHIFT)) {
            let tag = Tag::of(kind, key);
            prop_assert_eq!(Tag::parse(&tag.to_string()), Some(tag));
            prop_assert_eq!(tag.as_any(), Tag::any(kind));
            prop_assert_ne!(tag, Tag::any(kind));
        }

        #[test]
        fn any_word_at_all_is_a_tag_or_none(word: String) {
            if let Some(tag) = Tag::parse(&word) {
                prop_assert_eq!(tag.to_string(), word);
            }
        }
    }

    #[test]
    fn what_is_no_tag_is_none() {
        for word in [
            "",
            "f",
            "f0",
            "f-1",
            "f+1",
            "f01",
            "x1",
            "f1 ",
            "f72057594037927936",
            "1",
        ] {
            assert_eq!(Tag::parse(word), None, "{word}");
        }
    }
}
