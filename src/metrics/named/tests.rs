use prometheus_client::{encoding::text, metrics::counter::Counter, registry::Registry};

use super::*;

fn encoded_lines(metrics: &LabeledMetrics<Counter>) -> Vec<String> {
    let mut registry = Registry::default();
    registry.register("n", "Names", metrics.clone());
    let mut text = String::new();
    text::encode(&mut text, &registry).unwrap();
    let lines = text.lines().filter(|line| line.starts_with("n_total{"));
    let mut lines: Vec<_> = lines.map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn new_names_beyond_the_maximum_count_as_other() {
    let metrics = LabeledMetrics::new("name", 2, Counter::default);
    for name in ["b", "a", "c", "d", "a"] {
        metrics.with(name, |n| {
            n.inc();
        });
    }
    assert_eq!(
        encoded_lines(&metrics),
        [
            r#"n_total{name="a"} 2"#,
            r#"n_total{name="b"} 1"#,
            r#"n_total{name="other"} 2"#
        ]
    );
}

#[test]
fn invalid_names_count_as_other_and_long_names_are_truncated() {
    let metrics = LabeledMetrics::new("name", 9, Counter::default);
    let long = "x".repeat(1_000);
    for name in ["", "9a", "a b", "ä", "\"} 1", "other", &long] {
        metrics.with(name, |n| {
            n.inc();
        });
    }
    let truncated = format!(r#"n_total{{name="{}"}} 1"#, "x".repeat(MAX_LABEL_LENGTH));
    assert_eq!(
        encoded_lines(&metrics),
        [r#"n_total{name="other"} 6"#, &truncated]
    );
}
