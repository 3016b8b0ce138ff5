//! Search: the names that match a text best, and the reviews whose excerpts have its words.
//!
//! Names are found by an index in memory, [`name_index`], in spite of typing errors. Excerpts are found by the full-text
//! index of the database. All names come before all excerpts.

pub mod distance;
pub mod name_index;
pub mod position;
pub mod ranking;
pub mod snippet;
pub mod store;

use std::sync::Arc;

use crate::text::search::{fold, words};

/// The number of characters of a text that are looked at.
pub const MAX_CHARS: usize = 100;

/// A kind of object that can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SearchKind {
    /// Films, by their titles.
    Film,
    /// Critics, by their names.
    Critic,
    /// Publications, by their names.
    Publication,
    /// Reviews, by their excerpts.
    Review,
}

/// A kind of object that is found by its name, in the order of results with equal scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameKind {
    /// A film.
    Film,
    /// A critic.
    Critic,
    /// A publication.
    Publication,
}

impl NameKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Film, Self::Critic, Self::Publication];

    const fn search_kind(self) -> SearchKind {
        match self {
            Self::Film => SearchKind::Film,
            Self::Critic => SearchKind::Critic,
            Self::Publication => SearchKind::Publication,
        }
    }
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KindSet(u8);

impl KindSet {
    /// All kinds.
    pub const ALL: Self = Self(0b1111);

    /// Returns whether the set has a kind.
    #[must_use]
    pub const fn has(self, kind: SearchKind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }

    /// Returns whether the set has a kind of name.
    #[must_use]
    pub const fn has_name(self, kind: NameKind) -> bool {
        self.has(kind.search_kind())
    }

    /// Returns whether the set has all kinds of names.
    #[must_use]
    pub fn has_all_names(self) -> bool {
        self.names().count() == NameKind::ALL.len()
    }

    /// Returns the kinds of names that the set has.
    pub fn names(self) -> impl Iterator<Item = NameKind> {
        NameKind::ALL
            .into_iter()
            .filter(move |kind| self.has_name(*kind))
    }
}

impl FromIterator<SearchKind> for KindSet {
    fn from_iter<I: IntoIterator<Item = SearchKind>>(kinds: I) -> Self {
        let bits = kinds.into_iter().map(|kind| 1 << kind as u8);
        Self(bits.fold(0, |set, bit: u8| set | bit))
    }
}

/// The text has nothing to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("has no letter and no digit to look for; give at least one")]
pub struct NothingToSearch;

/// The words that are looked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SearchText(Arc<[String]>);

impl SearchText {
    /// Parses a text. Only its first [`MAX_CHARS`] characters are looked at.
    ///
    /// # Errors
    ///
    /// When they have no letter and no digit.
    pub fn parse(text: &str) -> Result<Self, NothingToSearch> {
        let text = text.trim_start();
        let end = text.char_indices().nth(MAX_CHARS);
        let text = end.map_or(text, |(end, _)| &text[..end]);
        let words = words(&fold(text));
        if words.is_empty() {
            return Err(NothingToSearch);
        }
        Ok(Self(words.into()))
    }

    /// Returns the folded words. There is at least one.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }
}

/// The place of a found name in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NamePosition {
    /// The score, in ten-thousandths.
    pub points: ranking::Points,
    /// The kind of its row.
    pub kind: NameKind,
    /// The number of reviews of its row.
    pub review_count: u32,
    /// The key of its row.
    pub id: i64,
}

#[cfg(test)]
mod tests;
