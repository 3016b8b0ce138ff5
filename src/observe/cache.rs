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

    /// Has it told, by the name of the cache, and by what its hits, its misses and its bytes are.
    pub fn register(&self, registry: &mut Registry, name: &str, help: [&str; 3]) {
        let [hits, misses, bytes] = help;
        let metric = |what: &str| format!("marquee_{name}_cache_{what}");
        registry.register(metric("hits"), hits, self.hits.clone());
        registry.register(metric("misses"), misses, self.misses.clone());
        registry.register(metric("bytes"), bytes, self.bytes.clone());
    }
}
