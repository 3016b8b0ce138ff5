//! What a cache tells of itself.

use prometheus_client::{
    metrics::{counter::Counter, gauge::Gauge},
    registry::Registry,
};

/// How often a cache had what was asked for, and how much it holds. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct CacheMetrics {
    hits: Counter,
    misses: Counter,
    bytes: Gauge,
}

impl CacheMetrics {
    /// It had what was asked for.
    pub fn hit(&self) {
        self.hits.inc();
    }

    /// It didn't have it.
    pub fn miss(&self) {
        self.misses.inc();
    }

    /// How many bytes it holds now.
    pub fn holds(&self, bytes: u64) {
        self.bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// Has the cache of documents told.
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "marquee_document_cache_hits",
            "Documents that were known, and neither parsed nor validated again",
            self.hits.clone(),
        );
        registry.register(
            "marquee_document_cache_misses",
            "Documents that were not known",
            self.misses.clone(),
        );
        registry.register(
            "marquee_document_cache_bytes",
            "What the known documents weigh",
            self.bytes.clone(),
        );
    }
}
