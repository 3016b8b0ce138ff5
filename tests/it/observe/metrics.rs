//! `/metrics`.

use std::{collections::BTreeSet, fs, time::Duration};

use sea_orm::ConnectionTrait;
use serde_json::json;

use super::exposition::Exposition;
use crate::support::{TestDatabase, TestServer, program::DataDir, root, socket::Socket};

async fn scrape(server: &TestServer) -> Exposition {
    let answer = server
        .client()
        .get(server.url("/metrics"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let format = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(answer.headers()["content-type"], format);
    Exposition::read(&answer.text().await.unwrap())
}

/// Scrapes until something is so.
async fn scrape_until(server: &TestServer, is_so: impl Fn(&Exposition) -> bool) -> Exposition {
    // That a client of an event stream is gone is noticed with the next sign of life, after 12 seconds.
    for _ in 0..1_500 {
        let told = scrape(server).await;
        if is_so(&told) {
            return told;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never is so");
}

fn is(value: f64, expected: u32) -> bool {
    (value - f64::from(expected)).abs() < f64::EPSILON
}

/// A server that has seen a bit of everything.
async fn busy() -> TestServer {
    let server = TestServer::demo().await;
    server
        .query("query Films { films { nodes { title reviews { totalCount } } } }")
        .await;
    server.query("{ __typename }").await;
    server.refusal("{ nothing }").await;
    server
        .refusal("{ films(first: 1, last: 1) { totalCount } }")
        .await;
    server.refusal("subscription { reviewAdded { id } }").await;
    server
}

#[tokio::test]
async fn every_line_is_what_openmetrics_says_it_is() {
    let told = scrape(&busy().await).await;
    let requests = |kind, outcome| {
        told.value(
            "marquee_requests_total",
            &[
                ("transport", "http"),
                ("operation_type", kind),
                ("outcome", outcome),
            ],
        )
    };
    assert!(is(requests("query", "ok"), 2), "{told:?}");
    assert!(is(requests("query", "errors"), 1), "{told:?}");
    // Which kind it would have been is only known of a document that is good.
    assert!(is(requests("unknown", "refused"), 1), "{told:?}");
    assert!(is(requests("subscription", "refused"), 1), "{told:?}");
    for (name, code) in [
        ("marquee_refusals_total", "VALIDATION_FAILED"),
        ("marquee_refusals_total", "SUBSCRIPTION_NOT_STREAMED"),
        ("marquee_errors_total", "INVALID_PAGE"),
    ] {
        assert!(
            is(told.value(name, &[("code", code)]), 1),
            "{code} {told:?}"
        );
    }
    let durations = "marquee_operation_duration_seconds";
    let count = |name| told.value(&format!("{durations}_count"), &[("operation", name)]);
    assert!(
        is(count("Films"), 1) && is(count("anonymous"), 2),
        "{told:?}"
    );
    assert!(told.value("process_resident_memory_bytes", &[]) > 1e6);
    assert!(told.value("process_start_time_seconds", &[]) > 1.7e9);
    let version = told.labels("marquee_build", "version");
    assert_eq!(
        version,
        BTreeSet::from([env!("CARGO_PKG_VERSION").to_owned()])
    );
}

#[tokio::test]
async fn the_document_has_a_row_for_each_metric_and_no_other() {
    let told = scrape(&busy().await).await;
    let document = fs::read_to_string(root().join("docs/observability.md")).unwrap();
    let rows: BTreeSet<String> = document
        .lines()
        .skip_while(|line| !line.starts_with("| metric |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(str::to_owned)
        .collect();
    let should: BTreeSet<String> = told
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
            // In the order in which they are read best, which is not that of the alphabet.
            let order = [
                "transport",
                "operation_type",
                "outcome",
                "operation",
                "code",
                "state",
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
    assert_eq!(rows, should);
}

#[tokio::test]
async fn a_thousand_names_make_no_more_series_than_are_allowed() {
    let server = TestServer::with(TestDatabase::empty().await, &["--metrics-operations=10"]);
    for number in 0..1_000 {
        let document = format!("query Name{number} {{ __typename }}");
        server.query(&document).await;
    }
    let long = format!("query {} {{ __typename }}", "x".repeat(5_000));
    server.query(&long).await;
    server.query("query Name3 { __typename }").await;
    let told = scrape(&server).await;
    let names = told.labels("marquee_operation_duration_seconds", "operation");
    assert_eq!(names.len(), 11, "{names:?}");
    let count = |name| {
        told.value(
            "marquee_operation_duration_seconds_count",
            &[("operation", name)],
        )
    };
    assert!(is(count("other"), 991), "{}", count("other"));
    assert!(is(count("Name3"), 2), "{}", count("Name3"));
}

#[tokio::test]
async fn what_an_operation_cost_the_database_is_what_the_answer_said() {
    let server = TestServer::demo().await;
    let document = "{ films { nodes { title reviews(first: 2) { nodes { critic { name } } } } } }";
    let (statements, round_trips) = server.cost(document).await;
    let told = scrape(&server).await;
    for (name, expected) in [
        ("marquee_operation_statements", statements),
        ("marquee_operation_round_trips", round_trips),
        ("marquee_database_statement_duration_seconds", 0),
    ] {
        let sum = told.value(&format!("{name}_sum"), &[]);
        assert!(expected == 0 || is(sum, expected), "{name} {sum}");
    }
    let counted = told.value("marquee_database_statement_duration_seconds_count", &[]);
    assert!(is(counted, statements), "{counted}");
    assert!(is(told.value("marquee_database_connections_limit", &[]), 4));
    assert!(told.value("marquee_database_connections", &[("state", "idle")]) >= 1.0);
    assert!(is(told.value("marquee_database_waiting", &[]), 0));
}

#[tokio::test]
async fn who_waits_for_a_connection_is_counted_until_there_is_one() {
    let database = TestDatabase::demo().await;
    let lock = database.connect(1);
    let server = TestServer::with(database, &["--worker-connections=1"]);
    lock.execute_unprepared("BEGIN; LOCK TABLE film")
        .await
        .unwrap();
    // Who asks the same waits for the same statement, so everyone asks for something else.
    let films = |count: usize| format!("{{ films(first: {count}) {{ nodes {{ title }} }} }}");
    let documents: Vec<_> = (1..=3).map(films).collect();
    let asking = documents.iter().map(|document| server.query(document));
    let asked = futures_util::future::join_all(asking);
    let looking = async {
        let told = scrape_until(&server, |told| {
            is(told.value("marquee_database_waiting", &[]), 2)
        })
        .await;
        assert!(
            is(
                told.value("marquee_database_connections", &[("state", "used")]),
                1
            ),
            "{told:?}"
        );
        lock.execute_unprepared("COMMIT").await.unwrap();
    };
    tokio::join!(asked, looking);
    let told = scrape(&server).await;
    assert!(
        is(told.value("marquee_database_waiting", &[]), 0),
        "{told:?}"
    );
    lock.close().await.unwrap();
}

#[tokio::test]
async fn an_operation_that_is_stopped_before_its_answer_is_counted_as_well() {
    let database = TestDatabase::demo().await;
    let lock = database.connect(1);
    let server = TestServer::over(database);
    lock.execute_unprepared("BEGIN; LOCK TABLE film")
        .await
        .unwrap();
    let mut socket = Socket::open(server.address()).await;
    socket
        .start("1", "query Gone { films { nodes { title } } }")
        .await;
    // It runs once it wants a connection.
    scrape_until(&server, |told| {
        is(
            told.value("marquee_database_connections", &[("state", "used")]),
            1,
        )
    })
    .await;
    socket.send(json!({ "type": "complete", "id": "1" })).await;
    let cancelled = [("operation_type", "query"), ("outcome", "cancelled")];
    let told = scrape_until(&server, |told| {
        is(told.value("marquee_requests_total", &cancelled), 1)
    })
    .await;
    let times = "marquee_operation_duration_seconds_count";
    assert!(
        is(told.value(times, &[("operation", "Gone")]), 1),
        "{told:?}"
    );
    lock.execute_unprepared("COMMIT").await.unwrap();
    lock.close().await.unwrap();
}

#[tokio::test]
async fn sockets_and_what_runs_on_them_are_counted_as_long_as_they_are_there() {
    let server = TestServer::demo().await;
    let mut socket = Socket::open(server.address()).await;
    socket.start("query", "query OnSocket { __typename }").await;
    socket.next("query").await;
    assert_eq!(socket.message().await["type"], "complete");
    socket.start("wrong", "{ nothing }").await;
    assert_eq!(socket.message().await["type"], "error");
    socket
        .start("live", "subscription { reviewAdded { id } }")
        .await;
    let streamed = server
        .client()
        .post(server.url("/graphql"))
        .header("accept", "text/event-stream")
        .json(&json!({ "query": "subscription { reviewAdded { id } }" }))
        .send()
        .await
        .unwrap();
    let open = |transport: &'static str| {
        move |told: &Exposition| told.value("marquee_open_streams", &[("transport", transport)])
    };
    let told = scrape_until(&server, |told| {
        is(told.value("marquee_subscriptions", &[]), 2)
    })
    .await;
    assert!(
        is(open("websocket")(&told), 1) && is(open("event_stream")(&told), 1),
        "{told:?}"
    );
    socket.vanish();
    drop(streamed);
    let told = scrape_until(&server, |told| {
        is(told.value("marquee_subscriptions", &[]), 0)
    })
    .await;
    assert!(is(open("event_stream")(&told), 0), "{told:?}");
    scrape_until(&server, |told| is(open("websocket")(told), 0)).await;
    let requests = |transport, kind, outcome| {
        let labels = [
            ("transport", transport),
            ("operation_type", kind),
            ("outcome", outcome),
        ];
        told.value("marquee_requests_total", &labels)
    };
    assert!(is(requests("websocket", "query", "ok"), 1), "{told:?}");
    assert!(
        is(requests("websocket", "unknown", "refused"), 1),
        "{told:?}"
    );
    assert!(
        is(requests("websocket", "subscription", "ok"), 1),
        "{told:?}"
    );
    assert!(
        is(requests("event_stream", "subscription", "ok"), 1),
        "{told:?}"
    );
    assert!(
        is(
            told.value("marquee_refusals_total", &[("code", "VALIDATION_FAILED")]),
            1
        ),
        "{told:?}"
    );
}

#[tokio::test]
async fn at_an_address_of_their_own_the_metrics_are_only_there() {
    let dir = DataDir::made();
    let mut server = dir.serve(&["--metrics-listen=127.0.0.1:0"]);
    let line = server.wait_for("metrics: http://");
    let metrics = line.split("metrics: ").nth(1).unwrap();
    server.query("query Here { __typename }");
    let told = reqwest::get(metrics).await.unwrap();
    let told = Exposition::read(&told.text().await.unwrap());
    assert!(is(told.value("marquee_requests_total", &[]), 1), "{told:?}");
    let at_the_api = format!("http://{}/metrics", server.address());
    assert_eq!(reqwest::get(at_the_api).await.unwrap().status(), 404);
    let api = metrics.replace("/metrics", "/graphql?query={__typename}");
    assert_eq!(reqwest::get(api).await.unwrap().status(), 404);
    assert!(server.stop().status.success());
    assert!(reqwest::get(metrics).await.is_err());
}
