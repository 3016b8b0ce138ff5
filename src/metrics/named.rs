//! Metrics with a label that clients choose. The number and the length of label values are bounded.

use std::{borrow::Cow, collections::HashMap, fmt, sync::Arc};

use parking_lot::RwLock;
use prometheus_client::{
    encoding::{EncodeMetric, MetricEncoder},
    metrics::{MetricType, TypedMetric},
};

/// The label value of all names beyond the maximum number, and of invalid names.
pub const OTHER: &str = "other";

/// The maximum length of a label value; longer names are truncated.
const MAX_LABEL_LENGTH: usize = 64;

/// A metric for each value of a label. Clones share their metrics.
#[derive(Clone, Debug)]
pub struct LabeledMetrics<M>(Arc<Inner<M>>);

#[derive(Debug)]
struct Inner<M> {
    label: &'static str,
    max_labels: usize,
    new_metric: fn() -> M,
    metrics: RwLock<HashMap<Box<str>, M>>,
    other: M,
}

impl<M> LabeledMetrics<M> {
    /// Creates an empty set of metrics for at most `max_labels` label values, not counting [`OTHER`].
    #[must_use]
    pub fn new(label: &'static str, most: usize, make: fn() -> M) -> Self {
        Self(Arc::new(Inner {
            label,
            max_labels: most,
            new_metric: make,
            metrics: RwLock::default(),
            other: make(),
        }))
    }

    /// Calls `act` with the metric of a name. Only a new name takes the write lock.
    pub fn with(&self, name: &str, act: impl FnOnce(&M)) {
        let Some(name) = label_value(name).filter(|name| *name != OTHER) else {
            return act(&self.0.other);
        };
        let known = self.0.metrics.read();
        if let Some(metric) = known.get(name) {
            return act(metric);
        }
        let full = known.len() >= self.0.max_labels;
        drop(known);
        if full {
            return act(&self.0.other);
        }
        let mut known = self.0.metrics.write();
        // Another thread may have inserted a name since the check above.
        if known.len() < self.0.max_labels || known.contains_key(name) {
            act(known.entry(name.into()).or_insert_with(self.0.new_metric));
        } else {
            act(&self.0.other);
        }
    }
}

/// Returns a name as a label value, truncated to the maximum length; `None` if it is not a valid GraphQL name.
#[must_use]
pub fn label_value(name: &str) -> Option<&str> {
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
    // The name is ASCII, so every index is a character boundary.
    is_name.then(|| name.get(..MAX_LABEL_LENGTH).unwrap_or(name))
}

impl<M: TypedMetric> TypedMetric for LabeledMetrics<M> {
    const TYPE: MetricType = M::TYPE;
}

impl<M> EncodeMetric for LabeledMetrics<M>
where
    M: EncodeMetric + TypedMetric,
{
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let inner = &self.0;
        let known = inner.metrics.read();
        let known = known.iter().map(|(name, metric)| (&**name, metric));
        for (name, metric) in known.chain([(OTHER, &inner.other)]) {
            let labels = [(Cow::Borrowed(inner.label), Cow::Borrowed(name))];
            metric.encode(encoder.encode_family(&labels)?)?;
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

#[cfg(test)]
mod tests;
