//! The cache of automatic persisted queries: documents that clients have sent once and then refer to by hash.

use std::{fmt, sync::Arc};

use quick_cache::{Weighter, sync::Cache};

use super::hash::DocumentHash;

/// The approximate bytes of an entry besides its text: the hash, the pointer to the text, and the bookkeeping of the
/// cache.
const ENTRY_OVERHEAD_BYTES: u64 = 128;

/// The estimated average size of a document in bytes, for the initial size of the cache.
const AVERAGE_DOCUMENT_BYTES: u64 = 1_024;

/// A cache of documents by hash, bounded by their size in bytes. It evicts rarely used documents first.
pub struct ApqCache {
    cache: Cache<DocumentHash, Arc<str>, WeighByBytes>,
}

#[derive(Clone, Copy)]
struct WeighByBytes;

impl Weighter<DocumentHash, Arc<str>> for WeighByBytes {
    fn weight(&self, _: &DocumentHash, text: &Arc<str>) -> u64 {
        ENTRY_OVERHEAD_BYTES + text.len() as u64
    }
}

impl ApqCache {
    /// Creates a cache of at most `bytes` bytes. With 0 nothing is cached.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        let estimated_entries =
            usize::try_from(bytes / AVERAGE_DOCUMENT_BYTES).unwrap_or(usize::MAX);
        Self {
            cache: Cache::with_weighter(estimated_entries, bytes, WeighByBytes),
        }
    }

    /// Returns the cached text with that hash.
    #[must_use]
    pub fn get(&self, hash: DocumentHash) -> Option<Arc<str>> {
        self.cache.get(&hash)
    }

    /// Returns whether a text with that hash is cached, without counting this as a use.
    #[must_use]
    pub fn contains(&self, hash: DocumentHash) -> bool {
        self.cache.contains_key(&hash)
    }

    /// Caches a text.
    pub fn insert(&self, hash: DocumentHash, text: String) {
        self.cache.insert(hash, text.into());
    }
}

impl fmt::Debug for ApqCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, bytes) = (self.cache.len(), self.cache.weight());
        write!(formatter, "{count} documents of {bytes} bytes")
    }
}

#[cfg(test)]
mod tests;
