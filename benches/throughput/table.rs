//! The table of results.

use std::{fs, path::Path};

use serde::Serialize;

use crate::{catalogue::StatementRate, cpu::Measured, load::Load};

/// The results of an operation.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    pub mode: &'static str,
    pub operation: &'static str,
    pub answers_per_second: f64,
    pub p50_milliseconds: f64,
    pub p99_milliseconds: f64,
    /// The CPU time for each response.
    pub server_microseconds: Option<f64>,
    pub postgresql_microseconds: Option<f64>,
    /// The throughput of the equivalent statement, with as many clients.
    pub statements_per_second: Option<f64>,
    /// The throughput of a constant body of the same size.
    pub constant: Option<f64>,
}

impl Row {
    /// Creates a row from a load, without comparisons.
    pub fn of(mode: &'static str, operation: &'static str, load: &Load) -> Self {
        Self {
            mode,
            operation,
            answers_per_second: load.rate,
            p50_milliseconds: load.p50,
            p99_milliseconds: load.p99,
            server_microseconds: None,
            postgresql_microseconds: None,
            statements_per_second: None,
            constant: None,
        }
    }

    /// Creates a row from a load and its CPU time.
    pub fn measured(mode: &'static str, operation: &'static str, measured: &Measured) -> Self {
        Self {
            server_microseconds: Some(measured.server),
            postgresql_microseconds: Some(measured.postgresql),
            ..Self::of(mode, operation, &measured.load)
        }
    }

    /// Adds the throughput of PostgreSQL itself.
    pub fn with_statement_rate(self, statements: StatementRate) -> Self {
        Self {
            statements_per_second: Some(statements.rate),
            ..self
        }
    }

    /// Returns the ratio to the throughput that the row is compared with.
    fn ratio(&self) -> Option<f64> {
        let baseline = self.statements_per_second.or(self.constant)?;
        Some(self.answers_per_second / baseline)
    }
}

/// Returns the medians of several runs, which have the same rows.
pub fn medians(runs: &[Vec<Row>]) -> Vec<Row> {
    let Some(first) = runs.first() else {
        return Vec::new();
    };
    let median_of = |index: usize, value: fn(&Row) -> Option<f64>| -> Option<f64> {
        let values = runs.iter().map(|run| value(&run[index]));
        let mut values: Vec<f64> = values.collect::<Option<_>>()?;
        values.sort_by(f64::total_cmp);
        Some(values[values.len() / 2])
    };
    first
        .iter()
        .enumerate()
        .map(|(index, row)| {
            let median = |value| median_of(index, value);
            let median_with_default =
                |value: fn(&Row) -> Option<f64>, default| median(value).unwrap_or(default);
            Row {
                answers_per_second: median_with_default(
                    |row| Some(row.answers_per_second),
                    row.answers_per_second,
                ),
                p50_milliseconds: median_with_default(
                    |row| Some(row.p50_milliseconds),
                    row.p50_milliseconds,
                ),
                p99_milliseconds: median_with_default(
                    |row| Some(row.p99_milliseconds),
                    row.p99_milliseconds,
                ),
                server_microseconds: median(|row| row.server_microseconds),
                postgresql_microseconds: median(|row| row.postgresql_microseconds),
                statements_per_second: median(|row| row.statements_per_second),
                constant: median(|row| row.constant),
                ..row.clone()
            }
        })
        .collect()
}

/// Prints the table.
pub fn print(rows: &[Row]) {
    println!(
        "| | | responses/s | p50 ms | p99 ms | server, PostgreSQL µs of CPU | one statement/s, or a constant body | ratio |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let number = |value: Option<f64>, digits: usize| {
        value.map_or(String::new(), |value| format!("{value:.digits$}"))
    };
    for row in rows {
        let costs = [row.server_microseconds, row.postgresql_microseconds];
        println!(
            "| {} | {} | {:.0} | {:.3} | {:.2} | {} | {} | {} |",
            row.mode,
            row.operation,
            row.answers_per_second,
            row.p50_milliseconds,
            row.p99_milliseconds,
            costs.map(|cost| number(cost, 0)).join(", "),
            number(row.statements_per_second.or(row.constant), 0),
            number(row.ratio(), 2),
        );
    }
}

/// Writes the rows as JSON.
pub fn write(rows: &[Row]) {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../bench/throughput.json");
    fs::write(&file, serde_json::to_string_pretty(rows).unwrap() + "\n").unwrap();
}
