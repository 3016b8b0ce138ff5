//! Large responses, and clients that don't read them.

use serde_json::json;

use super::*;
use crate::support::socket::Socket;

#[tokio::test]
async fn a_response_over_the_size_limit_is_replaced_by_an_error() {
    let server = server_with_reviews(3, 1_000, &["--max-response-bytes=2000"]).await;
    let response = server.send(json!({ "query": ALL_EXCERPTS })).await;
    assert_eq!(response.status, 200);
    assert_eq!(response.body["data"], Value::Null);
    let error = &response.body["errors"][0];
    assert_eq!(error["extensions"]["code"], "RESPONSE_TOO_LARGE");
    assert_eq!(error["extensions"]["limit"], 2_000);
    let size = error["extensions"]["value"].as_u64().unwrap();
    assert!((3_000..4_000).contains(&size), "{size}");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("2000") && message.contains(&size.to_string()));
    let small = "{ reviews(first: 1) { nodes { excerpt } } }";
    server.query(small).await;
}

#[tokio::test]
async fn responses_over_websockets_and_event_streams_have_the_same_size_limit() {
    let server = server_with_reviews(3, 1_000, &["--max-response-bytes=2000"]).await;
    let mut socket = Socket::open(server.address()).await;
    socket.start("1", ALL_EXCERPTS).await;
    let message = socket.message().await;
    let code = &message["payload"]["errors"][0]["extensions"]["code"];
    assert_eq!(code, "RESPONSE_TOO_LARGE");
    let request = server
        .client()
        .post(server.url("/graphql"))
        .header("accept", "text/event-stream")
        .json(&json!({ "query": ALL_EXCERPTS }));
    let events = request.send().await.unwrap().text().await.unwrap();
    assert!(events.contains("RESPONSE_TOO_LARGE"), "{events}");
    assert!(events.len() < 2_000 && events.ends_with("event: complete\ndata: \n\n"));
}

#[tokio::test]
async fn errors_over_the_limit_are_counted_but_not_listed() {
    let server = server(&["--max-errors=2"]).await;
    let document = r#"{ a: node(id: "?") { id } b: node(id: "?") { id } c: node(id: "?") { id } d: node(id: "?") { id } }"#;
    let response = server.send(json!({ "query": document })).await;
    let errors = response.body["errors"].as_array().unwrap();
    let codes: Vec<_> = errors
        .iter()
        .map(|error| &error["extensions"]["code"])
        .collect();
    assert_eq!(codes, ["INVALID_ID", "INVALID_ID", "TOO_MANY_ERRORS"]);
    assert_eq!(errors[2]["extensions"]["limit"], 2);
    assert_eq!(errors[2]["extensions"]["value"], 4);
    assert_eq!(
        errors[2]["message"],
        "there are 2 more errors; only the first 2 are listed"
    );
    let mut socket = Socket::open(server.address()).await;
    socket.start("1", document).await;
    let message = socket.message().await;
    assert_eq!(message["payload"]["errors"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn validation_errors_are_limited_too() {
    let server = server(&["--max-errors=2"]).await;
    let variables: Vec<_> = (0..100).map(|n| format!("$v{n}: ID!")).collect();
    let document = format!("query({}) {{ __typename }}", variables.join(" "));
    let response = server.send(json!({ "query": document })).await;
    assert_eq!(response.status, 400);
    let errors = response.body["errors"].as_array().unwrap();
    assert!(errors.len() <= 3, "{errors:?}");
    assert_eq!(errors[0]["extensions"]["code"], "VALIDATION_FAILED");
}

fn request() -> Vec<u8> {
    let body = json!({ "query": ALL_EXCERPTS }).to_string();
    let head = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json";
    format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

#[tokio::test]
async fn a_client_that_never_reads_is_disconnected() {
    let server = server_with_reviews(95, 100_000, &["--write-timeout=1"]).await;
    let mut client = RawConnection::with_small_buffer(server.address()).await;
    client.send(&request()).await;
    sleep(Duration::from_secs(5)).await;
    let rest = client.read_to_end().await;
    assert!(rest.starts_with(b"HTTP/1.1 200 "), "{} bytes", rest.len());
    assert!(rest.len() < 9_000_000, "{} bytes", rest.len());
}

#[tokio::test]
async fn a_slow_but_steady_reader_gets_the_whole_response() {
    let server = server_with_reviews(95, 100_000, &["--write-timeout=2"]).await;
    let mut client = RawConnection::open(&server).await;
    client.send(&request()).await;
    let begin = Instant::now();
    let mut buffer = vec![0; 64 << 10];
    let mut length = 0;
    while length < 9_500_000 {
        let read = timeout(TIMEOUT, client.stream.read(&mut buffer)).await;
        let read = read.unwrap().unwrap();
        assert_ne!(read, 0, "cut off after {length} bytes");
        length += read;
        if begin.elapsed() < Duration::from_secs(4) {
            sleep(Duration::from_millis(50)).await;
        }
    }
    assert!(
        begin.elapsed() > Duration::from_secs(2),
        "{:?}",
        begin.elapsed()
    );
}
