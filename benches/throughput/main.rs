//! The throughput of the server, compared with PostgreSQL alone and HTTP alone on the same machine.
//!
//! make bench                                      # or: cargo bench --bench throughput -- [REVIEWS] [--runs=3]
//! [--only=cold|hot|writes] cargo bench --bench throughput -- --growth      # a chart of latency by the size of the
//! catalogue
//!
//! A run generates a catalogue (in `target/bench`, where the next run finds it), starts a release server with it, and
//! sends operations with wrk. The responses of each operation are compared with SQL first. The result of each operation
//! is printed next to that of an equivalent prepared statement, measured by pgbench.
//!
//! - *cold*: without the response cache. The pages of a site, operations of other shapes, and a single client.
//! - *hot*: with the response cache, and no changes.
//! - *mixed*: with the response cache; five percent of the requests add a review, the others fetch film pages.
//! - *writes*: mutations that add reviews, to all films or to one, next to the same inserts by pgbench.
//!
//! It prints the medians of several runs, and passes no judgement. `target/bench/throughput.json` has the same data.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark aborts when a precondition fails"
)]

#[path = "../big_catalogue/mod.rs"]
mod big_catalogue;
mod catalogue;
mod constant;
mod cpu;
mod growth;
mod load;
mod measure;
mod operations;
#[path = "../program/mod.rs"]
mod program;
mod table;

use std::env;

use big_catalogue::{BigCatalogue, REVIEWS};
use catalogue::Catalogue;
use table::Row;

/// The default number of runs.
const RUNS: usize = 3;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Some(size) = constant::requested_size(&arguments) {
        return constant::serve(size);
    }
    if arguments.iter().any(|argument| argument == "--growth") {
        return growth::measure();
    }
    let reviews = arguments.iter().find_map(|argument| argument.parse().ok());
    let runs = arguments
        .iter()
        .find_map(|argument| argument.strip_prefix("--runs=")?.parse().ok());
    let catalogue = Catalogue(BigCatalogue::open_or_generate(reviews.unwrap_or(REVIEWS)));
    let only = arguments
        .iter()
        .find_map(|argument| argument.strip_prefix("--only="));
    let measured: Vec<Vec<Row>> = (1..=runs.unwrap_or(RUNS))
        .map(|run| {
            println!("run {run}");
            measure::all(&catalogue, only)
        })
        .collect();
    let rows = table::medians(&measured);
    table::print(&rows);
    table::write(&rows);
}
