//! Connections: how many, and how little those that do nothing cost the others.

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde_json::json;

use super::*;

/// A connection that was answered once, and so is there.
async fn answered(server: &TestServer) -> Option<Raw> {
    let mut client = Raw::open(server).await;
    // The server may have closed it already.
    let _ = client.stream.write_all(GOOD).await;
    let mut buffer = [0; 1];
    let peeked = timeout(PATIENCE, client.stream.peek(&mut buffer)).await;
    let is_there = matches!(peeked.expect("an answer or an end in time"), Ok(1));
    if is_there {
        assert!(client.answer().await.starts_with("HTTP/1.1 200 "));
    }
    is_there.then_some(client)
}

#[tokio::test]
async fn an_address_has_no_more_connections_than_it_may() {
    let server = server(&["--connections-per-address=3"]).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(answered(&server).await.unwrap());
    }
    for _ in 0..5 {
        assert!(answered(&server).await.is_none());
    }
    // Those that are there go on, and the place of one that goes is free.
    open[2].say(GOOD).await;
    assert!(open[2].answer().await.starts_with("HTTP/1.1 200 "));
    drop(open.pop());
    let begin = Instant::now();
    while answered(&server).await.is_none() {
        assert!(begin.elapsed() < PATIENCE, "its place is not free");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_address_may_have_any_number_of_connections_if_it_is_told_so() {
    let server = server(&["--connections-per-address=0"]).await;
    let mut open = Vec::new();
    for _ in 0..50 {
        open.push(answered(&server).await.unwrap());
    }
}

#[tokio::test]
async fn who_comes_when_all_connections_are_taken_waits_until_one_is_free() {
    let server = server(&["--max-connections=3", "--keep-alive=2"]).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(answered(&server).await.unwrap());
    }
    let begin = Instant::now();
    assert!(answered(&server).await.is_some());
    assert!(begin.elapsed() > Duration::from_millis(500));
}

#[tokio::test]
async fn two_thousand_idle_connections_hold_nobody_up() {
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
        let mut client = Raw::open(&server).await;
        if number % 2 == 0 {
            client.say(b"POST /graphql HTTP/1.1\r\nHost: ").await;
        }
        idle.push(client);
    }
    let mut slowest = Duration::ZERO;
    for _ in 0..100 {
        let begin = Instant::now();
        let answer = server
            .send(json!({ "query": "{ films { totalCount } }" }))
            .await;
        assert_eq!(answer.status, 200);
        slowest = slowest.max(begin.elapsed());
    }
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    assert_eq!(idle.len(), 2_000);
}
