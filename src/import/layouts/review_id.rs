//! The ids of reviews whose tables have none.

use std::{collections::HashMap, fmt::Write as _, hash::BuildHasher as _, mem};

use foldhash::fast::FixedState;
use sha2::{Digest as _, Sha256};

use crate::import::store::{DERIVED_ID_PREFIX_LENGTH, MAX_DERIVED_ID_LENGTH};

/// The number of hexadecimal digits of a digest.
const DIGEST_LENGTH: usize = 24;

/// The id of a review.
pub(super) struct ReviewId {
    /// The id at the source of the review.
    pub text: String,
    /// The hash of the parts that identify the review.
    hash: u64,
    /// The number of the reviews so far that these parts identify.
    number: u32,
}

/// The ids of the reviews of tables: hashes of the parts that identify them, because the ids of a million reviews would take
/// up more memory than the rest of an import.
#[derive(Clone, Default)]
pub(super) struct Occurrences {
    seen: HashSet64,
    /// The number of reviews with the same parts, where there are several.
    repeated: HashMap<u64, u32>,
}

impl Occurrences {
    /// Returns the id of the next review that these parts identify. The second review with the same parts has another
    /// id than the first.
    pub fn next<'p>(&mut self, parts: impl Iterator<Item = &'p str>) -> ReviewId {
        let parts: Vec<String> = parts.map(one_line).collect();
        let id = shortened(&parts.join("/"));
        let hash = FixedState::default().hash_one(&id);
        let number = if self.seen.insert(hash) {
            1
        } else {
            let number = self.repeated.entry(hash).or_insert(1);
            *number += 1;
            *number
        };
        let text = match number {
            1 => id,
            number => format!("{id}/{number}"),
        };
        ReviewId { text, hash, number }
    }

    /// Returns whether these tables have the review with this id.
    pub fn has(&self, id: &ReviewId) -> bool {
        self.count(id.hash) >= id.number
    }

    /// Adds the ids of another table.
    pub fn extend(&mut self, mut other: Self) {
        if self.seen.len() < other.seen.len() {
            mem::swap(self, &mut other);
        }
        for hash in other.seen.iter() {
            self.seen.insert(hash);
        }
        for (hash, number) in other.repeated {
            let known = self.repeated.entry(hash).or_insert(1);
            *known = number.max(*known);
        }
    }

    fn count(&self, hash: u64) -> u32 {
        match self.repeated.get(&hash) {
            Some(number) => *number,
            None => u32::from(self.seen.contains(hash)),
        }
    }
}

/// The number of the highest bits of a hash that choose its bucket.
const BUCKET_BITS: u32 = 16;

/// A set of hashes in a little more memory than they have themselves. A table of the standard library has up to four times
/// as much while it grows.
#[derive(Clone, Default)]
struct HashSet64 {
    buckets: Vec<Vec<u64>>,
    length: usize,
}

impl HashSet64 {
    fn len(&self) -> usize {
        self.length
    }

    fn index(hash: u64) -> usize {
        usize::try_from(hash >> (u64::BITS - BUCKET_BITS)).unwrap_or_default()
    }

    /// Adds a hash. Returns whether it is new.
    fn insert(&mut self, hash: u64) -> bool {
        if self.buckets.is_empty() {
            self.buckets.resize_with(1 << BUCKET_BITS, Vec::new);
        }
        let Some(bucket) = self.buckets.get_mut(Self::index(hash)) else {
            return false;
        };
        let is_new = !bucket.contains(&hash);
        if is_new {
            // Doubling would leave a third of the memory unused.
            if bucket.len() == bucket.capacity() {
                bucket.reserve_exact(bucket.len() / 4 + 4);
            }
            bucket.push(hash);
            self.length += 1;
        }
        is_new
    }

    fn contains(&self, hash: u64) -> bool {
        let bucket = self.buckets.get(Self::index(hash));
        bucket.is_some_and(|bucket| bucket.contains(&hash))
    }

    fn iter(&self) -> impl Iterator<Item = u64> {
        self.buckets.iter().flatten().copied()
    }
}

/// Returns a text with its blanks and control characters as single spaces.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn shortened(id: &str) -> String {
    if id.chars().count() <= MAX_DERIVED_ID_LENGTH {
        return id.to_owned();
    }
    let prefix: String = id.chars().take(DERIVED_ID_PREFIX_LENGTH).collect();
    format!("{prefix}~{}", digest(id))
}

/// Returns the first hexadecimal digits of the digest of a text.
pub(super) fn digest(text: &str) -> String {
    let bytes = Sha256::digest(text.as_bytes());
    let mut digest = String::new();
    for byte in bytes.iter().take(DIGEST_LENGTH / 2) {
        // Writing to a string can't fail.
        let _ = write!(digest, "{byte:02x}");
    }
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_parts_have_numbers_and_long_ids_have_digests() {
        let mut ids = Occurrences::default();
        let mut id = |text: &str| ids.next([text, "2021"].into_iter()).text;
        assert_eq!(id("The  Amber\nTide"), "The Amber Tide/2021");
        assert_eq!(id("The Amber Tide"), "The Amber Tide/2021/2");
        let (long, other) = ("a".repeat(300), format!("{}b", "a".repeat(300)));
        assert_eq!(
            id(&long).chars().count(),
            DERIVED_ID_PREFIX_LENGTH + 1 + DIGEST_LENGTH
        );
        assert_ne!(id(&long), id(&other));
    }

    #[test]
    fn a_set_has_the_hashes_that_were_added_once() {
        let mut set = HashSet64::default();
        assert!(!set.contains(1));
        let hashes: Vec<u64> = (0..3_000_u64)
            .map(|number| FixedState::default().hash_one(number))
            .chain([0, 1, u64::MAX])
            .collect();
        for hash in &hashes {
            assert!(set.insert(*hash) && !set.insert(*hash));
        }
        assert_eq!(set.len(), hashes.len());
        assert!(hashes.iter().all(|hash| set.contains(*hash)));
        assert_eq!(set.iter().count(), hashes.len());
        assert!(!set.contains(2));
    }

    #[test]
    fn a_later_table_has_the_reviews_of_the_earlier_ones() {
        let table = |count: usize| {
            let mut ids = Occurrences::default();
            let all: Vec<ReviewId> = (0..count)
                .map(|_| ids.next(["The Amber Tide"].into_iter()))
                .collect();
            (ids, all)
        };
        for (one, other) in [(2, 1), (1, 2)] {
            let mut earlier = Occurrences::default();
            let (ids, _) = table(one);
            earlier.extend(ids);
            let (ids, _) = table(other);
            earlier.extend(ids);
            let (_, later) = table(3);
            let known: Vec<bool> = later.iter().map(|id| earlier.has(id)).collect();
            assert_eq!(known, [true, true, false]);
        }
    }
}
