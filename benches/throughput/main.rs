//! How many pages a second the server answers, beside what PostgreSQL itself and HTTP itself can do on the same machine.
//!
//!     make bench                        # or: cargo bench --bench throughput [REVIEWS]
//!
//! In one run: a catalogue is made up (and kept for the next run, below `target/bench`), a release server is started over it, and three
//! operations are asked for by wrk, each with its answers held against SQL first. Beside each stands the same page as one prepared
//! statement, by pgbench; at the end a server that answers a body of the same size without thinking. What it prints are figures, not
//! verdicts; the same stand in `target/bench/throughput.json`.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark ends at once when what it rests on isn't there"
)]

mod catalogue;
mod constant;
mod cpu;
mod load;
mod operations;
#[path = "../program/mod.rs"]
mod program;
mod table;

use std::env;

use catalogue::Catalogue;
use operations::OPERATIONS;
use table::Row;

/// A film has twenty reviews in the mean, a critic two hundred.
const REVIEWS: u32 = 1_000_000;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Some(size) = constant::asked_for(&arguments) {
        return constant::serve(size);
    }
    let reviews = arguments.iter().find_map(|argument| argument.parse().ok());
    let catalogue = Catalogue::made(reviews.unwrap_or(REVIEWS));
    let (server, url) = program::serve(&catalogue.data, &["--rate-limit=0"]);
    let mut rows = Vec::new();
    let mut body = 0;
    for operation in OPERATIONS {
        let slugs = catalogue.slugs(operation.of);
        body = body.max(catalogue.check(operation, &slugs, &url));
        let bodies = operation.requests(&slugs);
        load::wrk(&url, &bodies, load::WARM_UP);
        let asked = cpu::of(server.id(), || load::wrk(&url, &bodies, load::SECONDS));
        let statements = [8, 32].map(|clients| catalogue.pgbench(operation, clients));
        rows.push(Row {
            operation: operation.name,
            asked,
            statements,
        });
    }
    program::stop(server);
    let constant = constant::measure(body);
    table::print(&rows, &constant);
    table::write(&rows, &constant);
}
