//! What is shown in the end.

use std::{fs, path::Path};

use serde_json::json;

use crate::{cpu::Measured, load::Load};

/// An operation's figures.
pub struct Row {
    pub operation: &'static str,
    pub asked: Measured,
    /// The same as one statement, with 8 and with 32 clients, a second.
    pub statements: [f64; 2],
}

/// Prints the table.
pub fn print(rows: &[Row], constant: &Load) {
    println!(
        "| 32 connections | answers/s | p50 ms | p99 ms | server, PostgreSQL µs of CPU | one statement/s, 8 and 32 clients | to the faster of these | to a constant body |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for row in rows {
        let Measured {
            load,
            server,
            postgresql,
        } = &row.asked;
        let [few, many] = row.statements;
        println!(
            "| {} | {:.0} | {:.2} | {:.2} | {server:.0}, {postgresql:.0} | {few:.0}, {many:.0} | {:.2} | {:.3} |",
            row.operation,
            load.rate,
            load.p50,
            load.p99,
            load.rate / few.max(many),
            load.rate / constant.rate
        );
    }
    println!(
        "| a constant body | {:.0} | {:.2} | {:.2} | | | | 1 |",
        constant.rate, constant.p50, constant.p99
    );
}

/// Writes the same as JSON.
pub fn write(rows: &[Row], constant: &Load) {
    let operations: Vec<_> = rows
        .iter()
        .map(|row| {
            let Measured {
                load,
                server,
                postgresql,
            } = &row.asked;
            json!({
                "operation": row.operation,
                "answersPerSecond": load.rate,
                "p50Milliseconds": load.p50,
                "p99Milliseconds": load.p99,
                "serverMicroseconds": server,
                "postgresqlMicroseconds": postgresql,
                "statementsPerSecond": { "8": row.statements[0], "32": row.statements[1] },
            })
        })
        .collect();
    let all = json!({ "operations": operations, "constantBodyPerSecond": constant.rate });
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../bench/throughput.json");
    fs::write(&file, format!("{all:#}\n")).unwrap();
}
