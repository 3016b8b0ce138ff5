//! Histograms without a lock, and with separate memory for each worker. Those of `prometheus_client` lock, and all
//! workers would contend for them on each request.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use prometheus_client::{
    encoding::{EncodeMetric, MetricEncoder, NoLabelSet},
    metrics::{MetricType, TypedMetric},
};

/// The number of stripes of a histogram. More workers than that share stripes.
const STRIPES: usize = 8;

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
    stripes: [Stripe; STRIPES],
}

/// The observations of a thread, or of a few. The alignment keeps the sums of two stripes in different cache lines.
#[derive(Debug)]
#[repr(align(128))]
struct Stripe {
    sum: AtomicU64,
    /// The counts of the buckets, one more than there are bounds.
    buckets: Box<[AlignedCounts]>,
}

/// The counts of some buckets: a cache line, or two that processors fetch together.
#[derive(Debug, Default)]
#[repr(align(128))]
struct AlignedCounts([AtomicU64; COUNTS_PER_LINE]);

/// The number of counts that [`AlignedCounts`] has room for.
const COUNTS_PER_LINE: usize = 128 / size_of::<AtomicU64>();

impl Stripe {
    fn new(buckets: usize) -> Self {
        let lines = (0..buckets.div_ceil(COUNTS_PER_LINE)).map(|_| AlignedCounts::default());
        Self {
            sum: AtomicU64::new(0),
            buckets: lines.collect(),
        }
    }

    fn bucket(&self, index: usize) -> Option<&AtomicU64> {
        let line = self.buckets.get(index / COUNTS_PER_LINE)?;
        line.0.get(index % COUNTS_PER_LINE)
    }

    fn count(&self, index: usize) -> u64 {
        self.bucket(index)
            .map_or(0, |count| count.load(Ordering::Relaxed))
    }
}

/// Returns the index of this thread's stripe.
fn stripe_index() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static INDEX: usize = NEXT.fetch_add(1, Ordering::Relaxed) % STRIPES;
    }
    INDEX.with(|index| *index)
}

impl Histogram {
    /// Creates an empty histogram. `bounds` must be in ascending order.
    #[must_use]
    pub fn new(unit: Unit, bounds: &'static [u64]) -> Self {
        let stripes = std::array::from_fn(|_| Stripe::new(bounds.len() + 1));
        Self(Arc::new(Inner {
            unit,
            bounds,
            stripes,
        }))
    }

    /// Observes a value in the unit of the bounds.
    pub fn observe(&self, value: u64) {
        let inner = &self.0;
        let index = inner.bounds.partition_point(|bound| *bound < value);
        let Some(stripe) = inner.stripes.get(stripe_index()) else {
            return;
        };
        if let Some(bucket) = stripe.bucket(index) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        stripe.sum.fetch_add(value, Ordering::Relaxed);
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
        let stripes = || inner.stripes.iter();
        let counts = (0..=inner.bounds.len())
            .map(|index| stripes().map(|stripe| stripe.count(index)).sum::<u64>());
        let buckets: Vec<(f64, u64)> = bounds.chain([f64::INFINITY]).zip(counts).collect();
        let count = buckets.iter().map(|(_, count)| count).sum();
        let sum = stripes().map(|stripe| stripe.sum.load(Ordering::Relaxed));
        let sum = inner.unit.to_exported(sum.fold(0, u64::wrapping_add));
        encoder.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

#[cfg(test)]
mod tests;
