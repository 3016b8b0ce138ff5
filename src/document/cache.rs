//! The cache of valid documents.

use std::{num::NonZeroUsize, sync::Arc};

use parking_lot::Mutex;
use quick_cache::{Weighter, sync};

use super::Document;
use crate::metrics::CacheMetrics;

/// The estimated number of cached documents.
const ESTIMATED_ENTRIES: usize = 1_000;

/// The approximate number of bytes in memory for each byte of a document's text: names, positions, and their
/// containers.
const BYTES_PER_TEXT_BYTE: u64 = 24;

/// A cache of valid documents by their text, bounded by their size in bytes. A lookup hashes the text and then compares
/// it as a whole, so a hash collision can't return the document of another text.
#[derive(Debug)]
pub struct DocumentCache {
    documents: sync::Cache<Arc<str>, Arc<Document>, Weigher>,
    capacity: u64,
    metrics: CacheMetrics,
    /// The bytes that this cache has added to the metrics.
    reported_bytes: Mutex<u64>,
}

#[derive(Clone, Debug)]
struct Weigher;

impl Weighter<Arc<str>, Arc<Document>> for Weigher {
    fn weight(&self, text: &Arc<str>, _: &Arc<Document>) -> u64 {
        text.len() as u64 * BYTES_PER_TEXT_BYTE + 1_000
    }
}

impl DocumentCache {
    /// Creates a cache of at most `bytes` bytes, which reports to `metrics`.
    pub fn new(bytes: u64, metrics: CacheMetrics) -> Self {
        Self {
            documents: sync::Cache::with_weighter(ESTIMATED_ENTRIES, bytes, Weigher),
            capacity: bytes,
            metrics,
            reported_bytes: Mutex::default(),
        }
    }

    /// Creates an empty cache for one of `workers`, with its share of the capacity. It reports to the same metrics.
    pub fn for_worker(&self, workers: NonZeroUsize) -> Self {
        let share = self.capacity / workers.get() as u64;
        Self::new(share, self.metrics.clone())
    }

    /// Returns the cached document with that text.
    pub fn get(&self, text: &str) -> Option<Arc<Document>> {
        let document = self.documents.get(text);
        match document {
            Some(_) => self.metrics.record_hit(),
            None => self.metrics.record_miss(),
        }
        document
    }

    /// Caches a document.
    pub fn insert(&self, text: &str, document: &Arc<Document>) {
        self.documents.insert(text.into(), Arc::clone(document));
        self.report_bytes(self.documents.weight());
    }

    fn report_bytes(&self, bytes: u64) {
        let mut reported = self.reported_bytes.lock();
        self.metrics.change_bytes(*reported, bytes);
        *reported = bytes;
    }
}

impl Drop for DocumentCache {
    fn drop(&mut self) {
        self.report_bytes(0);
    }
}
