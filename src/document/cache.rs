//! Documents that are known to be good.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use quick_cache::{Weighter, sync};

use super::Document;

/// About how many documents of usual size it is made for.
const USUAL: usize = 1_000;

/// How many bytes a document takes in memory for each of its text, about: names, places, and their containers.
const GROWTH: u64 = 24;

/// Known documents by their text, bounded by what they weigh in bytes. A document is found by a hash and compared as a whole, so nobody
/// can find one of another text.
#[derive(Debug)]
pub struct Cache {
    documents: sync::Cache<Arc<str>, Arc<Document>, Weigher>,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// How a cache was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// How often a document was known.
    pub hits: u64,
    /// How often it wasn't.
    pub misses: u64,
    /// How many bytes the known documents take, about.
    pub bytes: u64,
}

#[derive(Clone, Debug)]
struct Weigher;

impl Weighter<Arc<str>, Arc<Document>> for Weigher {
    fn weight(&self, text: &Arc<str>, _: &Arc<Document>) -> u64 {
        text.len() as u64 * GROWTH + 1_000
    }
}

impl Cache {
    /// Of at most so many bytes.
    pub fn new(bytes: u64) -> Self {
        Self {
            documents: sync::Cache::with_weighter(USUAL, bytes, Weigher),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    /// The document of that text, if it is known.
    pub fn find(&self, text: &str) -> Option<Arc<Document>> {
        let found = self.documents.get(text);
        let count = if found.is_some() {
            &self.hits
        } else {
            &self.misses
        };
        count.fetch_add(1, Ordering::Relaxed);
        found
    }

    /// Knows a document from now on.
    pub fn add(&self, text: &str, document: &Arc<Document>) {
        self.documents.insert(text.into(), Arc::clone(document));
    }

    /// How it was used.
    pub fn used(&self) -> Use {
        Use {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            bytes: self.documents.weight(),
        }
    }
}
