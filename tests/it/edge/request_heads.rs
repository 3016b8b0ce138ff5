//! Request heads: their timeouts and their size limit.

use super::*;

#[tokio::test]
async fn slow_request_headers_get_408_and_a_closed_connection() {
    let server = server(&["--head-timeout=1"]).await;
    let mut client = RawConnection::open(&server).await;
    let begin = Instant::now();
    client.send(b"GET /health/live HTTP/1.1\r\nX-Drip: ").await;
    let response = client.send_slowly(b"x", Duration::from_millis(200)).await;
    assert!(response.starts_with("HTTP/1.1 408 "), "{response}");
    assert!(begin.elapsed() > Duration::from_millis(900));
}

#[tokio::test]
async fn slow_headers_of_a_later_request_close_the_connection() {
    let server = server(&["--head-timeout=1", "--keep-alive=2"]).await;
    let mut client = RawConnection::open(&server).await;
    client.send(VALID_REQUEST).await;
    assert!(client.response().await.starts_with("HTTP/1.1 200 "));
    let begin = Instant::now();
    client.send(b"GET /health/live HTTP/1.1\r\nX-Drip: ").await;
    let response = client.send_slowly(b"x", Duration::from_millis(200)).await;
    assert_eq!(response, "");
    let elapsed = begin.elapsed();
    assert!(elapsed > Duration::from_secs(2), "{elapsed:?}");
    // A connection whose requests are complete is kept alive beyond the timeouts.
    let mut other = RawConnection::open(&server).await;
    for _ in 0..8 {
        other.send(VALID_REQUEST).await;
        assert!(other.response().await.starts_with("HTTP/1.1 200 "));
        sleep(Duration::from_millis(500)).await;
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed_without_a_response() {
    let server = server(&["--keep-alive=1", "--head-timeout=60"]).await;
    let mut client = RawConnection::open(&server).await;
    client.send(VALID_REQUEST).await;
    assert!(client.response().await.starts_with("HTTP/1.1 200 "));
    let begin = Instant::now();
    assert_eq!(client.read_to_end().await, b"");
    assert!(begin.elapsed() > Duration::from_millis(900));
}

#[tokio::test]
async fn request_headers_over_the_size_limit_are_rejected() {
    let server = server(&[]).await;
    let mut client = RawConnection::open(&server).await;
    client.send(b"GET /health/live HTTP/1.1\r\n").await;
    let response = client
        .send_slowly(&[b'x'; 8 << 10], Duration::from_millis(20))
        .await;
    assert!(response.starts_with("HTTP/1.1 431 "), "{response}");
}
