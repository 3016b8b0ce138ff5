//! A measured operation, and the spread of many.

use std::{collections::BTreeSet, time::Duration};

use serde_json::Value;

/// The number of operations that are printed.
const PRINTED: usize = 20;

/// An operation, with its price and its time.
#[derive(Clone, Debug)]
pub struct Sample {
    pub query: String,
    pub variables: Value,
    /// The fields with subfields, each with the names of its arguments.
    pub shape: BTreeSet<String>,
    /// The cost that is charged before the execution.
    pub units: u64,
    /// The median latency for a single client.
    pub latency: Duration,
}

impl Sample {
    /// Returns the microseconds per unit.
    pub fn ratio(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let units = self.units.max(1) as f64;
        self.latency.as_secs_f64() * 1e6 / units
    }
}

/// Prints the spread of the microseconds per unit, and the operations with the most.
pub fn spread(mut samples: Vec<Sample>) {
    samples.sort_by(|left, right| right.ratio().total_cmp(&left.ratio()));
    for sample in samples.iter().take(PRINTED) {
        let mut variables = sample.variables.to_string();
        if variables.len() > 300 {
            variables.truncate(variables.floor_char_boundary(300));
            variables.push('…');
        }
        println!(
            "{:8.1} us/unit {:8.2} ms {:6} units  {} {variables}",
            sample.ratio(),
            sample.latency.as_secs_f64() * 1e3,
            sample.units,
            sample.query,
        );
    }
    let at = |percent: usize| samples[(samples.len() - 1) * (100 - percent) / 100].ratio();
    let median = at(50);
    println!("microseconds per unit of {} operations:", samples.len());
    for percent in [0, 10, 50, 90, 99, 100] {
        let ratio = at(percent);
        println!(
            "{percent:4} % {ratio:8.2}  {:6.2} x the median",
            ratio / median
        );
    }
}
