//! Heads of requests, and connections without any.

use super::*;

#[tokio::test]
async fn a_head_that_drips_is_answered_with_408_and_its_connection_closed() {
    let server = server(&["--head-timeout=1"]).await;
    let mut client = Raw::open(&server).await;
    let begin = Instant::now();
    client.say(b"GET /health/live HTTP/1.1\r\nX-Drip: ").await;
    let said = client.drip(b"x", Duration::from_millis(200)).await;
    assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
    assert!(begin.elapsed() > Duration::from_millis(900));
}

#[tokio::test]
async fn a_later_head_of_a_connection_may_not_drip_either() {
    let server = server(&["--head-timeout=1", "--keep-alive=2"]).await;
    let mut client = Raw::open(&server).await;
    client.say(GOOD).await;
    assert!(client.answer().await.starts_with("HTTP/1.1 200 "));
    let begin = Instant::now();
    client.say(b"GET /health/live HTTP/1.1\r\nX-Drip: ").await;
    let said = client.drip(b"x", Duration::from_millis(200)).await;
    assert_eq!(said, "");
    let took = begin.elapsed();
    assert!(took > Duration::from_secs(2), "{took:?}");
    // Another one is served, as often as it likes.
    let mut other = Raw::open(&server).await;
    for _ in 0..8 {
        other.say(GOOD).await;
        assert!(other.answer().await.starts_with("HTTP/1.1 200 "));
        sleep(Duration::from_millis(500)).await;
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed_without_a_word() {
    let server = server(&["--keep-alive=1", "--head-timeout=60"]).await;
    let mut client = Raw::open(&server).await;
    client.say(GOOD).await;
    assert!(client.answer().await.starts_with("HTTP/1.1 200 "));
    let begin = Instant::now();
    assert_eq!(client.rest().await, b"");
    assert!(begin.elapsed() > Duration::from_millis(900));
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let server = server(&[]).await;
    let mut client = Raw::open(&server).await;
    client.say(b"GET /health/live HTTP/1.1\r\n").await;
    let said = client
        .drip(&[b'x'; 8 << 10], Duration::from_millis(20))
        .await;
    assert!(said.starts_with("HTTP/1.1 431 "), "{said}");
}
