//! How many pages a second the server answers, beside what PostgreSQL itself and HTTP itself can do on the same machine.
//!
//!     make bench                                      # or: cargo bench --bench throughput -- [REVIEWS] [--runs=3] [--only=cold|hot|writes]
//!     cargo bench --bench throughput -- --growth      # the chart of how cost grows with the catalogue
//!     cargo bench --bench throughput -- --expensive=600 [--without=ReviewFilter]   # a search of ten minutes for the most expensive requests
//!
//! In one run: a catalogue is made up (and kept for the next run, below `target/bench`), a release server is started over it, and operations
//! are asked for by wrk, each with its answers held against SQL first. Beside each stands the same as one prepared statement, by pgbench.
//!
//! - *cold*: no answer is kept. The pages that a site is made of, operations of other shapes, and one client alone.
//! - *hot*: answers are kept, and nothing changes.
//! - *mixed*: answers are kept, and of a hundred requests for film pages five add a review to one of these films.
//! - *writes*: nothing but reviews that are added, to all films or to one; beside the same inserts by pgbench.
//!
//! What it prints are figures, not verdicts: of several runs the medians. The same stand in `target/bench/throughput.json`.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark ends at once when what it rests on isn't there"
)]

mod catalogue;
mod constant;
mod cpu;
mod expensive;
mod growth;
mod load;
mod measure;
mod operations;
#[path = "../program/mod.rs"]
mod program;
mod table;

use std::env;

use catalogue::Catalogue;
use table::Row;

/// A film has twenty reviews in the mean, a critic two hundred.
const REVIEWS: u32 = 1_000_000;

/// How often everything is measured.
const RUNS: usize = 3;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Some(size) = constant::asked_for(&arguments) {
        return constant::serve(size);
    }
    if arguments.iter().any(|argument| argument == "--growth") {
        return growth::measure();
    }
    let reviews = arguments.iter().find_map(|argument| argument.parse().ok());
    let runs = arguments
        .iter()
        .find_map(|argument| argument.strip_prefix("--runs=")?.parse().ok());
    let catalogue = Catalogue::made(reviews.unwrap_or(REVIEWS));
    let only = arguments
        .iter()
        .find_map(|argument| argument.strip_prefix("--only="));
    let option = |name: &str| {
        let mut arguments = arguments.iter();
        arguments.find_map(|argument| argument.strip_prefix(name)?.strip_prefix('='))
    };
    if let Some(seconds) = option("--expensive").and_then(|seconds| seconds.parse().ok()) {
        return expensive::search(&catalogue, seconds, option("--without"));
    }
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
