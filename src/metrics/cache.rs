//! Metrics of a cache.

use prometheus_client::{
    metrics::{counter::Counter, gauge::Gauge},
    registry::Registry,
};

/// The hits, misses and size of a cache. Clones share their values.
#[derive(Clone, Debug, Default)]
pub struct CacheMetrics {
    hits: Counter,
    misses: Counter,
    bytes: Gauge,
}

impl CacheMetrics {
    /// Counts a hit.
    pub fn record_hit(&self) {
        self.hits.inc();
    }

    /// Counts a miss.
    pub fn record_miss(&self) {
        self.misses.inc();
    }

    /// Sets the size of the cache, in bytes.
    pub fn set_bytes(&self, bytes: u64) {
        self.bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// Changes the size of one of the caches that share these metrics from `before` to `after` bytes.
    pub fn change_bytes(&self, before: u64, after: u64) {
        let bytes = |bytes| i64::try_from(bytes).unwrap_or(i64::MAX);
        self.bytes.inc_by(bytes(after) - bytes(before));
    }

    /// Registers the metrics of the cache `name`. `help` are the help texts of its hits, its misses and its size.
    pub fn register(&self, registry: &mut Registry, name: &str, help: [&str; 3]) {
        let [hits, misses, bytes] = help;
        let metric = |suffix: &str| format!("marquee_{name}_cache_{suffix}");
        registry.register(metric("hits"), hits, self.hits.clone());
        registry.register(metric("misses"), misses, self.misses.clone());
        registry.register(metric("bytes"), bytes, self.bytes.clone());
    }
}
