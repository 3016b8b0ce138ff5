//! Metrics in the format of Prometheus.
//!
//! Counters are atomics, so updating a metric does not block. The only client input in metrics is names that clients
//! choose, which are bounded in number and length.

pub mod cache;
pub mod histogram;
pub mod named;
pub mod search;

pub use self::{
    cache::CacheMetrics,
    histogram::{Histogram, Unit},
    named::LabeledMetrics,
    search::NameIndexMetrics,
};

/// The target of all exported spans, as in `tracing::info_span!(target: TRACE_TARGET, "document.parse")`.
/// Without a collector, `tracing` disables their call sites and creates no spans.
pub const TRACE_TARGET: &str = "marquee::trace";
