//! An index of names: their trigrams, with the names that have each.
//!
//! A text finds the names that share its rarest trigrams, up to a number of entries. The best of them are compared with
//! the text word by word, see [`super::ranking`]. So a typing error, a missing word or another order of words costs some
//! of the trigrams, and the time depends little on the number of names.

mod candidates;
mod trigrams;

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use foldhash::fast::RandomState;

use self::{
    candidates::{Candidates, candidates},
    trigrams::trigrams,
};
use super::{
    KindSet, NameKind, NamePosition, SearchText,
    ranking::{Buffers, Ranking},
};
use crate::text::search::{fold, words};

/// The maximum number of names that a search finds.
pub const MAX_HITS: usize = 100;

/// The names of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedRow {
    /// The kind of the row.
    pub kind: NameKind,
    /// The key of the row.
    pub id: i64,
    /// The name.
    pub name: String,
    /// The other names, such as the titles of a film in other countries.
    pub others: Vec<String>,
    /// The number of its reviews.
    pub review_count: u32,
}

/// A name in the index.
#[derive(Debug)]
struct Entry {
    kind: NameKind,
    /// The number of its trigrams.
    trigram_count: u16,
    review_count: u32,
    id: i64,
    /// The folded words, with single blanks between them.
    words: Box<str>,
}

/// The index.
#[derive(Debug, Default)]
pub struct NameIndex {
    /// The names by their numbers; `None` for a number that is free.
    entries: Vec<Option<Entry>>,
    free: Vec<u32>,
    numbers: HashMap<(NameKind, i64), u32, RandomState>,
    /// The numbers of the other names of rows that have any.
    others: HashMap<(NameKind, i64), Vec<u32>, RandomState>,
    /// The numbers of the names with a trigram, in ascending order.
    postings: HashMap<u64, Vec<u32>, RandomState>,
}

impl NameIndex {
    /// Creates the index of names.
    #[must_use]
    pub fn of(rows: Vec<NamedRow>) -> Self {
        let mut index = Self::default();
        for row in rows {
            index.insert(row);
        }
        index.shrink();
        index
    }

