//! The clients of a soak test: readers, writers, and hostile ones.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{Scope, sleep},
    time::Duration,
};

use reqwest::blocking::Client;
use serde_json::{Value, json};

use crate::outage::outage_server::OutageServer;

/// The state that the threads share.
pub struct Soak {
    url: String,
    address: SocketAddr,
    token: String,
    is_over: AtomicBool,
    pub responses: AtomicU64,
    pub errors: AtomicU64,
    pub acknowledged: Mutex<Vec<String>>,
    pub failures: Mutex<Vec<String>>,
}

impl Soak {
    fn is_running(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed)
    }

    fn record_failure(&self, failure: String) {
        let mut failures = self.failures.lock().unwrap();
        if failures.len() < 20 {
            failures.push(failure);
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

impl Soak {
    pub fn new(server: &OutageServer) -> Self {
        Self {
            url: server.url("/graphql"),
            address: server.server.address(),
            token: server.token.clone(),
            is_over: AtomicBool::new(false),
            responses: AtomicU64::default(),
            errors: AtomicU64::default(),
            acknowledged: Mutex::default(),
            failures: Mutex::default(),
        }
    }

    pub fn spawn_clients<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) {
        for _ in 0..3 {
            scope.spawn(|| self.read());
        }
        for writer in 0..2 {
            scope.spawn(move || self.write(writer));
        }
        scope.spawn(|| self.send_bombs());
        scope.spawn(|| self.cut_connections());
    }

    pub fn stop(&self) {
        self.is_over.store(true, Ordering::Relaxed);
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
