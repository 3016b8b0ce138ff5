//! Asking, by wrk.

use std::{fs, process::Command};

use serde::Deserialize;

/// For how long anything is measured, in seconds.
pub const SECONDS: u32 = 5;

/// For how long it is asked before, which isn't counted.
pub const WARM_UP: u32 = 2;

/// How many clients ask at once, unless said.
pub const CONNECTIONS: u32 = 32;

/// What wrk saw.
#[derive(Clone, Debug, Deserialize)]
pub struct Load {
    /// Requests that were answered.
    pub requests: f64,
    /// Answers a second.
    pub rate: f64,
    /// Of how long an answer took, the median, in milliseconds.
    pub p50: f64,
    /// The time that 99 of 100 answers stay below, in milliseconds.
    pub p99: f64,
    /// Answers that were none, or of another status than 2xx.
    pub errors: f64,
    /// How many of the requests that were sent were mutations. Whether they did anything, an answer's status doesn't tell.
    pub mutations: u64,
}

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    /// The bodies of queries, of which each request is one at random.
    pub queries: Vec<String>,
    /// The bodies of mutations.
    pub mutations: Vec<String>,
    /// Of how many requests in a hundred one is a mutation.
    pub writes: u32,
    /// The token that mutations come with.
    pub token: String,
}

impl Requests {
    /// Nothing but queries.
    pub fn of(queries: Vec<String>) -> Self {
        Self {
            queries,
            ..Self::default()
        }
    }
}

/// Sends requests at random for a while.
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
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    let text = String::from_utf8_lossy(&output.stdout);
    let told = text.lines().last().unwrap_or_default();
    let load: Load = serde_json::from_str(told).unwrap();
    assert!(load.errors < 0.5, "{told}");
    load
}
