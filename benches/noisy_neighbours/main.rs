//! The latency of a quiet client next to callers that send expensive operations.
//!
//!     cargo bench --bench noisy_neighbours [-- --seconds=60]
//!
//! A quiet client fetches film pages, about 20 a second, from a server with a catalogue of a million reviews and with the
//! default rate limits, without the response cache: first alone, then next to 1, 8 and 50 callers. Each caller sends the
//! most expensive operations that the limits allow, as fast as it can. Callers are addresses behind a proxy, or tokens, or
//! addresses of which every fourth request adds a review. It prints the latencies and the statuses, and passes no
//! judgement. The callers run at a low priority, because in practice they are other machines.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark aborts when a precondition fails"
)]

#[path = "../big_catalogue/mod.rs"]
mod big_catalogue;
mod callers;
mod operations;
#[path = "../program/mod.rs"]
mod program;

use std::{
    collections::BTreeMap,
    env,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use big_catalogue::{BigCatalogue, REVIEWS};
use callers::Kind;
use serde_json::json;

/// The default duration of a measurement in seconds.
const SECONDS: u64 = 20;

/// The mean time between two requests of the quiet client.
const PAUSE: Duration = Duration::from_millis(50);

/// The numbers of callers.
const CALLERS: [usize; 3] = [1, 8, 50];

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let option = |name: &str| {
        let mut arguments = arguments.iter();
        arguments.find_map(|argument| argument.strip_prefix(name)?.strip_prefix('='))
    };
    let seconds = option("--seconds").map_or(SECONDS, |seconds| seconds.parse().unwrap());
    if let Some(url) = option("--callers-of") {
        return callers::run(url, seconds + 1);
    }
    let catalogue = BigCatalogue::open_or_generate(REVIEWS);
    let slugs = catalogue.slugs("film");
    let tokens: Vec<String> = (0..50).map(|_| catalogue.token("editor")).collect();
    let settings = ["--answer-cache=0", "--trusted-proxy=127.0.0.1"];
    let (server, url) = program::serve(&catalogue.data, &settings);
    println!(
        "| callers | p50 ms | p99 ms | p99 relative to alone | statuses of the quiet client | of the callers |"
    );
    println!("|---|---|---|---|---|---|");
    measure(&url, &slugs, Duration::from_secs(5));
    let alone = measure(&url, &slugs, Duration::from_secs(seconds));
    alone.print("0", &alone, "");
    for kind in Kind::ALL {
        for count in CALLERS {
            let callers = start_callers(&url, kind, &tokens[..count], seconds);
            thread::sleep(Duration::from_millis(700));
            let latencies = measure(&url, &slugs, Duration::from_secs(seconds));
            let output = callers.wait_with_output().unwrap();
            let statuses = String::from_utf8(output.stdout).unwrap();
            latencies.print(&format!("{count} {}", kind.name()), &alone, statuses.trim());
        }
    }
    program::stop(server);
    catalogue.query(async |connection| {
        let delete = "DELETE FROM review WHERE byline = 'Bench'";
        sea_orm::sqlx::raw_sql(delete).execute(connection).await
    });
}

/// Starts callers in a process of their own.
fn start_callers(url: &str, kind: Kind, tokens: &[String], seconds: u64) -> Child {
    Command::new("nice")
        .args(["-n", "10"])
        .arg(env::current_exe().unwrap())
        .arg(format!("--callers-of={url}"))
        .arg(format!("--seconds={seconds}"))
        .env("CALLERS", kind.name())
        .env("TOKENS", tokens.join(" "))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The latencies of the quiet client, shortest first, and the numbers of its responses by status.
struct Latencies {
    sorted: Vec<Duration>,
    statuses: BTreeMap<u16, usize>,
}

impl Latencies {
    fn milliseconds(&self, percent: usize) -> f64 {
        self.sorted[(self.sorted.len() - 1) * percent / 100].as_secs_f64() * 1e3
    }

    fn print(&self, callers: &str, alone: &Self, statuses: &str) {
        println!(
            "| {callers} | {:.2} | {:.2} | {:.1} | {:?} | {statuses} |",
            self.milliseconds(50),
            self.milliseconds(99),
            self.milliseconds(99) / alone.milliseconds(99),
            self.statuses,
        );
    }
}

/// Measures the quiet client for this time.
fn measure(url: &str, slugs: &[String], time: Duration) -> Latencies {
    let client = reqwest::blocking::Client::new();
    let deadline = Instant::now() + time;
    let (mut sorted, mut statuses) = (Vec::new(), BTreeMap::new());
    for (index, slug) in slugs.iter().cycle().enumerate() {
        if Instant::now() >= deadline {
            break;
        }
        // Not at a fixed interval, which could beat with the callers.
        thread::sleep(
            PAUSE.mul_f64(0.5 + f64::from(u8::try_from(index * 97 % 256).unwrap()) / 255.0),
        );
        let body = json!({"query": operations::FILM_PAGE, "variables": {"slug": slug}});
        let start = Instant::now();
        let request = client.post(url).header("x-forwarded-for", "10.9.9.1");
        let response = request.json(&body).send().unwrap();
        let status = response.status().as_u16();
        response.bytes().unwrap();
        sorted.push(start.elapsed());
        *statuses.entry(status).or_default() += 1;
    }
    sorted.sort_unstable();
    Latencies { sorted, statuses }
}
