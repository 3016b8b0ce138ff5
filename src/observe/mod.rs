//! What the server counts of itself, in the format of Prometheus.
//!
//! Whatever is counted is counted by atomics: nobody waits to tell that something has happened. Names that clients choose are bounded in
//! number and length; nothing that a client sends stands here otherwise.

pub mod cache;
pub mod histogram;
pub mod named;

pub use self::{
    cache::CacheMetrics,
    histogram::{Histogram, Unit},
    named::Named,
};

/// The target of every span that is exported, as in `tracing::info_span!(target: TRACES, "document.parse")`. Without a collector no such
/// span is made: its call site is disabled when it is reached first.
pub const TRACES: &str = "marquee::trace";
