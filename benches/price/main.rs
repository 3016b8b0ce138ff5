//! The price of operations: how much time a unit of cost buys.
//!
//!     cargo bench --bench price [-- --operations=1000]     # the spread over random operations
//!     cargo bench --bench price -- --search=600            # a search for the worst ones, for 600 seconds
//!     cargo bench --bench price -- --reviews=5000000       # another size of the catalogue
//!
//! It sends random operations of the whole schema to a server with a catalogue of a million reviews, one at a time,
//! without cached rows and responses, and prints the distribution of the microseconds per unit. The 99th percentile
//! should be within ten times the median, and no operation beyond thirty times. It passes no judgement.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark aborts when a precondition fails"
)]

#[path = "../big_catalogue/mod.rs"]
mod big_catalogue;
#[path = "../program/mod.rs"]
mod program;
mod sample;
mod search;
mod server;
mod writer;

use std::{env, time::Duration};

use big_catalogue::{BigCatalogue, REVIEWS};
use server::Server;

/// The default number of operations.
const OPERATIONS: usize = 1_000;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let option = |name: &str| {
        let mut arguments = arguments.iter();
        let value = arguments.find_map(|argument| argument.strip_prefix(name)?.strip_prefix('='));
        value.map(|value| value.parse().unwrap())
    };
    let reviews = option("--reviews").and_then(|count| u32::try_from(count).ok());
    let catalogue = BigCatalogue::open_or_generate(reviews.unwrap_or(REVIEWS));
    let server = Server::of(&catalogue);
    if let Some(seconds) = option("--search") {
        return search::search(&server, Duration::from_secs(seconds));
    }
    let operations = option("--operations").and_then(|count| usize::try_from(count).ok());
    sample::spread(search::random(&server, operations.unwrap_or(OPERATIONS)));
}
