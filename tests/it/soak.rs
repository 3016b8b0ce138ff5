//! A soak test: reads, writes, hostile documents, broken connections, and a PostgreSQL that is stopped and started. The
//! server must not crash, leak memory or lose acknowledged writes, and every error must have a code.
//!
//! `MARQUEE_TEST_SOAK` sets the duration in seconds; releases are tested for ten minutes. `MARQUEE_TEST_PROGRAM` names
//! another build.

mod clients;

use std::{
    env,
    sync::atomic::Ordering,
    thread::{self, sleep},
    time::{Duration, Instant},
};

use self::clients::Soak;
use crate::outage::outage_server::OutageServer;

/// The default duration in seconds.
const DEFAULT_SECONDS: u64 = 15;

/// The minimum time between two outages of PostgreSQL.
const OUTAGE_INTERVAL: Duration = Duration::from_secs(6);

/// The allowed growth of memory, in addition to a tenth: the reserve of an allocator in bytes.
const MEMORY_SLACK: u64 = 8 << 20;

/// The memory of the server over time.
#[derive(Default)]
struct MemorySamples(Vec<(Duration, u64)>);

impl MemorySamples {
    fn peak(&self, from: Duration, to: Duration) -> u64 {
        let samples = self.0.iter().filter(|(at, _)| (from..to).contains(at));
        samples.map(|(_, bytes)| *bytes).max().unwrap_or_default()
    }
}

/// Stops and starts PostgreSQL for the duration of the test. Returns the memory of the server meanwhile.
fn cause_outages(server: &mut OutageServer, duration: Duration) -> MemorySamples {
    let (start, mut last_outage) = (Instant::now(), Instant::now());
    let mut samples = MemorySamples::default();
    while start.elapsed() < duration {
        sleep(Duration::from_millis(250));
        let memory = server.server.memory_now().expect("the server is running");
        samples.0.push((start.elapsed(), memory));
        if last_outage.elapsed() > OUTAGE_INTERVAL {
            server.stop();
            sleep(Duration::from_millis(300));
            server.start();
            last_outage = Instant::now();
        }
    }
    samples
}

/// Asserts that all acknowledged reviews are stored.
fn assert_stored(acknowledged: &[String], server: &OutageServer) {
    let stored = server.directory.session().value(
        "SELECT coalesce(string_agg(byline, ',' ORDER BY byline), '') AS value FROM review WHERE byline LIKE 'soak %'",
    );
    let stored: Vec<_> = stored.split(',').collect();
    let lost: Vec<_> = acknowledged
        .iter()
        .filter(|byline| !stored.contains(&byline.as_str()))
        .collect();
    assert!(lost.is_empty(), "acknowledged but not stored: {lost:?}");
    // Each writer may have had one unacknowledged request at the end.
    assert!(
        stored.len() <= acknowledged.len() + 2,
        "{} of {}",
        stored.len(),
        acknowledged.len()
    );
}

#[test]
fn under_load_and_faults_the_server_does_not_crash_leak_or_lose_writes() {
    let seconds =
        env::var("MARQUEE_TEST_SOAK").map_or(DEFAULT_SECONDS, |text| text.parse().unwrap());
    let duration = Duration::from_secs(seconds);
    let mut server = OutageServer::new(&["--rate-limit=0", "--token-rate-limit=0"]);
    let soak = Soak::new(&server);
    let memory = thread::scope(|scope| {
        soak.spawn_clients(scope);
        let memory = cause_outages(&mut server, duration);
        soak.stop();
        memory
    });
    let log = server.server.log();
    let failures = soak.failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}\n{log}", failures.join("\n"));
    assert!(!log.contains("panicked"), "{log}");

    let acknowledged = soak.acknowledged.into_inner().unwrap();
    assert_stored(&acknowledged, &server);
    assert!(acknowledged.len() > 10, "too few reviews were written");

    let middle = memory.peak(duration / 3, duration * 2 / 3);
    let end = memory.peak(duration * 2 / 3, duration * 2);
    println!(
        "{seconds} s: {} responses, {} errors, {} reviews, {} MB in the middle, {} MB in the end",
        soak.responses.load(Ordering::Relaxed),
        soak.errors.load(Ordering::Relaxed),
        acknowledged.len(),
        middle >> 20,
        end >> 20
    );
    assert!(
        end <= middle + middle / 10 + MEMORY_SLACK,
        "memory grew from {middle} to {end} bytes"
    );
}
