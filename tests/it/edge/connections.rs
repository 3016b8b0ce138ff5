//! Limits of connections, and the cost of idle ones.

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde_json::json;

use super::*;

/// Opens a connection and sends one request. Returns `None` if the server closes the connection instead.
async fn try_connection(server: &TestServer) -> Option<RawConnection> {
    let mut client = RawConnection::open(server).await;
    // The server may already have closed the connection.
    let _ = client.stream.write_all(VALID_REQUEST).await;
    let mut buffer = [0; 1];
    let peeked = timeout(TIMEOUT, client.stream.peek(&mut buffer)).await;
    let is_open = matches!(
        peeked.expect("a response or the end of the connection before the timeout"),
        Ok(1)
    );
    if is_open {
        assert!(client.response().await.starts_with("HTTP/1.1 200 "));
    }
    is_open.then_some(client)
}

#[tokio::test]
async fn connections_of_an_address_are_bounded() {
    let server = server(&["--connections-per-address=3"]).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(try_connection(&server).await.unwrap());
    }
    for _ in 0..5 {
        assert!(try_connection(&server).await.is_none());
    }
    // The open connections still work, and closing one frees its slot.
    open[2].send(VALID_REQUEST).await;
    assert!(open[2].response().await.starts_with("HTTP/1.1 200 "));
    drop(open.pop());
    let begin = Instant::now();
    while try_connection(&server).await.is_none() {
        assert!(begin.elapsed() < TIMEOUT, "its slot is not free");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn connections_of_an_address_can_be_unbounded() {
    let server = server(&["--connections-per-address=0"]).await;
    let mut open = Vec::new();
    for _ in 0..50 {
        open.push(try_connection(&server).await.unwrap());
    }
}

#[tokio::test]
async fn a_client_over_the_connection_limit_waits_for_a_free_slot() {
    let server = server(&["--max-connections=3", "--keep-alive=2"]).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(try_connection(&server).await.unwrap());
    }
    let begin = Instant::now();
    assert!(try_connection(&server).await.is_some());
    assert!(begin.elapsed() > Duration::from_millis(500));
}

#[tokio::test]
async fn two_thousand_idle_connections_do_not_delay_others() {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, soft.max(hard.min(10_000)), hard).unwrap();
    let arguments = [
        "--connections-per-address=0",
        "--head-timeout=60",
        "--keep-alive=60",
    ];
    let server = server(&arguments).await;
    let mut idle = Vec::new();
    for number in 0..2_000 {
        let mut client = RawConnection::open(&server).await;
        if number % 2 == 0 {
            client.send(b"POST /graphql HTTP/1.1\r\nHost: ").await;
        }
        idle.push(client);
    }
    let mut slowest = Duration::ZERO;
    for _ in 0..100 {
        let begin = Instant::now();
        let response = server
            .send(json!({ "query": "{ films { totalCount } }" }))
            .await;
        assert_eq!(response.status, 200);
        slowest = slowest.max(begin.elapsed());
    }
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    assert_eq!(idle.len(), 2_000);
}
