//! Server-sent events.

use marquee::access::Role;
use reqwest::{RequestBuilder, Response};

use super::*;

fn post(server: &TestServer, accept: &str, document: &str) -> RequestBuilder {
    server
        .client()
        .post(server.url("/graphql"))
        .header("accept", accept)
        .json(&json!({"query": document}))
}

async fn stream(server: &TestServer, document: &str) -> Stream {
    let response = post(server, "text/event-stream", document)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.headers()["content-type"],
        "text/event-stream; charset=utf-8"
    );
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["x-accel-buffering"], "no");
    Stream {
        response,
        read: String::new(),
    }
}

struct Stream {
    response: Response,
    read: String,
}

impl Stream {
    /// Returns the next event and its data; `None` at the end of the stream.
    async fn event(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((block, rest)) = self.read.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.read = rest;
                if block == ":" {
                    continue;
                }
                let (event, data) = block.split_once('\n').unwrap();
                let data = data.strip_prefix("data: ").unwrap();
                let data = serde_json::from_str(data).unwrap_or_default();
                return Some((event.strip_prefix("event: ").unwrap().to_owned(), data));
            }
            let chunk = tokio::time::timeout(Duration::from_secs(20), self.response.chunk());
            let chunk = chunk.await.unwrap().unwrap()?;
            self.read.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

#[tokio::test]
async fn a_subscription_streams_events() {
    let (server, connection) = live().await;
    let mut stream = stream(&server, "subscription { reviewAdded { score } }").await;
    // The response headers are sent before the subscription is active.
    tokio::time::sleep(Duration::from_millis(200)).await;
    for score in [60, 70] {
        add_review(&connection, 1, score / 60 * (score / 10 - 5), score).await;
        let expected = json!({"data": {"reviewAdded": {"score": score}}});
        assert_eq!(stream.event().await, Some(("next".to_owned(), expected)));
    }
}

#[tokio::test]
async fn a_query_returns_one_result_and_completes() {
    let (server, _connection) = live().await;
    let mut stream = stream(&server, "{ films { totalCount } }").await;
    let expected = json!({"data": {"films": {"totalCount": 2}}});
    assert_eq!(stream.event().await, Some(("next".to_owned(), expected)));
    assert_eq!(
        stream.event().await,
        Some(("complete".to_owned(), Value::Null))
    );
    assert_eq!(stream.event().await, None);
}

#[tokio::test]
async fn get_requests_stream_too() {
    let (server, _connection) = live().await;
    let url = server.url("/graphql?query=%7Bfilms%7BtotalCount%7D%7D");
    let get = server
        .client()
        .get(url)
        .header("accept", "text/event-stream");
    let text = get.send().await.unwrap().text().await.unwrap();
    let expected = "event: next\ndata: {\"data\":{\"films\":{\"totalCount\":2}}}\n\nevent: complete\ndata: \n\n";
    assert_eq!(text, expected);
}

#[tokio::test]
async fn document_errors_are_events_unless_the_client_accepts_json() {
    let (server, _connection) = live().await;
    for (document, code) in [
        ("subscription {", "SYNTAX_ERROR"),
        ("subscription { nothing }", "VALIDATION_FAILED"),
        (
            "subscription { scoreChanged(film: \"RmlsbTo5OTk\") { title } }",
            "NOT_FOUND",
        ),
    ] {
        let mut stream = stream(&server, document).await;
        let (event, data) = stream.event().await.unwrap();
        assert_eq!(
            (&*event, &data["errors"][0]["extensions"]["code"]),
            ("next", &json!(code))
        );
        assert_eq!(stream.event().await.unwrap().0, "complete");
        assert_eq!(stream.event().await, None);
    }
    let accept = "text/event-stream, application/graphql-response+json";
    let response = post(&server, accept, "subscription {")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 400);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["errors"][0]["extensions"]["code"], "SYNTAX_ERROR");
}

#[tokio::test]
async fn an_invalid_request_gets_an_http_error() {
    let (server, _connection) = live().await;
    let request = |body: &'static str, media_type: &'static str| {
        let post = server.client().post(server.url("/graphql"));
        post.header("accept", "text/event-stream")
            .header("content-type", media_type)
            .body(body)
    };
    for (body, media_type, status) in [
        ("{", "application/json", 400),
        ("{\"query\":\"{ __typename }\"}", "text/plain", 415),
    ] {
        let response = request(body, media_type).send().await.unwrap();
        assert_eq!(response.status(), status);
        assert!(response.json::<Value>().await.unwrap()["errors"].is_array());
    }
    let response =
        post(&server, "text/event-stream", "{ __typename }").header("authorization", "Bearer x");
    assert_eq!(response.send().await.unwrap().status(), 401);
    let url = server
        .url("/graphql?query=mutation%7BdeleteReview(input:%7Bid:%22%22%7D)%7B__typename%7D%7D");
    let get = server
        .client()
        .get(url)
        .header("accept", "text/event-stream");
    assert_eq!(get.send().await.unwrap().status(), 405);
}

