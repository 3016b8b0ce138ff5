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
    pub fn new(label: &'static str, max_labels: usize, new_metric: fn() -> M) -> Self {
        Self(Arc::new(Inner {
            label,
            max_labels,
            new_metric,
            metrics: RwLock::default(),
            other: new_metric(),
        }))
    }

    /// Calls `update` with the metric of a name. Only a new name takes the write lock.
    pub fn with(&self, name: &str, update: impl FnOnce(&M)) {
        let Some(name) = label_value(name).filter(|name| *name != OTHER) else {
            return update(&self.0.other);
        };
        let metrics = self.0.metrics.read();
        if let Some(metric) = metrics.get(name) {
            return update(metric);
        }
        let is_full = metrics.len() >= self.0.max_labels;
        drop(metrics);
        if is_full {
            return update(&self.0.other);
        }
        let mut metrics = self.0.metrics.write();
        // Another thread may have inserted a name since the check above.
        if metrics.len() < self.0.max_labels || metrics.contains_key(name) {
            update(metrics.entry(name.into()).or_insert_with(self.0.new_metric));
        } else {
            update(&self.0.other);
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
        let metrics = inner.metrics.read();
        let metrics = metrics.iter().map(|(name, metric)| (&**name, metric));
        for (name, metric) in metrics.chain([(OTHER, &inner.other)]) {
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
