//! Observability: metrics, logs and traces.

mod collector;
mod exposition;
mod logs;
mod metrics;
mod secrecy;
mod slow;
mod traces;

use serde_json::Value;

use crate::support::program::Program;

/// Parses the lines of a JSON log. Each must be an object.
fn lines(log: &str) -> Vec<Value> {
    log.lines()
        .map(|line| {
            let value: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
            assert!(value.is_object(), "{line}");
            value
        })
        .collect()
}

/// Returns the lines with this message.
fn with_message<'a>(lines: &'a [Value], message: &str) -> Vec<&'a Value> {
    let is_it = |line: &&Value| line["message"] == message;
    lines.iter().filter(is_it).collect()
}

/// Sends a request to a server process.
async fn send(program: &Program, headers: &[(&str, &str)], body: &Value) -> reqwest::Response {
    let mut sending = reqwest::Client::new()
        .post(format!("http://{}/graphql", program.address()))
        .json(body);
    for (name, value) in headers {
        sending = sending.header(*name, *value);
    }
    sending.send().await.unwrap()
}
