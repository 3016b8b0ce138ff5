//! Traces as a collector receives them.

use std::net::TcpListener;

use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::json;

use super::{
    collector::{Collector, attribute},
    send,
};
use crate::support::{
    program::{DataDir, Program},
    socket::Socket,
};

const TRACE_ID: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT_SPAN_ID: &str = "b7ad6b7169203331";
const PAGE: &str =
    "query Page($first: Int!) { mine: films(first: $first) { nodes { title score { value }
    reviews(first: 3) { nodes { excerpt critic { name } publication { name } } } } } }";

fn catalogue() -> DataDir {
    let dir = DataDir::migrated();
    dir.run(&[
        "generate",
        "--films=30",
        "--critics=5",
        "--publications=3",
        "--reviews=200",
        "--seed=1",
    ])
    .output();
    dir
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

/// Appends the spans below a span to an indented list, each with its name and `graphql.fields`.
fn append_spans(spans: &[Span], above: &Span, depth: usize, into: &mut Vec<String>) {
    let mut below: Vec<&Span> = spans
        .iter()
        .filter(|span| span.parent_span_id == above.span_id)
        .collect();
    below.sort_by_key(|span| (span.start_time_unix_nano, span.name.clone()));
    for span in below {
        assert_eq!(span.trace_id, above.trace_id);
        assert!(
            span.start_time_unix_nano >= above.start_time_unix_nano,
            "{span:?}"
        );
        assert!(
            span.end_time_unix_nano <= above.end_time_unix_nano,
            "{span:?} {above:?}"
        );
        let fields = attribute(span, "graphql.fields").map(|fields| format!(" {fields}"));
        into.push(format!(
            "{}{}{}",
            "  ".repeat(depth),
            span.name,
            fields.unwrap_or_default()
        ));
        append_spans(spans, span, depth + 1, into);
    }
}

#[tokio::test]
async fn a_request_is_a_span_tree_within_the_trace_of_the_client() {
    let (dir, collector) = (catalogue(), Collector::start());
    let server = dir.serve(&[&collector.flag(), "--server-timing"]);
    let above = format!("00-{TRACE_ID}-{PARENT_SPAN_ID}-01");
    let headers = [("traceparent", above.as_str()), ("x-request-id", "page-1")];
    let body = json!({ "query": PAGE, "variables": { "first": 20 } });
    let response = send(&server, &headers, &body).await;
    let timing = response.headers()["server-timing"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(server.stop().status.success());
    assert_eq!(collector.heads()[0], "POST /v1/traces HTTP/1.1");

    let spans = collector.spans();
    let root = spans.iter().find(|span| span.name == "query Page").unwrap();
    assert_eq!(
        (hex(&root.trace_id), hex(&root.parent_span_id)),
        (TRACE_ID.to_owned(), PARENT_SPAN_ID.to_owned())
    );
    for (key, value) in [
        ("request.id", "page-1"),
        ("http.request.method", "POST"),
        ("http.response.status_code", "200"),
        ("graphql.operation.name", "Page"),
        ("marquee.outcome", "ok"),
    ] {
        assert_eq!(attribute(root, key).as_deref(), Some(value), "{key}");
    }
    let mut outline = Vec::new();
    append_spans(&spans, root, 0, &mut outline);
    // A level is one span for any number of films. Span names come from the schema, so the alias `mine` isn't among
    // them.
    insta::assert_snapshot!(outline.join("\n"), @r"
    document.parse
    document.validate
    Query.films 1
      SELECT
      FilmConnection.nodes 1
        Film.score 20
        Film.reviews 20
          SELECT
          ReviewConnection.nodes 20
            Review.critic 60
              SELECT
            Review.publication 60
              SELECT
    ");
    let statements: Vec<&Span> = spans
        .iter()
        .filter(|span| span.trace_id == root.trace_id && attribute(span, "db.statement").is_some())
        .collect();
    assert!(
        timing.contains(&format!("\"{} statements", statements.len())),
        "{timing}"
    );
    for statement in &statements {
        assert_eq!(
            attribute(statement, "db.system").as_deref(),
            Some("postgresql")
        );
        assert!(
            attribute(statement, "db.statement")
                .unwrap()
                .starts_with("SELECT"),
            "{statement:?}"
        );
    }
    assert_eq!(attribute(statements[0], "db.rows").as_deref(), Some("21"));
    let resource = format!("{:?}", collector.resource());
    assert!(
        resource.contains("\"service.name\"") && resource.contains("\"marquee\""),
        "{resource}"
    );
    assert!(resource.contains(env!("CARGO_PKG_VERSION")), "{resource}");
}

#[tokio::test]
async fn an_operation_over_a_socket_has_its_own_trace() {
    let (dir, collector) = (catalogue(), Collector::start());
    let server = dir.serve(&[&collector.flag()]);
    let mut socket = Socket::open(server.address()).await;
    socket
        .start("1", "query OnSocket { films { nodes { title } } }")
        .await;
    socket.next("1").await;
    assert_eq!(socket.message().await["type"], "complete");
    drop(socket);
    assert!(server.stop().status.success());
    let spans = collector.spans();
    let root = spans
        .iter()
        .find(|span| span.name == "query OnSocket")
        .unwrap();
    assert!(root.parent_span_id.is_empty(), "{root:?}");
    let mut outline = Vec::new();
    append_spans(&spans, root, 0, &mut outline);
    assert_eq!(
        outline,
        [
            "document.parse",
            "document.validate",
            "Query.films 1",
            "  SELECT",
            "  FilmConnection.nodes 1"
        ]
    );
}

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
    let nowhere = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let endpoint = format!("--otlp-endpoint=http://{nowhere}");
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
    let done = server.stop();
    assert!(done.status.success(), "{done:?}");
    assert_eq!(
        done.stderr
            .matches("can't export traces to the collector")
            .count(),
        1,
        "{done:?}"
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
    let done = dir.run(&["serve", "--otlp-endpoint=http://u:hunter2@c.example"]);
    assert!(
        !done.status.success() && done.stderr.starts_with("error: --otlp-endpoint"),
        "{done:?}"
    );
    assert!(!done.stderr.contains("hunter2"), "{done:?}");
}
