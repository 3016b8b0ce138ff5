//! Histograms without a lock. Those of `prometheus_client` lock, and all workers would contend for them on each
//! request.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use prometheus_client::{
    encoding::{EncodeMetric, MetricEncoder, NoLabelSet},
    metrics::{MetricType, TypedMetric},
};

/// The unit of the integers that a histogram observes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A count, for example of statements.
    Count,
    /// Microseconds, which are exported as seconds.
    Microseconds,
}

impl Unit {
    #[expect(
        clippy::cast_precision_loss,
        reason = "above 2^53 a sum loses its last digits, which do not matter in a metric"
    )]
    fn to_exported(self, value: u64) -> f64 {
        match self {
            Self::Count => value as f64,
            Self::Microseconds => value as f64 / 1e6,
        }
    }
}

/// A histogram with fixed buckets. Clones share their values.
#[derive(Clone, Debug)]
pub struct Histogram(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    unit: Unit,
    /// The upper bounds of all buckets but the last, inclusive, in ascending order.
    bounds: &'static [u64],
    /// The counts of the buckets, one more than there are bounds.
    buckets: Box<[AtomicU64]>,
    sum: AtomicU64,
}

impl Histogram {
    /// Creates an empty histogram. `bounds` must be in ascending order.
    #[must_use]
    pub fn new(unit: Unit, bounds: &'static [u64]) -> Self {
        let buckets = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self(Arc::new(Inner {
            unit,
            bounds,
            buckets,
            sum: AtomicU64::new(0),
        }))
    }

    /// Observes a value in the unit of the bounds.
    pub fn observe(&self, value: u64) {
        let inner = &self.0;
        let index = inner.bounds.partition_point(|bound| *bound < value);
        if let Some(bucket) = inner.buckets.get(index) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        inner.sum.fetch_add(value, Ordering::Relaxed);
    }

    /// Observes a duration. The unit must be [`Unit::Microseconds`].
    pub fn observe_duration(&self, duration: Duration) {
        self.observe(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX));
    }
}

impl TypedMetric for Histogram {
    const TYPE: MetricType = MetricType::Histogram;
}

impl EncodeMetric for Histogram {
    /// Computes the total count from the buckets as read here, so that a scrape is always consistent.
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let inner = &self.0;
        let bounds = inner
            .bounds
            .iter()
            .map(|bound| inner.unit.to_exported(*bound));
        let counts = inner.buckets.iter().map(|n| n.load(Ordering::Relaxed));
        let buckets: Vec<(f64, u64)> = bounds.chain([f64::INFINITY]).zip(counts).collect();
        let count = buckets.iter().map(|(_, count)| count).sum();
        let sum = inner.unit.to_exported(inner.sum.load(Ordering::Relaxed));
        encoder.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

#[cfg(test)]
mod tests;
