//! Observability: metrics, logs and traces.

mod collector;
mod exposition;
mod logs;
mod metrics;
mod secrecy;
mod slow;
mod traces;

use serde_json::Value;

use crate::support::{eventually, program::Program};

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

/// Makes a server process read the rules of the site, which a request does that needs them. Repeats it until the process
/// has connected to the notifications, before which each request reads them.
async fn read_rules(program: &Program) {
    let count = async || {
        let url = format!("http://{}/metrics", program.address());
        let metrics = reqwest::get(url).await.unwrap().text().await.unwrap();
        let name = "marquee_database_statement_duration_seconds_count ";
        let line = metrics.lines().find(|line| line.starts_with(name));
        line.unwrap().to_owned()
    };
    eventually("the rules are cached", async || {
        let before = count().await;
        let body = serde_json::json!({ "query": "{ siteRules { generation } }" });
        send(program, &[], &body).await;
        count().await == before
    })
    .await;
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
