//! Metrics of the index of names.

use prometheus_client::{metrics::gauge::Gauge, registry::Registry};

/// The size of the index of names. Clones share their values.
#[derive(Clone, Debug, Default)]
pub struct NameIndexMetrics {
    names: Gauge,
    bytes: Gauge,
}

impl NameIndexMetrics {
    /// Returns the number of names that was set last.
    #[must_use]
    pub fn names(&self) -> usize {
        usize::try_from(self.names.get()).unwrap_or_default()
    }

    /// Sets the number of names and the size in bytes.
    pub fn set(&self, names: usize, bytes: usize) {
        self.names.set(i64::try_from(names).unwrap_or(i64::MAX));
        self.bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// Registers the metrics.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "marquee_search_names",
            "Titles and names in the index of the search; 0 until it is read",
            self.names.clone(),
        );
        registry.register(
            "marquee_search_names_bytes",
            "Size of the index of titles and names",
            self.bytes.clone(),
        );
    }
}
