//! Clients that don't read.

use std::time::Instant;

use tokio::io::AsyncReadExt;

use super::*;

/// SQL for an excerpt that makes an event of 100 kilobytes.
const LONG: &str = "repeat('x', 100000)";

#[tokio::test]
async fn a_slow_client_is_closed_with_4290_without_delaying_others() {
    let (server, connection) = start().await;
    let mut slow = Socket::open(server.address()).await;
    let mut quick = Socket::open(server.address()).await;
    slow.subscribe("1", "subscription { reviewAdded { excerpt } }")
        .await;
    quick
        .subscribe("1", "subscription { reviewAdded { id } }")
        .await;
    // More events than fit into the socket's buffers and the queue.
    for _ in 0..3 {
        run(
            &connection,
            &format!("INSERT INTO review (film_id, excerpt) SELECT 1, {LONG} FROM generate_series(1, 700)"),
        )
        .await;
        for _ in 0..700 {
            quick.next("1").await;
        }
    }
    let (code, reason) = slow.close_frame().await;
    assert_eq!((code, &*reason), (4290, "Too slow: events were lost"));
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_disconnected_in_bounded_time() {
    let (server, connection) = start_with(&["--sockets-per-address=2"]).await;
    let mut stuck = Socket::open(server.address()).await;
    stuck
        .subscribe("1", "subscription { reviewAdded { excerpt } }")
        .await;
    let begin = Instant::now();
    run(
        &connection,
        &format!(
            "INSERT INTO review (film_id, excerpt) SELECT 1, {LONG} FROM generate_series(1, 900)"
        ),
    )
    .await;
    let mut other = Socket::open(server.address()).await;
    // Disconnecting it frees its slot, although it never reads.
    let protocol = [("sec-websocket-protocol", "graphql-transport-ws")];
    while Socket::handshake(server.address(), &protocol)
        .await
        .is_err()
    {
        assert!(
            begin.elapsed() < Duration::from_secs(20),
            "the client is still connected"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(
        begin.elapsed() > Duration::from_secs(8),
        "{:?}",
        begin.elapsed()
    );
    other.start("1", "{ __typename }").await;
    other.next("1").await;
    // It can only read what was in flight; the connection ends without a Close frame.
    let mut rest = Vec::new();
    let _ = stuck.into_connection().read_to_end(&mut rest).await;
    assert!(rest.len() < 90_000_000, "{} bytes", rest.len());
}
