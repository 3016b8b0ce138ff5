//! Server-sent events.

mod errors;
mod limits;

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
    let (server, connection) = start().await;
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
    let (server, _connection) = start().await;
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
    let (server, _connection) = start().await;
    let url = server.url("/graphql?query=%7Bfilms%7BtotalCount%7D%7D");
    let get = server
        .client()
        .get(url)
        .header("accept", "text/event-stream");
    let text = get.send().await.unwrap().text().await.unwrap();
    let expected = "event: next\ndata: {\"data\":{\"films\":{\"totalCount\":2}}}\n\nevent: complete\ndata: \n\n";
    assert_eq!(text, expected);
}
