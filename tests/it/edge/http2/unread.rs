//! A client that reads nothing of its connection.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::*;

/// A socket that can stop to read.
struct Pausable {
    stream: TcpStream,
    is_paused: Arc<AtomicBool>,
}

impl AsyncRead for Pausable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_paused.load(Ordering::Relaxed) {
            let waker = context.waker().clone();
            tokio::spawn(async move {
                sleep(Duration::from_millis(20)).await;
                waker.wake();
            });
            return Poll::Pending;
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Pausable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[tokio::test]
async fn a_connection_that_is_not_read_is_closed_with_its_event_streams() {
    let server = server_with_reviews(95, 100_000, &["--write-timeout=1"]).await;
    let is_paused = Arc::new(AtomicBool::new(false));
    let stream = TcpStream::connect(server.address()).await.unwrap();
    let stream = Pausable {
        stream,
        is_paused: Arc::clone(&is_paused),
    };
    // The windows of the streams bound nothing.
    let mut builder = client::Builder::new();
    builder
        .initial_window_size((1 << 31) - 1)
        .initial_connection_window_size((1 << 31) - 1);
    let (requests, driver) = builder.handshake(stream).await.unwrap();
    let mut connection = Connection {
        requests,
        driver: tokio::spawn(driver),
    };
    let events = connection.send(SUBSCRIPTION, "text/event-stream").await;
    let (_, _events) = events.response().await;
    is_paused.store(true, Ordering::Relaxed);
    let mut unread = Vec::new();
    for _ in 0..3 {
        unread.push(connection.send(ALL_EXCERPTS, "application/json").await);
    }
    sleep(Duration::from_secs(5)).await;
    is_paused.store(false, Ordering::Relaxed);
    // Without the timeout, the event stream would go on.
    let _ = connection.closed().await;
}
