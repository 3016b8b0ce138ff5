//! Traces as a collector receives them.

mod collectors;

use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::json;

use super::{
    collector::{Collector, attribute},
    read_rules, send,
};
use crate::support::{program::DataDir, socket::Socket};

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
fn append_spans(spans: &[Span], parent: &Span, depth: usize, outline: &mut Vec<String>) {
    let mut children: Vec<&Span> = spans
        .iter()
        .filter(|span| span.parent_span_id == parent.span_id)
        .collect();
    children.sort_by_key(|span| (span.start_time_unix_nano, span.name.clone()));
    for span in children {
        assert_eq!(span.trace_id, parent.trace_id);
        assert!(
            span.start_time_unix_nano >= parent.start_time_unix_nano,
            "{span:?}"
        );
        assert!(
            span.end_time_unix_nano <= parent.end_time_unix_nano,
            "{span:?} {parent:?}"
        );
        let fields = attribute(span, "graphql.fields").map(|fields| format!(" {fields}"));
        outline.push(format!(
            "{}{}{}",
            "  ".repeat(depth),
            span.name,
            fields.unwrap_or_default()
        ));
        append_spans(spans, span, depth + 1, outline);
    }
}

/// Sends [`PAGE`] within the trace of the client. Returns the `Server-Timing` header and the collector of the spans.
async fn request_page() -> (String, Collector) {
    let (dir, collector) = (catalogue(), Collector::start());
    let server = dir.serve(&[&collector.flag(), "--server-timing"]);
    read_rules(&server).await;
    let parent = format!("00-{TRACE_ID}-{PARENT_SPAN_ID}-01");
    let headers = [("traceparent", parent.as_str()), ("x-request-id", "page-1")];
    let body = json!({ "query": PAGE, "variables": { "first": 20 } });
    let response = send(&server, &headers, &body).await;
    let timing = response.headers()["server-timing"].to_str().unwrap();
    assert!(server.stop().status.success());
    (timing.to_owned(), collector)
}

#[tokio::test]
async fn a_request_is_a_span_tree_within_the_trace_of_the_client() {
    let (_, collector) = request_page().await;
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
    let resource = format!("{:?}", collector.resource());
    for part in ["\"service.name\"", "\"marquee\"", env!("CARGO_PKG_VERSION")] {
        assert!(resource.contains(part), "{resource}");
    }
}

#[tokio::test]
async fn each_statement_of_a_request_is_a_span() {
    let (timing, collector) = request_page().await;
    let spans = collector.spans();
    let root = spans.iter().find(|span| span.name == "query Page").unwrap();
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
}

#[tokio::test]
async fn an_operation_over_a_socket_has_its_own_trace() {
    let (dir, collector) = (catalogue(), Collector::start());
    let server = dir.serve(&[&collector.flag()]);
    read_rules(&server).await;
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
