//! A soak test: reads, writes, hostile documents, broken connections, and a PostgreSQL that is stopped and started. The
//! server must not crash, leak memory or lose acknowledged writes, and every error must have a code.
//!
//! `MARQUEE_TEST_SOAK` sets the duration in seconds; releases are tested for ten minutes. `MARQUEE_TEST_PROGRAM` names
//! another build.

use std::{
    env,
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, sleep},
    time::{Duration, Instant},
};

use reqwest::blocking::Client;
use serde_json::{Value, json};

use crate::outage::outage_server::OutageServer;

/// The default duration in seconds.
const DEFAULT_SECONDS: u64 = 15;

/// The minimum time between two outages of PostgreSQL.
const OUTAGE_INTERVAL: Duration = Duration::from_secs(6);

/// The allowed growth of memory, in addition to a tenth: the reserve of an allocator in bytes.
const MEMORY_SLACK: u64 = 8 << 20;

/// The state that the threads share.
struct Soak {
    url: String,
    address: SocketAddr,
    token: String,
    is_over: AtomicBool,
    responses: AtomicU64,
    errors: AtomicU64,
    acknowledged: Mutex<Vec<String>>,
    failures: Mutex<Vec<String>>,
}

impl Soak {
    fn is_running(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed)
    }

    fn record_failure(&self, what: String) {
        let mut wrong = self.failures.lock().unwrap();
        if wrong.len() < 20 {
            wrong.push(what);
        }
    }

    /// Sends a request. Records a failure unless the response is a result, or all of its errors have a code.
    fn send(&self, client: &Client, token: Option<&str>, body: &Value) -> Option<Value> {
        let mut request = client.post(&self.url).json(body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = match request.send() {
            Ok(response) => response,
            Err(error) => {
                self.record_failure(format!("no response: {error:?}"));
                return None;
            }
        };
        let status = response.status().as_u16();
        let Ok(result) = response.json::<Value>() else {
            self.record_failure(format!("{status} without JSON"));
            return None;
        };
        self.responses.fetch_add(1, Ordering::Relaxed);
        let errors = result["errors"].as_array().into_iter().flatten();
        for error in errors {
            self.errors.fetch_add(1, Ordering::Relaxed);
            let code = error["extensions"]["code"].as_str().unwrap_or_default();
            if code.is_empty() || code == "INTERNAL" {
                self.record_failure(format!("{status}: {error}"));
            }
        }
        if ![200, 400, 503].contains(&status) {
            self.record_failure(format!("{status}: {result}"));
        }
        Some(result)
    }

    fn read(&self) {
        let client = Client::new();
        let queries = [
            "{ films { nodes { title score { label } reviews(first: 3) { nodes { score byline } } } } }",
            "{ film(by: {slug: \"the-quiet-ferry\"}) { title scoreDistribution { positive { label } } reviews(last: 10) { totalCount nodes { excerpt } } } }",
            "{ critics { nodes { name score { mean } } } publications { totalCount } }",
            "{ reviews(first: 100) { nodes { film { title } critic { name } } pageInfo { endCursor } } }",
            "{ __schema { types { name fields { name type { name } } } } }",
        ];
        for query in queries.iter().cycle() {
            if !self.is_running() {
                return;
            }
            self.send(&client, None, &json!({"query": query}));
        }
    }

    fn write(&self, writer: usize) {
        let client = Client::new();
        let film = self.send(
            &client,
            None,
            &json!({"query": "{ film(by: {slug: \"the-quiet-ferry\"}) { id } }"}),
        );
        let film = film.unwrap()["data"]["film"]["id"].clone();
        for number in 0.. {
            let byline = format!("soak {writer} {number}");
            let input = json!({"film": film, "score": number % 101, "byline": byline, "idempotencyKey": byline});
            let query = "mutation($input: AddReviewInput!) { addReview(input: $input) { review { id } userErrors { code } } }";
            let body = json!({"query": query, "variables": {"input": input}});
            // Retried with the same key until the result is known.
            loop {
                if !self.is_running() {
                    return;
                }
                let response = self
                    .send(&client, Some(&self.token), &body)
                    .unwrap_or_default();
                if response["data"]["addReview"]["review"]["id"].is_string() {
                    self.acknowledged.lock().unwrap().push(byline);
                    break;
                }
                sleep(Duration::from_millis(20));
            }
        }
    }

    fn send_bombs(&self) {
        let client = Client::new();
        let bombs = bombs();
        for bomb in bombs.iter().cycle() {
            if !self.is_running() {
                return;
            }
            if let Some(response) = self.send(&client, None, &json!({"query": bomb}))
                && response.get("data").is_some()
            {
                self.record_failure(format!("accepted: {}", &bomb[..bomb.len().min(80)]));
            }
            sleep(Duration::from_millis(5));
        }
    }

    /// Opens connections and closes them within a request.
    fn cut_connections(&self) {
        let body = r#"{"query": "{ films { nodes { title reviews(first: 100) { nodes { excerpt } } } } }"}"#;
        let head = format!(
            "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let request = head + body;
        for part in (0..=request.len()).step_by(7).cycle() {
            if !self.is_running() {
                return;
            }
            let mut stream = TcpStream::connect(self.address).unwrap();
            stream
                .set_read_timeout(Some(Duration::from_millis(20)))
                .unwrap();
            // The server may close the connection first.
            let _ = stream.write_all(&request.as_bytes()[..part]);
            if part % 2 == 0 {
                let _ = stream.read(&mut [0; 100]);
            }
            let _ = stream.shutdown(Shutdown::Both);
            sleep(Duration::from_millis(5));
        }
    }
}

fn bombs() -> Vec<String> {
    let fragments: Vec<_> = (0..25)
        .map(|number| {
            format!(
                "fragment F{number} on Film {{ ...F{0} ...F{0} }}",
                number + 1
            )
        })
        .collect();
    let aliases: Vec<_> = (0..10_000)
        .map(|number| format!("a{number}: __typename"))
        .collect();
    vec![
        format!("{{ films {{ nodes {{ ...F0 }} }} }} {} fragment F25 on Film {{ id }}", fragments.join(" ")),
        format!("{{ {} }}", "films ".repeat(20_000)),
        format!("{{ {} }}", aliases.join(" ")),
        format!("{{ __typename {} }}", "@skip(if: false) ".repeat(5_000)),
        "{ a".repeat(100_000),
        "{ films(first: 100) { nodes { reviews(first: 100) { nodes { film { reviews(first: 100) { nodes { id } } } } } } } }".to_owned(),
        format!("{{ __schema {{ types {{ {} name {} }} }} }}", "fields { type { ".repeat(8), "} } ".repeat(8)),
        format!("{{ {} }}", (0..9_000).map(|number| format!("x{number}")).collect::<Vec<_>>().join(" ")),
    ]
}

#[test]
fn under_load_and_faults_the_server_does_not_crash_leak_or_lose_writes() {
    let seconds =
        env::var("MARQUEE_TEST_SOAK").map_or(DEFAULT_SECONDS, |text| text.parse().unwrap());
    let mut stage = OutageServer::new(&["--rate-limit=0", "--token-rate-limit=0"]);
    let soak = Soak {
        url: stage.url("/graphql"),
        address: stage.server.address(),
        token: stage.token.clone(),
        is_over: AtomicBool::new(false),
        responses: AtomicU64::default(),
        errors: AtomicU64::default(),
        acknowledged: Mutex::default(),
        failures: Mutex::default(),
    };
    let begun = Instant::now();
    let length = Duration::from_secs(seconds);
    let mut memory = Vec::new();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| soak.read());
        }
        for writer in 0..2 {
            let soak = &soak;
            scope.spawn(move || soak.write(writer));
        }
        scope.spawn(|| soak.send_bombs());
        scope.spawn(|| soak.cut_connections());
        let mut outage = Instant::now();
        while begun.elapsed() < length {
            sleep(Duration::from_millis(250));
            memory.push((
                begun.elapsed(),
                stage.server.memory_now().expect("the server is running"),
            ));
            if outage.elapsed() > OUTAGE_INTERVAL {
                stage.stop();
                sleep(Duration::from_millis(300));
                stage.start();
                outage = Instant::now();
            }
        }
        soak.is_over.store(true, Ordering::Relaxed);
    });
    let wrong = soak.failures.into_inner().unwrap();
    assert!(
        wrong.is_empty(),
        "{}\n{}",
        wrong.join("\n"),
        stage.server.log()
    );
    assert!(
        !stage.server.log().contains("panicked"),
        "{}",
        stage.server.log()
    );

    let acknowledged = soak.acknowledged.into_inner().unwrap();
    let stored = stage.directory.session().value(
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

    let most = |from: Duration, to: Duration| {
        let within = memory.iter().filter(|(at, _)| (from..to).contains(at));
        within.map(|(_, bytes)| *bytes).max().unwrap_or_default()
    };
    let (middle, end) = (
        most(length / 3, length * 2 / 3),
        most(length * 2 / 3, length * 2),
    );
    println!(
        "{seconds} s: {} responses, {} errors, {} reviews, {} MB in the middle, {} MB in the end",
        soak.responses.load(Ordering::Relaxed),
        soak.errors.load(Ordering::Relaxed),
        acknowledged.len(),
        middle >> 20,
        end >> 20
    );
    assert!(acknowledged.len() > 10, "too few reviews were written");
    assert!(
        end <= middle + middle / 10 + MEMORY_SLACK,
        "memory grew from {middle} to {end} bytes"
    );
}
