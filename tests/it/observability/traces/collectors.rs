//! Sampling, and the export of spans to a collector.

use std::net::TcpListener;

use serde_json::json;

use super::{PARENT_SPAN_ID, TRACE_ID, hex};
use crate::{
    observability::{collector::Collector, send},
    support::program::{DataDir, Program},
};

#[tokio::test]
async fn a_sampling_ratio_of_zero_traces_only_sampled_parents() {
    let (dir, collector) = (DataDir::migrated(), Collector::start());
    let server = dir.serve(&[&collector.flag(), "--trace-sample=0"]);
    let body = json!({ "query": "{ films { totalCount } }" });
    send(&server, &[], &body).await;
    send(
        &server,
        &[("traceparent", &format!("00-{TRACE_ID}-{PARENT_SPAN_ID}-01"))],
        &body,
    )
    .await;
    send(
        &server,
        &[(
            "traceparent",
            &format!("00-{}-{PARENT_SPAN_ID}-00", "1".repeat(32)),
        )],
        &body,
    )
    .await;
    assert!(server.stop().status.success());
    let spans = collector.spans();
    assert!(
        !spans.is_empty() && spans.iter().all(|span| hex(&span.trace_id) == TRACE_ID),
        "{spans:?}"
    );
}

#[tokio::test]
async fn an_unreachable_collector_delays_no_request_and_is_logged_once() {
    let dir = DataDir::migrated();
    // The listener is closed again, so connections to its port are refused.
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let endpoint = format!("--otlp-endpoint=http://{address}");
    let mut command = dir.server(&[&endpoint]);
    command.env("OTEL_BSP_SCHEDULE_DELAY", "50");
    let mut server = Program::ready(command);
    for _ in 0..20 {
        server.titles();
    }
    server.wait_for("can't export traces to the collector");
    for _ in 0..20 {
        server.titles();
    }
    let result = server.stop();
    assert!(result.status.success(), "{result:?}");
    assert_eq!(
        result
            .stderr
            .matches("can't export traces to the collector")
            .count(),
        1,
        "{result:?}"
    );
}

#[tokio::test]
async fn spans_are_never_logged_and_there_are_none_without_a_collector() {
    let collector = Collector::start();
    for argument in ["--access-log", &collector.flag()] {
        let dir = DataDir::migrated();
        let mut command = dir.server(&[argument]);
        command.env("MARQUEE_LOG", "trace");
        let server = Program::ready(command);
        server.titles();
        let log = server.stop().stderr;
        let lines: Vec<&str> = log
            .lines()
            .filter(|line| line.contains("request{"))
            .collect();
        assert!(
            lines
                .iter()
                .any(|line| line.contains("a request has ended")),
            "{log}"
        );
        for line in lines {
            let spans = line.matches("request{").count();
            let others = ["graphql.level", "sql{", "otel."];
            assert!(
                spans == 1 && !others.iter().any(|other| line.contains(other)),
                "{line}"
            );
        }
    }
    assert!(!collector.spans().is_empty());
}

#[test]
fn an_invalid_endpoint_is_rejected_at_startup() {
    let dir = DataDir::new();
    let result = dir.run(&["serve", "--otlp-endpoint=http://u:hunter2@c.example"]);
    assert!(
        !result.status.success() && result.stderr.starts_with("error: --otlp-endpoint"),
        "{result:?}"
    );
    assert!(!result.stderr.contains("hunter2"), "{result:?}");
}
