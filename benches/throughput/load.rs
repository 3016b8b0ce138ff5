//! Asking, by wrk.

use std::{fs, process::Command};

use serde::Deserialize;

/// For how long anything is measured, in seconds.
pub const SECONDS: u32 = 10;

/// For how long it is asked before, which isn't counted.
pub const WARM_UP: u32 = 3;

const CONNECTIONS: u32 = 32;

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
}

/// Sends requests at random for a while.
pub fn wrk(url: &str, bodies: &[String], seconds: u32) -> Load {
    let directory = tempfile::tempdir().unwrap();
    let script = directory.path().join("load.lua");
    let requests = directory.path().join("bodies");
    fs::write(&script, include_str!("load.lua")).unwrap();
    fs::write(&requests, bodies.join("\n")).unwrap();
    let output = Command::new("wrk")
        .args(["--threads", "2"])
        .args(["--connections", &CONNECTIONS.to_string()])
        .args(["--duration", &format!("{seconds}s")])
        .arg("--script")
        .arg(&script)
        .arg(url)
        .env("BODIES", &requests)
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
