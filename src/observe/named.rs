//! Metrics by a name that somebody else chooses: only so many names, none longer than so.

use std::{borrow::Cow, collections::HashMap, fmt, sync::Arc};

use parking_lot::RwLock;
use prometheus_client::{
    encoding::{EncodeMetric, MetricEncoder},
    metrics::{MetricType, TypedMetric},
};

/// The name under which all others go once there are as many as there may be, and all that are no names.
pub const OTHER: &str = "other";

/// How many characters of a name are kept.
const LONGEST: usize = 64;

/// A metric for each name. Clones are the same.
#[derive(Clone, Debug)]
pub struct Named<M>(Arc<Inner<M>>);

#[derive(Debug)]
struct Inner<M> {
    label: &'static str,
    most: usize,
    make: fn() -> M,
    known: RwLock<HashMap<Box<str>, M>>,
    other: M,
}

impl<M> Named<M> {
    /// None yet, and never more than `most` beside [`OTHER`].
    #[must_use]
    pub fn new(label: &'static str, most: usize, make: fn() -> M) -> Self {
        Self(Arc::new(Inner {
            label,
            most,
            make,
            known: RwLock::default(),
            other: make(),
        }))
    }

    /// Does something with the metric of a name. Only a name that is new makes anybody wait.
    pub fn with(&self, name: &str, act: impl FnOnce(&M)) {
        let Some(name) = label(name).filter(|name| *name != OTHER) else {
            return act(&self.0.other);
        };
        let known = self.0.known.read();
        if let Some(metric) = known.get(name) {
            return act(metric);
        }
        let full = known.len() >= self.0.most;
        drop(known);
        if full {
            return act(&self.0.other);
        }
        let mut known = self.0.known.write();
        // Another worker may have taken the last place in between.
        if known.len() < self.0.most || known.contains_key(name) {
            act(known.entry(name.into()).or_insert_with(self.0.make));
        } else {
            act(&self.0.other);
        }
    }
}

/// A name as it may stand in a label: shortened. `None` for what is no name as GraphQL has them.
#[must_use]
pub fn label(name: &str) -> Option<&str> {
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
    // All of it is ASCII, so it can be cut anywhere.
    is_name.then(|| name.get(..LONGEST).unwrap_or(name))
}

impl<M: TypedMetric> TypedMetric for Named<M> {
    const TYPE: MetricType = M::TYPE;
}

impl<M> EncodeMetric for Named<M>
where
    M: EncodeMetric + TypedMetric,
{
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let inner = &self.0;
        let known = inner.known.read();
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
mod tests {
    use prometheus_client::{encoding::text, metrics::counter::Counter, registry::Registry};

    use super::*;

    fn told(named: &Named<Counter>) -> Vec<String> {
        let mut registry = Registry::default();
        registry.register("n", "Names", named.clone());
        let mut told = String::new();
        text::encode(&mut told, &registry).unwrap();
        let lines = told.lines().filter(|line| line.starts_with("n_total{"));
        let mut lines: Vec<_> = lines.map(str::to_owned).collect();
        lines.sort();
        lines
    }

    #[test]
    fn names_beyond_the_bound_count_as_other_and_known_ones_go_on() {
        let named = Named::new("name", 2, Counter::default);
        for name in ["b", "a", "c", "d", "a"] {
            named.with(name, |n| {
                n.inc();
            });
        }
        assert_eq!(
            told(&named),
            [
                r#"n_total{name="a"} 2"#,
                r#"n_total{name="b"} 1"#,
                r#"n_total{name="other"} 2"#
            ]
        );
    }

    #[test]
    fn what_is_no_name_is_other_and_what_is_long_is_cut() {
        let named = Named::new("name", 9, Counter::default);
        let long = "x".repeat(1_000);
        for name in ["", "9a", "a b", "ä", "\"} 1", "other", &long] {
            named.with(name, |n| {
                n.inc();
            });
        }
        let cut = format!(r#"n_total{{name="{}"}} 1"#, "x".repeat(LONGEST));
        assert_eq!(told(&named), [r#"n_total{name="other"} 6"#, &cut]);
    }
}
