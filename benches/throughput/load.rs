//! Generates load with wrk.

use std::{fs, process::Command};

use serde::Deserialize;

/// The duration of a measurement in seconds.
pub const SECONDS: u32 = 5;

/// The duration of the warm-up in seconds, which isn't counted.
pub const WARM_UP: u32 = 2;

/// The default number of concurrent connections.
pub const CONNECTIONS: u32 = 32;

/// The results of wrk.
#[derive(Clone, Debug, Deserialize)]
pub struct Load {
    /// The number of completed requests.
    pub requests: f64,
    /// The number of responses a second.
    pub rate: f64,
    /// The median latency in milliseconds.
    pub p50: f64,
    /// The 99th percentile of the latency in milliseconds.
    pub p99: f64,
    /// The number of failed requests and of responses with another status than 2xx.
    pub errors: f64,
    /// The number of sent mutations. The status of a response doesn't show whether a mutation succeeded.
    pub mutations: u64,
}

/// The requests of a load.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    /// The bodies of queries. Each request uses a random one.
    pub queries: Vec<String>,
    /// The bodies of mutations.
    pub mutations: Vec<String>,
    /// The percentage of requests that are mutations.
    pub writes: u32,
    /// The token of mutations.
    pub token: String,
}

impl Requests {
    /// Creates requests that are queries only.
    pub fn of(queries: Vec<String>) -> Self {
        Self {
            queries,
            ..Self::default()
        }
    }
}

/// Sends random requests for the given time.
pub fn wrk(url: &str, requests: &Requests, connections: u32, seconds: u32) -> Load {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let file = directory.path().join(name);
        fs::write(&file, text).unwrap();
        file
    };
    let script = file("load.lua", include_str!("load.lua"));
    let output = Command::new("wrk")
        .args(["--threads", &connections.min(2).to_string()])
        .args(["--connections", &connections.to_string()])
        .args(["--duration", &format!("{seconds}s")])
        .arg("--script")
        .arg(&script)
        .arg(url)
        .env("BODIES", file("queries", &requests.queries.join("\n")))
        .env(
            "MUTATIONS",
            file("mutations", &requests.mutations.join("\n")),
        )
        .env("WRITES", requests.writes.to_string())
        .env("TOKEN", &requests.token)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let text = String::from_utf8_lossy(&output.stdout);
    let summary = text.lines().last().unwrap_or_default();
    let load: Load = serde_json::from_str(summary).unwrap();
    assert!(load.errors < 0.5, "{summary}");
    load
}
