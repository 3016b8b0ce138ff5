//! Failovers under load.

use std::{
    collections::BTreeMap,
    env,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use nix::sys::signal::Signal;

use super::*;
use crate::support::test_rng::TestRng;

/// The default number of rounds; `MARQUEE_TEST_ROUNDS` sets another one.
const ROUNDS: usize = 4;

/// The number of concurrent writers.
const WRITERS: usize = 16;

/// The timeout of a key with all of its retries.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Adds reviews until `is_over`, each with a key that is retried until its result is known. Returns the keys.
fn write(
    url: &str,
    token: &str,
    writer: usize,
    is_over: &AtomicBool,
    written: &AtomicUsize,
) -> Vec<String> {
    let client = Client::builder().timeout(Duration::from_secs(10)).build();
    let client = client.unwrap();
    let mut keys = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let key = format!("{writer}-{}", keys.len());
        let request = add_review(&key);
        let began = Instant::now();
        loop {
            let sent = client.post(url).bearer_auth(token).json(&request).send();
            let body: Option<Value> = sent.ok().and_then(|response| response.json().ok());
            let body = body.unwrap_or_default();
            if body["data"]["addReview"]["review"]["excerpt"] == key.as_str() {
                break;
            }
            let code = body["errors"][0]["extensions"]["code"].as_str();
            let expected = [
                None,
                Some("UNAVAILABLE"),
                Some("OUTCOME_UNKNOWN"),
                Some("RESULT_UNAVAILABLE"),
                Some("DEADLINE_EXCEEDED"),
            ];
            assert!(expected.contains(&code), "{body}");
            assert!(began.elapsed() < TIMEOUT, "{key}: {body}");
            sleep(Duration::from_millis(10));
        }
        keys.push(key);
        written.fetch_add(1, Ordering::Relaxed);
    }
    keys
}

/// Kills the primary at a random moment, and swaps the servers. Sometimes the standby doesn't respond for a while before,
/// so that commits wait for it when the primary is killed.
fn fail_over(primary: &mut Postgres, standby: &mut Postgres, address: &Address, rng: &mut TestRng) {
    sleep(Duration::from_millis(rng.below(150) as u64));
    if rng.one_in(3) {
        standby.signal(Signal::SIGSTOP);
        sleep(Duration::from_millis(rng.below(100) as u64));
        primary.crash();
        standby.signal(Signal::SIGCONT);
    } else {
        primary.crash();
    }
    standby.promote();
    address.lead_to(standby);
    std::mem::swap(primary, standby);
    standby.stand_by(primary);
}

/// Each round, the primary is killed at a random moment under 16 writers, and the standby becomes the primary. Every
/// acknowledged review is there, once.
#[test]
fn no_acknowledged_review_is_lost_or_doubled_by_a_failover() {
    let rounds = env::var("MARQUEE_TEST_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let seed = u64::from(std::process::id());
    println!("MARQUEE_TEST_ROUNDS={rounds}, seed {seed}");
    let mut rng = TestRng::new(seed, 0);
    let fixture = Fixture::new(&[SYNCHRONOUS]);
    let Fixture {
        mut primary,
        mut standby,
        address,
        server,
        token,
        ..
    } = fixture;
    let url = format!("http://{}/graphql", server.address());
    let (is_over, written) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (url, token) = (url.clone(), token.clone());
            let (is_over, written) = (Arc::clone(&is_over), Arc::clone(&written));
            thread::spawn(move || write(&url, &token, writer, &is_over, &written))
        })
        .collect();
    for round in 0..rounds {
        let before = written.load(Ordering::Relaxed);
        let began = Instant::now();
        while written.load(Ordering::Relaxed) < before + 20 {
            assert!(began.elapsed() < TIMEOUT, "round {round}: {}", server.log());
            sleep(Duration::from_millis(5));
        }
        fail_over(&mut primary, &mut standby, &address, &mut rng);
    }
    is_over.store(true, Ordering::Relaxed);
    let mut keys: Vec<String> = writers
        .into_iter()
        .flat_map(|writer| writer.join().unwrap())
        .collect();
    keys.sort_unstable();
    let counts = primary.session().value(
        "SELECT coalesce(json_object_agg(excerpt, number), '{}')::text AS value
         FROM (SELECT excerpt, count(*) AS number FROM review GROUP BY excerpt) AS counts",
    );
    let counts: BTreeMap<String, u32> = serde_json::from_str(&counts).unwrap();
    let expected: BTreeMap<String, u32> = keys.into_iter().map(|key| (key, 1)).collect();
    println!(
        "{} acknowledged reviews in {rounds} failovers",
        expected.len()
    );
    assert_eq!(counts, expected);
    drop(standby);
}
