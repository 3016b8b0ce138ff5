//! What a server shows of itself: metrics, logs and traces, as those get them who look at them.

mod collector;
mod exposition;
mod logs;
mod metrics;
mod secrecy;
mod slow;
mod traces;

use serde_json::Value;

use crate::support::program::Program;

/// The lines of a server's log that are JSON, each of which has to be an object.
fn lines(log: &str) -> Vec<Value> {
    log.lines()
        .map(|line| {
            let value: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
            assert!(value.is_object(), "{line}");
            value
        })
        .collect()
}

/// Those with this message.
fn with_message<'a>(lines: &'a [Value], message: &str) -> Vec<&'a Value> {
    let is_it = |line: &&Value| line["message"] == message;
    lines.iter().filter(is_it).collect()
}

/// Sends a request to a process, and gives its answer.
async fn send(program: &Program, headers: &[(&str, &str)], body: &Value) -> reqwest::Response {
    let mut sending = reqwest::Client::new()
        .post(format!("http://{}/graphql", program.address()))
        .json(body);
    for (name, value) in headers {
        sending = sending.header(*name, *value);
    }
    sending.send().await.unwrap()
}
