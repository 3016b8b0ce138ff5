//! Documents that are known to be good.

use std::sync::Arc;

use quick_cache::{Weighter, sync};

use super::Document;
use crate::observe::CacheMetrics;

/// About how many documents of usual size it is made for.
const USUAL: usize = 1_000;

/// How many bytes a document takes in memory for each of its text, about: names, places, and their containers.
const GROWTH: u64 = 24;

/// Known documents by their text, bounded by what they weigh in bytes. A document is found by a hash and compared as a whole, so nobody
/// can find one of another text.
#[derive(Debug)]
pub struct Cache {
    documents: sync::Cache<Arc<str>, Arc<Document>, Weigher>,
    metrics: CacheMetrics,
}

#[derive(Clone, Debug)]
struct Weigher;

impl Weighter<Arc<str>, Arc<Document>> for Weigher {
    fn weight(&self, text: &Arc<str>, _: &Arc<Document>) -> u64 {
        text.len() as u64 * GROWTH + 1_000
    }
}

impl Cache {
    /// Of at most so many bytes; `metrics` tells of it.
    pub fn new(bytes: u64, metrics: CacheMetrics) -> Self {
        Self {
            documents: sync::Cache::with_weighter(USUAL, bytes, Weigher),
            metrics,
        }
    }

    /// The document of that text, if it is known.
    pub fn find(&self, text: &str) -> Option<Arc<Document>> {
        let found = self.documents.get(text);
        match found {
            Some(_) => self.metrics.hit(),
            None => self.metrics.miss(),
        }
        found
    }

    /// Knows a document from now on.
    pub fn add(&self, text: &str, document: &Arc<Document>) {
        self.documents.insert(text.into(), Arc::clone(document));
        self.metrics.holds(self.documents.weight());
    }
}