    /// Returns the number of rows with names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Returns whether there are no names.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Returns about the bytes of memory that the index takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let words = self.entries.iter().flatten();
        let words: usize = words.map(|entry| entry.words.len()).sum();
        let postings = self.postings.values().map(Vec::capacity);
        let postings: usize = postings.map(|capacity| capacity * size_of::<u32>()).sum();
        // A slot of a hash table takes one more byte.
        words
            + postings
            + self.entries.capacity() * size_of::<Option<Entry>>()
            + self.free.capacity() * size_of::<u32>()
            + self.numbers.capacity() * (size_of::<((NameKind, i64), u32)>() + 1)
            + self.others.capacity() * (size_of::<((NameKind, i64), Vec<u32>)>() + 1)
            + self.postings.capacity() * (size_of::<(u64, Vec<u32>)>() + 1)
    }

    /// Inserts the names of a row, or replaces those that it had.
    pub fn insert(&mut self, row: NamedRow) {
        let NamedRow {
            kind,
            id,
            name,
            others,
            review_count,
        } = row;
        let mut names = vec![words(&fold(&name)).join(" ")];
        for other in others {
            let other = words(&fold(&other)).join(" ");
            if !other.is_empty() && !names.contains(&other) {
                names.push(other);
            }
        }
        let present = self.numbers_of(kind, id);
        let words_of = |number: &u32| self.entry(*number).map(|entry| &*entry.words);
        if present
            .iter()
            .map(words_of)
            .eq(names.iter().map(|name| Some(name.as_str())))
        {
            for number in present {
                if let Some(Some(entry)) = self.entries.get_mut(number as usize) {
                    entry.review_count = review_count;
                }
            }
            return;
        }
        self.remove(kind, id);
        let numbers = names.into_iter();
        let mut numbers = numbers.map(|words| self.add(kind, id, review_count, words));
        let (first, others) = (numbers.next(), numbers.collect::<Vec<_>>());
        if let Some(first) = first {
            self.numbers.insert((kind, id), first);
        }
        if !others.is_empty() {
            self.others.insert((kind, id), others);
        }
    }

    /// Adds a name of a row, and returns its number.
    fn add(&mut self, kind: NameKind, id: i64, review_count: u32, words: String) -> u32 {
        let trigrams = trigrams(&words);
        let number = self.free.pop().unwrap_or_else(|| {
            self.entries.push(None);
            // More names than an `u32` counts don't fit into memory.
            u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX)
        });
        for trigram in &trigrams {
            let posting = self.postings.entry(*trigram).or_default();
            if let Err(place) = posting.binary_search(&number) {
                posting.insert(place, number);
            }
        }
        if let Some(entry) = self.entries.get_mut(number as usize) {
            *entry = Some(Entry {
                kind,
                trigram_count: trigrams.len().try_into().unwrap_or(u16::MAX),
                review_count,
                id,
                words: words.into(),
            });
        }
        number
    }

    /// Removes the names of a row, if it has any.
    pub fn remove(&mut self, kind: NameKind, id: i64) {
        for number in self.numbers_of(kind, id) {
            self.remove_number(number);
        }
        self.numbers.remove(&(kind, id));
        self.others.remove(&(kind, id));
    }

    fn remove_number(&mut self, number: u32) {
        let entry = self.entries.get_mut(number as usize);
        let Some(entry) = entry.and_then(Option::take) else {
            return;
        };
        self.free.push(number);
        for trigram in trigrams(&entry.words) {
            if let Some(posting) = self.postings.get_mut(&trigram) {
                if let Ok(place) = posting.binary_search(&number) {
                    posting.remove(place);
                }
                if posting.is_empty() {
                    self.postings.remove(&trigram);
                }
            }
        }
    }

    /// Frees memory that is reserved for more names.
    fn shrink(&mut self) {
        self.entries.shrink_to_fit();
        self.numbers.shrink_to_fit();
        self.postings.shrink_to_fit();
        for posting in self.postings.values_mut() {
            posting.shrink_to_fit();
        }
    }

    /// Returns the numbers of the names of a row, that of its name first.
    fn numbers_of(&self, kind: NameKind, id: i64) -> Vec<u32> {
        let first = self.numbers.get(&(kind, id)).into_iter();
        let others = self.others.get(&(kind, id)).into_iter().flatten();
        first.chain(others).copied().collect()
    }

    fn entry(&self, number: u32) -> Option<&Entry> {
        self.entries.get(number as usize)?.as_ref()
    }

    /// Returns the best names of some kinds.
    #[must_use]
    pub fn search(&self, text: &SearchText, kinds: KindSet) -> NameMatches {
        let ranking = Ranking::new(text.words());
        let mut buffers = Buffers::default();
        let Candidates { numbers, known } = candidates(self, text, kinds);
        let others = numbers.len() - known;
        let mut depends_on_other_counts = false;
        let mut hits = Vec::with_capacity(numbers.len());
        for (place, number) in numbers.into_iter().enumerate() {
            let Some(entry) = self.entry(number) else {
                continue;
            };
            let Some(points) = ranking.points(&entry.words, &mut buffers) else {
                continue;
            };
            depends_on_other_counts |= place >= others;
            hits.push(NamePosition {
                points,
                kind: entry.kind,
                review_count: entry.review_count,
                id: entry.id,
            });
        }
        hits.sort_unstable_by_key(NamePosition::rank);
        if !self.others.is_empty() {
            // Of several names of a row, the best counts.
            let mut seen = HashSet::with_hasher(RandomState::default());
            hits.retain(|hit| seen.insert((hit.kind, hit.id)));
        }
        depends_on_other_counts |= hits.len() > MAX_HITS;
        hits.truncate(MAX_HITS);
        NameMatches {
            hits,
            depends_on_other_counts,
        }
    }
}

/// The names that match a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameMatches {
    /// The best names, in their order. At most [`MAX_HITS`].
    pub hits: Vec<NamePosition>,
    /// Whether the numbers of reviews of other rows than those decide which names are found.
    pub depends_on_other_counts: bool,
}

impl NamePosition {
    /// Returns the key by which names are ordered: the best score first, then films before critics before publications, then
    /// the better known.
    #[must_use]
    pub fn rank(&self) -> (Reverse<u16>, NameKind, Reverse<u32>, i64) {
        (
            Reverse(self.points),
            self.kind,
            Reverse(self.review_count),
            self.id,
        )
    }
}

#[cfg(test)]
mod tests;
