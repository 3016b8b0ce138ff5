//! A server with a PostgreSQL that the test stops and starts.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use marquee::database::cluster::{Cluster, ClusterUse};
use reqwest::blocking::Client;
use serde_json::{Value, json};

use crate::support::program::{DataDir, Program, marquee, run};

/// A server with a PostgreSQL that the test stops and starts.
pub struct OutageServer {
    pub directory: DataDir,
    cluster: Option<Cluster>,
    pub server: Program,
    pub client: Client,
    pub token: String,
}

impl OutageServer {
    /// Starts a server with one film and these settings.
    pub fn new(settings: &[&str]) -> Self {
        let directory = DataDir::migrated();
        let cluster = Cluster::acquire(directory.path(), ClusterUse::Command).unwrap();
        run(directory.command(&["migrate", "up"])).output();
        run(directory.command(&[
            "import",
            "page",
            "tests/it/fixtures/page.txt",
            "--title",
            "The Quiet Ferry",
        ]))
        .output();
        let created = run(directory.command(&["token", "create", "--role", "editor"])).output();
        let url = directory.url();
        let mut arguments = vec![
            "serve",
            "--database-url",
            &url,
            "--listen",
            "127.0.0.1:0",
            "--workers=2",
            // Cached responses could still be served after an outage begins.
            "--answer-cache=0",
        ];
        arguments.extend(settings);
        Self {
            server: Program::ready(marquee(&arguments)),
            token: created.trim().to_owned(),
            cluster: Some(cluster),
            client: Client::new(),
            directory,
        }
    }

    pub fn stop(&mut self) {
        self.cluster.take().unwrap().release();
    }

    pub fn start(&mut self) {
        self.cluster = Some(Cluster::acquire(self.directory.path(), ClusterUse::Command).unwrap());
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address())
    }

    pub fn is_ready(&self) -> bool {
        self.client
            .get(self.url("/health/ready"))
            .send()
            .unwrap()
            .status()
            .is_success()
    }

    /// Sends a query and returns the status, the code of the first error, and the duration.
    pub fn send(&self, token: Option<&str>, query: &str) -> (u16, Value, Duration) {
        let start = Instant::now();
        let mut request = self
            .client
            .post(self.url("/graphql"))
            .json(&json!({"query": query}));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().unwrap();
        let status = response.status().as_u16();
        assert_eq!(
            response.headers().contains_key("retry-after"),
            status == 503
        );
        let body: Value = response.json().unwrap();
        assert!(status == 200 || body.get("data").is_none(), "{body}");
        (
            status,
            body["errors"][0]["extensions"]["code"].clone(),
            start.elapsed(),
        )
    }

    pub fn wait_until(&self, within: Duration, what: &str, is: impl Fn() -> bool) {
        let start = Instant::now();
        while !is() {
            assert!(
                start.elapsed() < within,
                "not {what} within {within:?}:\n{}",
                self.server.log()
            );
            sleep(Duration::from_millis(20));
        }
    }
}