#[tokio::test]
async fn a_subscription_without_a_streaming_media_type_is_rejected() {
    let (server, _connection) = live().await;
    for accept in [
        "application/json",
        "application/graphql-response+json",
        "*/*",
    ] {
        let response = post(&server, accept, "subscription { reviewAdded { id } }")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 406, "{accept}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(
            body["errors"][0]["extensions"]["code"],
            "SUBSCRIPTION_NOT_STREAMED"
        );
        let message = body["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("text/event-stream") && message.contains("graphql-transport-ws"));
    }
    // Some clients accept both media types for every operation.
    let accept = "application/graphql-response+json, application/json, text/event-stream";
    let response = post(&server, accept, "subscription { reviewAdded { id } }")
        .send()
        .await
        .unwrap();
    assert_eq!(
        response.headers()["content-type"],
        "text/event-stream; charset=utf-8"
    );
    let response = post(&server, accept, "{ __typename }")
        .send()
        .await
        .unwrap();
    assert_eq!(
        response.headers()["content-type"],
        "application/graphql-response+json; charset=utf-8"
    );
}

#[tokio::test]
async fn the_stream_of_a_slow_client_ends_with_an_error() {
    let (server, connection) = live().await;
    let mut stream = stream(&server, "subscription { reviewAdded { excerpt } }").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    for _ in 0..3 {
        run(
            &connection,
            "INSERT INTO review (film_id, excerpt) SELECT 1, repeat('x', 100000) FROM generate_series(1, 700)",
        )
        .await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut last = None;
    while let Some((event, data)) = stream.event().await {
        if event == "complete" {
            break;
        }
        last = Some(data);
    }
    assert_eq!(last.unwrap()["errors"][0]["extensions"]["code"], "TOO_SLOW");
}

#[tokio::test]
async fn event_streams_and_sockets_of_an_address_share_a_limit() {
    let (server, _connection) = live_with(&["--sockets-per-address=1"]).await;
    let document = "subscription { reviewAdded { id } }";
    let first = stream(&server, document).await;
    let response = post(&server, "text/event-stream", document)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 429);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["errors"][0]["extensions"]["code"], "TOO_MANY_SOCKETS");
    // The stream of a query ends at once and frees its slot.
    stream(&server, "{ __typename }").await;
    drop(first);
    // The server detects a closed connection upon the next write, at the latest after the keep-alive of 12 seconds.
    for attempt in 0.. {
        let again = post(&server, "text/event-stream", document).send().await;
        if again.unwrap().status() == 200 {
            break;
        }
        assert!(attempt < 300, "the slot of a closed stream is never freed");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn an_idle_stream_sends_keep_alives() {
    let (server, _connection) = live().await;
    let mut stream = stream(&server, "subscription { reviewAdded { id } }").await;
    let chunk = tokio::time::timeout(Duration::from_secs(20), stream.response.chunk());
    assert_eq!(chunk.await.unwrap().unwrap().unwrap(), ":\n\n");
}

#[tokio::test]
async fn subscriptions_of_a_revoked_token_end_within_twelve_seconds() {
    let (server, connection) = live().await;
    let document = "subscription { reviewAdded { id } }";
    let mut tokens = Vec::new();
    for role in [Role::Editor, Role::Admin] {
        tokens.push(server.database.token(role, None).await);
    }
    let mut sockets = Vec::new();
    let mut streams = Vec::new();
    for token in &tokens {
        let mut socket = Socket::raw(server.address()).await;
        socket
            .send(json!({"type": "connection_init", "payload": {"token": token}}))
            .await;
        assert_eq!(socket.message().await["type"], "connection_ack");
        socket.subscribe("1", document).await;
        sockets.push(socket);
        let post = post(&server, "text/event-stream", document).bearer_auth(token);
        streams.push(Stream {
            response: post.send().await.unwrap(),
            read: String::new(),
        });
    }
    let begin = std::time::Instant::now();
    run(
        &connection,
        "UPDATE api_token SET revoked_at = now() WHERE role = 'editor'",
    )
    .await;
    // Events in between don't postpone the check of the token.
    tokio::time::sleep(Duration::from_secs(6)).await;
    add_review(&connection, 1, 1, 60).await;
    assert_eq!(streams[0].event().await.unwrap().0, "next");
    assert_eq!(sockets[0].message().await["type"], "next");
    assert_eq!(
        sockets[0].close_frame().await,
        (4403, "Forbidden".to_owned())
    );
    let (event, data) = streams[0].event().await.unwrap();
    assert_eq!(event, "next");
    assert_eq!(data["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(streams[0].event().await.unwrap().0, "complete");
    assert!(
        begin.elapsed() < Duration::from_secs(14),
        "{:?}",
        begin.elapsed()
    );
    add_review(&connection, 2, 1, 60).await;
    for _ in 0..2 {
        assert_eq!(streams[1].event().await.unwrap().0, "next");
        assert_eq!(sockets[1].message().await["type"], "next");
    }
}
