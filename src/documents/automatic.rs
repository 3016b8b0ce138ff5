//! Documents that clients have brought once, to be named from then on.

use std::{fmt, sync::Arc};

use quick_cache::{Weighter, sync::Cache};

use super::hash::Hash;

/// What each takes beside its text: the hash, the text's head, and the cache's own account of it.
const OVERHEAD: u64 = 128;

/// How long a document is on average, by which the cache is laid out at first.
const USUAL: u64 = 1_024;

/// Bounded by what the documents weigh; those that are asked for least go first.
pub struct Automatic {
    cache: Cache<Hash, Arc<str>, Bytes>,
}

#[derive(Clone, Copy)]
struct Bytes;

impl Weighter<Hash, Arc<str>> for Bytes {
    fn weight(&self, _: &Hash, text: &Arc<str>) -> u64 {
        OVERHEAD + text.len() as u64
    }
}

impl Automatic {
    /// With room for so many bytes; with none nothing is kept.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        let many = usize::try_from(bytes / USUAL).unwrap_or(usize::MAX);
        Self {
            cache: Cache::with_weighter(many, bytes, Bytes),
        }
    }

    /// The text of that hash, if it is kept.
    #[must_use]
    pub fn find(&self, hash: Hash) -> Option<Arc<str>> {
        self.cache.get(&hash)
    }

    /// Whether it is kept, without that counting as having been asked for.
    #[must_use]
    pub fn knows(&self, hash: Hash) -> bool {
        self.cache.contains_key(&hash)
    }

    /// Keeps a text.
    pub fn add(&self, hash: Hash, text: String) {
        self.cache.insert(hash, text.into());
    }
}

impl fmt::Debug for Automatic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, bytes) = (self.cache.len(), self.cache.weight());
        write!(formatter, "{count} documents of {bytes} bytes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded_in_bytes() {
        let automatic = Automatic::new(100_000);
        for number in 0..5_000 {
            let text = format!("{{ a{number} }} # {}", "x".repeat(number % 700));
            automatic.add(Hash::of(&text), text);
            assert!(automatic.cache.weight() <= 100_000);
        }
        assert!(automatic.cache.len() > 50);
        let large = "x".repeat(200_000);
        let hash = Hash::of(&large);
        automatic.add(hash, large);
        assert_eq!(automatic.find(hash), None);
    }

    #[test]
    fn without_room_nothing_is_kept() {
        let automatic = Automatic::new(0);
        let hash = Hash::of("{ a }");
        automatic.add(hash, "{ a }".to_owned());
        assert_eq!(automatic.find(hash), None);
    }
}
