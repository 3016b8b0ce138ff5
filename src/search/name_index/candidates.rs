//! The names that are compared with a text: those that share the most of its trigrams.

use std::cell::RefCell;

use super::{Entry, NameIndex, trigrams::trigrams_of_text};
use crate::search::{KindSet, SearchText};

/// The number of entries of trigrams that are read, and how it grows with the number of names.
const MIN_BUDGET: usize = 24_000;
const NAMES_PER_BUDGET: usize = 9;

/// The number of names that are compared, and how it grows with the number of names.
const MIN_CANDIDATES: usize = 100;
const NAMES_PER_CANDIDATE: usize = 6_500;

/// The number of names with many reviews that are compared as well, of those that share as many trigrams.
const KNOWN_CANDIDATES: usize = 40;

/// The share of the weight of the trigrams that a name must have, as one of this many parts.
const MIN_SHARE: u32 = 5;

thread_local! {
    static WEIGHTS: RefCell<Weights> = RefCell::default();
}

/// The weights of the trigrams that each name shares with a text. The memory is used again for the next text.
#[derive(Default)]
struct Weights {
    /// By the numbers of names; zero for all between two searches.
    by_name: Vec<u16>,
    /// The names whose weight isn't zero.
    names: Vec<u32>,
}

/// The names to compare with a text.
#[derive(Default)]
pub struct Candidates {
    /// Their numbers.
    pub numbers: Vec<u32>,
    /// How many of the last numbers are there because their rows have more reviews than others that share as many trigrams.
    pub known: usize,
}

/// Returns the names to compare with a text.
pub fn candidates(index: &NameIndex, text: &SearchText, kinds: KindSet) -> Candidates {
    WEIGHTS.with_borrow_mut(|weights| {
        let trigrams = trigrams_of_text(text.words());
        let total = weights.add_rarest(index, &trigrams);
        let found = weights.select(index, &trigrams, kinds, total);
        weights.clear();
        found
    })
}

impl Weights {
    /// Adds the weights of the rarest trigrams. Returns the sum of their weights.
    fn add_rarest(&mut self, index: &NameIndex, trigrams: &[u64]) -> u32 {
        self.by_name.resize(index.entries.len(), 0);
        let postings = trigrams
            .iter()
            .filter_map(|trigram| index.postings.get(trigram));
        let mut postings: Vec<&Vec<u32>> = postings.collect();
        postings.sort_by_key(|posting| posting.len());
        let budget = MIN_BUDGET + index.len() / NAMES_PER_BUDGET;
        let (mut read, mut total) = (0, 0);
        for posting in postings {
            read += posting.len();
            if read > budget && total > 0 {
                break;
            }
            let weight = weight(posting.len(), index.len());
            total += u32::from(weight);
            for number in posting {
                if let Some(of_name) = self.by_name.get_mut(*number as usize) {
                    if *of_name == 0 {
                        self.names.push(*number);
                    }
                    *of_name = of_name.saturating_add(weight);
                }
            }
        }
        total
    }

    fn of(&self, number: u32) -> u16 {
        let weight = self.by_name.get(number as usize);
        weight.copied().unwrap_or_default()
    }

    /// Returns the names with the highest weights, of those of some kinds: first those that are about as long as the text,
    /// then the better known.
    fn select(
        &self,
        index: &NameIndex,
        trigrams: &[u64],
        kinds: KindSet,
        total: u32,
    ) -> Candidates {
        let is_of_kind = |entry: &&Entry| kinds.has_name(entry.kind);
        let limit = MIN_CANDIDATES + index.len() / NAMES_PER_CANDIDATE;
        let minimum = total.div_ceil(MIN_SHARE);
        // Most names share few trigrams. Sorting those that share many is enough.
        let lowest = self.lowest_of(limit, minimum, |number| {
            kinds.has_all_names() || index.entry(number).as_ref().is_some_and(is_of_kind)
        });
        let entries = self
            .names
            .iter()
            .filter(|number| self.of(**number) >= lowest);
        let entries = entries.filter_map(|number| {
            let entry = index.entry(*number).filter(is_of_kind)?;
            Some((*number, entry))
        });
        let mut entries: Vec<(u32, &Entry)> = entries.collect();
        let by_length = |number: u32, entry: &Entry| {
            let difference = usize::from(entry.trigram_count).abs_diff(trigrams.len());
            (!self.of(number), difference, entry.kind, entry.id)
        };
        let rest = cut(&mut entries, limit, |(number, entry)| {
            by_length(*number, entry)
        });
        let mut known = rest;
        let rest = cut(&mut known, KNOWN_CANDIDATES, |(number, entry)| {
            (!self.of(*number), !entry.review_count, entry.kind, entry.id)
        });
        let known_count = if rest.is_empty() { 0 } else { known.len() };
        entries.extend(known);
        Candidates {
            numbers: entries.into_iter().map(|(number, _)| number).collect(),
            known: known_count,
        }
    }

    /// Returns the lowest weight of the `limit` names with the highest weights, if that is above the minimum.
    fn lowest_of(&self, limit: usize, minimum: u32, is_wanted: impl Fn(u32) -> bool) -> u16 {
        let highest = self.names.iter().map(|number| self.of(*number)).max();
        let mut counts = vec![0_usize; usize::from(highest.unwrap_or_default()) + 1];
        for number in &self.names {
            let weight = self.of(*number);
            if u32::from(weight) >= minimum
                && is_wanted(*number)
                && let Some(count) = counts.get_mut(usize::from(weight))
            {
                *count += 1;
            }
        }
        let mut above = 0;
        for (weight, count) in counts.iter().enumerate().rev() {
            above += count;
            if above >= limit {
                return weight.try_into().unwrap_or(u16::MAX);
            }
        }
        minimum.max(1).try_into().unwrap_or(u16::MAX)
    }

    fn clear(&mut self) {
        for number in self.names.drain(..) {
            if let Some(weight) = self.by_name.get_mut(number as usize) {
                *weight = 0;
            }
        }
    }
}

/// Keeps the first `limit` items by a key, and returns the others.
fn cut<T, K: Ord>(items: &mut Vec<T>, limit: usize, key: impl Fn(&T) -> K) -> Vec<T> {
    if items.len() <= limit {
        return Vec::new();
    }
    items.select_nth_unstable_by_key(limit, key);
    items.split_off(limit)
}

/// Returns the weight of a trigram that some of all names have: the rarer it is, the more it says.
fn weight(names: usize, all: usize) -> u16 {
    let ratio = all / names.max(1);
    let weight = 2 + ratio.checked_ilog2().unwrap_or_default();
    weight.try_into().unwrap_or(u16::MAX)
}
