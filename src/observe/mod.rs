//! What the server counts of itself, in the format of Prometheus.
//!
//! Whatever is counted is counted by atomics: nobody waits to tell that something has happened. Names that clients choose are bounded in
//! number and length; nothing that a client sends stands here otherwise.

pub mod cache;
pub mod histogram;
pub mod metrics;
pub mod named;
pub mod outcome;
pub mod process;

pub use self::{
    cache::CacheMetrics,
    histogram::{Histogram, Unit},
    metrics::{Finished, Held, Metrics, Transport},
    named::Named,
    outcome::Outcome,
};
