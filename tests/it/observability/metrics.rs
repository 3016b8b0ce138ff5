//! The `/metrics` endpoint.

mod access;
mod database;
mod formats;
mod sockets;

use std::{collections::BTreeSet, fs, time::Duration};

use super::exposition::Exposition;
use crate::support::{TestDatabase, TestServer, program::DataDir, root};

/// The content type of the `OpenMetrics` text format.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

async fn scrape(server: &TestServer) -> Exposition {
    let response = server
        .client()
        .get(server.url("/metrics"))
        .header("accept", OPEN_METRICS)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], OPEN_METRICS);
    Exposition::read(&response.text().await.unwrap())
}

/// Scrapes until a condition holds.
async fn scrape_until(server: &TestServer, holds: impl Fn(&Exposition) -> bool) -> Exposition {
    // The server detects a closed event stream upon the next keep-alive, after at most 12 seconds.
    for _ in 0..1_500 {
        let exposition = scrape(server).await;
        if holds(&exposition) {
            return exposition;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the condition never holds");
}

fn equals(value: f64, expected: u32) -> bool {
    (value - f64::from(expected)).abs() < f64::EPSILON
}

/// Starts a server and sends it a variety of requests.
async fn server_with_traffic() -> TestServer {
    let server = TestServer::demo().await;
    server
        .query("query Films { films { nodes { title reviews { totalCount } } } }")
        .await;
    server.query("{ __typename }").await;
    server.error_code("{ nothing }").await;
    server
        .error_code("{ films(first: 1, last: 1) { totalCount } }")
        .await;
    server
        .error_code("subscription { reviewAdded { id } }")
        .await;
    server
}

#[tokio::test]
async fn every_line_is_valid_openmetrics() {
    let exposition = scrape(&server_with_traffic().await).await;
    let requests = |kind, outcome| {
        exposition.value(
            "marquee_requests_total",
            &[
                ("transport", "http"),
                ("operation_type", kind),
                ("outcome", outcome),
            ],
        )
    };
    assert!(equals(requests("query", "ok"), 2), "{exposition:?}");
    assert!(equals(requests("query", "errors"), 1), "{exposition:?}");
    // The operation type of an invalid document is unknown.
    assert!(equals(requests("unknown", "refused"), 1), "{exposition:?}");
    assert!(
        equals(requests("subscription", "refused"), 1),
        "{exposition:?}"
    );
    for (name, code) in [
        ("marquee_refusals_total", "VALIDATION_FAILED"),
        ("marquee_refusals_total", "SUBSCRIPTION_NOT_STREAMED"),
        ("marquee_errors_total", "INVALID_PAGE"),
    ] {
        assert!(
            equals(exposition.value(name, &[("code", code)]), 1),
            "{code} {exposition:?}"
        );
    }
    let durations = "marquee_operation_duration_seconds";
    let count = |name| exposition.value(&format!("{durations}_count"), &[("operation", name)]);
    assert!(
        equals(count("Films"), 1) && equals(count("anonymous"), 2),
        "{exposition:?}"
    );
    assert!(exposition.value("process_resident_memory_bytes", &[]) > 1e6);
    assert!(exposition.value("process_start_time_seconds", &[]) > 1.7e9);
    let version = exposition.labels("marquee_build", "version");
    assert_eq!(
        version,
        BTreeSet::from([env!("CARGO_PKG_VERSION").to_owned()])
    );
}

#[tokio::test]
async fn the_documentation_lists_exactly_the_metrics() {
    let exposition = scrape(&server_with_traffic().await).await;
    let document = fs::read_to_string(root().join("docs/observability.md")).unwrap();
    let rows: BTreeSet<String> = document
        .lines()
        .skip_while(|line| !line.starts_with("| metric |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(str::to_owned)
        .collect();
    let expected: BTreeSet<String> = exposition
        .families
        .iter()
        .map(|(name, family)| {
            let suffix = match family.kind.as_str() {
                "counter" => "_total",
                "info" => "_info",
                _ => "",
            };
            let labels: BTreeSet<&str> = family
                .samples
                .iter()
                .flat_map(|sample| sample.labels.keys().map(String::as_str))
                .filter(|label| *label != "le")
                .collect();
            // In a readable order instead of the alphabetical one.
            let order = [
                "transport",
                "operation_type",
                "outcome",
                "operation",
                "code",
                "protocol",
                "state",
                "reason",
                "version",
            ];
            let labels: Vec<String> = order
                .into_iter()
                .filter(|label| labels.contains(label))
                .map(|label| format!("`{label}`"))
                .collect();
            let labels = format!(" {} ", labels.join(", ")).replace("  ", " ");
            format!(
                "| `{name}{suffix}` | {} |{labels}| {} |",
                family.kind, family.help
            )
        })
        .collect();
    assert_eq!(rows, expected);
}

#[tokio::test]
async fn the_number_of_operation_series_is_bounded() {
    let server =
        TestServer::with_arguments(TestDatabase::empty().await, &["--metrics-operations=10"]);
    for number in 0..1_000 {
        let document = format!("query Name{number} {{ __typename }}");
        server.query(&document).await;
    }
    let long = format!("query {} {{ __typename }}", "x".repeat(5_000));
    server.query(&long).await;
    server.query("query Name3 { __typename }").await;
    let exposition = scrape(&server).await;
    let names = exposition.labels("marquee_operation_duration_seconds", "operation");
    assert_eq!(names.len(), 11, "{names:?}");
    let count = |name| {
        exposition.value(
            "marquee_operation_duration_seconds_count",
            &[("operation", name)],
        )
    };
    assert!(equals(count("other"), 991), "{}", count("other"));
    assert!(equals(count("Name3"), 2), "{}", count("Name3"));
}

#[tokio::test]
async fn metrics_with_their_own_address_are_served_only_there() {
    let dir = DataDir::migrated();
    let mut server = dir.serve(&["--metrics-listen=127.0.0.1:0"]);
    let line = server.wait_for("metrics: http://");
    let metrics = line.split("metrics: ").nth(1).unwrap();
    server.query("query Here { __typename }");
    let exposition = reqwest::get(metrics).await.unwrap();
    let exposition = exposition.text().await.unwrap();
    let requests = exposition
        .lines()
        .find(|line| line.starts_with("marquee_requests_total"));
    assert!(requests.unwrap().ends_with(" 1"), "{exposition}");
    let at_the_api = format!("http://{}/metrics", server.address());
    assert_eq!(reqwest::get(at_the_api).await.unwrap().status(), 404);
    let api = metrics.replace("/metrics", "/graphql?query={__typename}");
    assert_eq!(reqwest::get(api).await.unwrap().status(), 404);
    assert!(server.stop().status.success());
    assert!(reqwest::get(metrics).await.is_err());
}
