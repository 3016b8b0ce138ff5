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

#[test]
fn the_observations_of_all_threads_are_exported() {
    // More buckets than one line of counts has, and more threads than stripes.
    const BOUNDS: [u64; 40] = {
        let mut bounds = [0; 40];
        let mut index = 0;
        while index < 40 {
            bounds[index] = 10 * (index as u64 + 1);
            index += 1;
        }
        bounds
    };
    let histogram = Histogram::new(Unit::Count, &BOUNDS);
    std::thread::scope(|scope| {
        for _ in 0..=2 * STRIPES {
            scope.spawn(|| (1..=410).for_each(|value| histogram.observe(value)));
        }
    });
    let text = encode(&histogram);
    let threads = 2 * STRIPES + 1;
    for (bound, cumulated) in [("10.0", 10), ("200.0", 200), ("400.0", 400), ("+Inf", 410)] {
        let line = format!("h_bucket{{le=\"{bound}\"}} {}", threads * cumulated);
        assert!(text.lines().any(|actual| actual == line), "{line}\n{text}");
    }
    let sum = threads * (1..=410).sum::<usize>();
    assert!(text.contains(&format!("h_sum {sum}.0\n")), "{text}");
}
