use prometheus_client::{encoding::text, registry::Registry};

use super::*;

fn encode(histogram: &Histogram) -> String {
    let mut registry = Registry::default();
    registry.register("h", "A histogram", histogram.clone());
    let mut text = String::new();
    text::encode(&mut text, &registry).unwrap();
    text
}

#[test]
fn a_value_counts_in_the_first_bucket_whose_upper_bound_is_not_below_it() {
    let histogram = Histogram::new(Unit::Count, &[1, 10]);
    for value in [0, 1, 2, 10, 11, u64::from(u32::MAX)] {
        histogram.observe(value);
    }
    let text = encode(&histogram);
    for line in [
        r#"h_bucket{le="1.0"} 2"#,
        r#"h_bucket{le="10.0"} 4"#,
        r#"h_bucket{le="+Inf"} 6"#,
        "h_count 6",
        "h_sum 4294967319.0",
    ] {
        assert!(text.lines().any(|actual| actual == line), "{line}\n{text}");
    }
}

#[test]
fn durations_are_exported_in_seconds() {
    let histogram = Histogram::new(Unit::Microseconds, &[500, 1_000_000]);
    histogram.observe_duration(Duration::from_millis(250));
    let text = encode(&histogram);
    assert!(text.contains("h_sum 0.25\n"), "{text}");
    assert!(text.contains(r#"h_bucket{le="0.0005"} 0"#), "{text}");
    assert!(text.contains(r#"h_bucket{le="1.0"} 1"#), "{text}");
}
