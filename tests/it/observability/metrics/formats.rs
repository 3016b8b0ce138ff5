//! The formats of the metrics, and what Prometheus's own linter says of them.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use super::{OPEN_METRICS, server_with_traffic};
use crate::support::{TestServer, root};

/// The content type of the text format of Prometheus.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Returns the content type and the metrics that a client receives.
async fn scrape_as(server: &TestServer, accept: Option<&str>) -> (String, String) {
    let mut request = server.client().get(server.url("/metrics"));
    if let Some(accept) = accept {
        request = request.header("accept", accept);
    }
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["vary"], "accept");
    let content_type = response.headers()["content-type"].to_str().unwrap();
    (content_type.to_owned(), response.text().await.unwrap())
}

/// Asserts that `promtool check metrics` has nothing to say.
fn lint(metrics: &str) {
    let installed = root().join("target/promtool/promtool");
    let program = if installed.exists() {
        installed
    } else {
        "promtool".into()
    };
    let mut child = Command::new(program)
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is installed; `make test` installs it");
    let mut input = child.stdin.take().unwrap();
    input.write_all(metrics.as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(text(&output.stdout) + &text(&output.stderr), "");
    assert!(output.status.success());
}

#[tokio::test]
async fn promtool_finds_nothing_to_improve() {
    let server = server_with_traffic().await;
    for accept in [
        None,
        Some("*/*"),
        Some("text/plain"),
        Some("text/plain; version=0.0.4"),
        Some("text/plain, application/openmetrics-text; q=0.5"),
    ] {
        let (content_type, metrics) = scrape_as(&server, accept).await;
        assert_eq!(content_type, TEXT, "{accept:?}");
        assert!(metrics.contains("# TYPE marquee_requests_total counter\n"));
        assert!(metrics.contains("# TYPE marquee_build_info gauge\n"));
        assert!(!metrics.contains("# EOF"));
        lint(&metrics);
    }
}

#[tokio::test]
async fn prometheus_and_others_who_prefer_openmetrics_receive_it() {
    let server = server_with_traffic().await;
    for accept in [
        "application/openmetrics-text",
        // Of Prometheus 3.
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
         application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,\
         text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
    ] {
        let (content_type, metrics) = scrape_as(&server, Some(accept)).await;
        assert_eq!(content_type, OPEN_METRICS);
        assert!(metrics.ends_with("# EOF\n"));
        assert!(metrics.contains("# TYPE marquee_build info\n"));
    }
}
