//! Metrics of WebSockets and event streams.

use serde_json::json;

use super::{equals, scrape_until};
use crate::{
    observability::exposition::Exposition,
    support::{TestServer, socket::Socket},
};

/// Starts a query, an invalid operation and a subscription over a WebSocket.
async fn use_socket(server: &TestServer) -> Socket {
    let mut socket = Socket::open(server.address()).await;
    socket.start("query", "query OnSocket { __typename }").await;
    socket.next("query").await;
    assert_eq!(socket.message().await["type"], "complete");
    socket.start("wrong", "{ nothing }").await;
    assert_eq!(socket.message().await["type"], "error");
    socket
        .start("live", "subscription { reviewAdded { id } }")
        .await;
    socket
}

#[tokio::test]
async fn open_sockets_and_their_subscriptions_are_counted() {
    let server = TestServer::demo().await;
    let socket = use_socket(&server).await;
    let streamed = server
        .client()
        .post(server.url("/graphql"))
        .header("accept", "text/event-stream")
        .json(&json!({ "query": "subscription { reviewAdded { id } }" }))
        .send()
        .await
        .unwrap();
    let open = |transport: &'static str| {
        move |exposition: &Exposition| {
            exposition.value("marquee_open_streams", &[("transport", transport)])
        }
    };
    let subscriptions = |exposition: &Exposition| exposition.value("marquee_subscriptions", &[]);
    let exposition = scrape_until(&server, |exposition| equals(subscriptions(exposition), 2)).await;
    for transport in ["websocket", "event_stream"] {
        assert!(equals(open(transport)(&exposition), 1), "{exposition:?}");
    }
    socket.abort();
    drop(streamed);
    let exposition = scrape_until(&server, |exposition| equals(subscriptions(exposition), 0)).await;
    assert!(
        equals(open("event_stream")(&exposition), 0),
        "{exposition:?}"
    );
    scrape_until(&server, |exposition| {
        equals(open("websocket")(exposition), 0)
    })
    .await;
    for (transport, kind, outcome) in [
        ("websocket", "query", "ok"),
        ("websocket", "unknown", "refused"),
        ("websocket", "subscription", "ok"),
        ("event_stream", "subscription", "ok"),
    ] {
        let labels = [
            ("transport", transport),
            ("operation_type", kind),
            ("outcome", outcome),
        ];
        let requests = exposition.value("marquee_requests_total", &labels);
        assert!(equals(requests, 1), "{labels:?} {exposition:?}");
    }
    let invalid = [("code", "VALIDATION_FAILED")];
    assert!(
        equals(exposition.value("marquee_refusals_total", &invalid), 1),
        "{exposition:?}"
    );
}
