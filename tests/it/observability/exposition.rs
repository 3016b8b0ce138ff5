//! A strict parser of the `OpenMetrics` text format.

use std::collections::{BTreeMap, BTreeSet};

/// The metrics of a server.
#[derive(Debug, Default)]
pub struct Exposition {
    pub families: BTreeMap<String, Family>,
}

/// All samples of one metric.
#[derive(Debug, Default)]
pub struct Family {
    pub kind: String,
    pub help: String,
    pub samples: Vec<Sample>,
}

/// A line with a value.
#[derive(Debug)]
pub struct Sample {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub value: f64,
}

impl Exposition {
    /// Parses an exposition. Panics at the first error.
    pub fn read(text: &str) -> Self {
        let body = text.strip_suffix("# EOF\n").expect("it ends with # EOF");
        let mut exposition = Self::default();
        let mut current = String::new();
        let mut seen = BTreeSet::new();
        for line in body.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, help) = help.split_once(' ').unwrap();
                assert!(is_name(name), "{line}");
                assert!(help.ends_with('.') && !help.ends_with(".."), "{line}");
                name.clone_into(&mut current);
                let family = Family {
                    help: help.trim_end_matches('.').to_owned(),
                    ..Family::default()
                };
                let before = exposition.families.insert(current.clone(), family);
                assert!(before.is_none(), "{name} occurs twice");
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').unwrap();
                assert_eq!(name, current, "{line}");
                let family = exposition.families.get_mut(name).unwrap();
                assert!(
                    family.kind.is_empty() && family.samples.is_empty(),
                    "{line}"
                );
                kind.clone_into(&mut family.kind);
            } else {
                let sample = Sample::read(line);
                assert!(
                    seen.insert((sample.name.clone(), sample.labels.clone())),
                    "twice: {line}"
                );
                let family = exposition.families.get_mut(&current).unwrap();
                family.check(&current, &sample);
                family.samples.push(sample);
            }
        }
        for (name, family) in &exposition.families {
            assert!(
                !family.kind.is_empty() && !family.samples.is_empty(),
                "{name}"
            );
            if family.kind == "histogram" {
                family.check_histogram();
            }
        }
        exposition
    }

    /// Returns the value of a sample by name and labels; 0 if there is none.
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let is_it = |sample: &&Sample| {
            let fits =
                |(key, value): &(&str, &str)| sample.labels.get(*key).is_some_and(|of| of == value);
            sample.name == name && labels.iter().all(fits)
        };
        let samples = self.families.values().flat_map(|family| &family.samples);
        samples.filter(is_it).map(|sample| sample.value).sum()
    }

    /// Returns the distinct values of a label.
    pub fn labels(&self, family: &str, label: &str) -> BTreeSet<String> {
        let samples = &self.families[family].samples;
        let of = samples.iter().filter_map(|sample| sample.labels.get(label));
        of.cloned().collect()
    }
}

impl Family {
    fn check(&self, name: &str, sample: &Sample) {
        let suffix = sample.name.strip_prefix(name).unwrap();
        let may: &[&str] = match self.kind.as_str() {
            "counter" => &["_total"],
            "gauge" => &[""],
            "info" => &["_info"],
            "histogram" => &["_bucket", "_count", "_sum"],
            other => panic!("{name} is a {other}"),
        };
        assert!(may.contains(&suffix), "{sample:?}");
        assert_eq!(
            suffix == "_bucket",
            sample.labels.contains_key("le"),
            "{sample:?}"
        );
        assert!(
            sample.value >= 0.0 && sample.value.is_finite(),
            "{sample:?}"
        );
        assert!(
            self.kind != "info" || (sample.value - 1.0).abs() < f64::EPSILON,
            "{sample:?}"
        );
    }

    /// Asserts that buckets ascend and that the last one counts every observation.
    fn check_histogram(&self) {
        let mut series: BTreeMap<BTreeMap<String, String>, Vec<(f64, f64)>> = BTreeMap::new();
        for sample in self
            .samples
            .iter()
            .filter(|sample| sample.name.ends_with("_bucket"))
        {
            let mut labels = sample.labels.clone();
            let bound = labels.remove("le").unwrap();
            let bound = if bound == "+Inf" {
                f64::INFINITY
            } else {
                bound.parse().unwrap()
            };
            series
                .entry(labels)
                .or_default()
                .push((bound, sample.value));
        }
        for (labels, buckets) in series {
            assert!(
                buckets
                    .windows(2)
                    .all(|two| two[0].0 < two[1].0 && two[0].1 <= two[1].1),
                "{buckets:?}"
            );
            let (last, all) = buckets[buckets.len() - 1];
            assert!(last.is_infinite(), "{buckets:?}");
            let is_count =
                |sample: &&Sample| sample.name.ends_with("_count") && sample.labels == labels;
            let count = self.samples.iter().find(is_count).unwrap().value;
            assert!((all - count).abs() < f64::EPSILON, "{labels:?}");
            let is_sum =
                |sample: &&Sample| sample.name.ends_with("_sum") && sample.labels == labels;
            assert_eq!(self.samples.iter().filter(is_sum).count(), 1, "{labels:?}");
        }
    }
}

impl Sample {
    fn read(line: &str) -> Self {
        let (series, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = match series.split_once('{') {
            Some((name, labels)) => (name, labels.strip_suffix('}').unwrap()),
            None => (series, ""),
        };
        assert!(is_name(name), "{line}");
        let mut read = BTreeMap::new();
        // This parser assumes that no label value contains a comma or a quote.
        for label in labels.split(',').filter(|label| !label.is_empty()) {
            let (key, value) = label.split_once('=').unwrap();
            let value = value
                .strip_prefix('"')
                .and_then(|value| value.strip_suffix('"'))
                .unwrap();
            assert!(is_name(key) && !value.contains(['"', '\\', '\n']), "{line}");
            assert!(
                read.insert(key.to_owned(), value.to_owned()).is_none(),
                "{line}"
            );
        }
        Self {
            name: name.to_owned(),
            labels: read,
            value: value.parse().unwrap_or_else(|_| panic!("{line}")),
        }
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_')
}
