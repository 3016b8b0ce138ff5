//! The HTTP edge of the server: timeouts, size limits, and the headers of every response.

mod bodies;
mod connections;
mod http2;
mod listen;
mod malformed;
mod request_heads;
mod response_headers;
mod responses;
mod tls;

use std::{net::SocketAddr, time::Duration};

use sea_orm::ConnectionTrait;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{Instant, sleep, timeout},
};

use crate::support::{TestDatabase, TestServer};

/// The timeout of every wait; after it the test fails.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A valid request.
const VALID_REQUEST: &[u8] = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A raw TCP connection, which can send incomplete requests.
struct RawConnection {
    stream: TcpStream,
}

impl RawConnection {
    async fn open(server: &TestServer) -> Self {
        let stream = TcpStream::connect(server.address()).await.unwrap();
        Self { stream }
    }

    /// Opens a connection with a small receive buffer.
    async fn with_small_buffer(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4 << 10).unwrap();
        let stream = socket.connect(address).await.unwrap();
        Self { stream }
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// Sends `piece` repeatedly until the server closes the connection. Returns everything that the server sent.
    async fn send_slowly(&mut self, piece: &[u8], every: Duration) -> String {
        let begin = Instant::now();
        let mut received = Vec::new();
        let mut buffer = [0; 1 << 10];
        loop {
            assert!(begin.elapsed() < TIMEOUT, "the server still reads");
            // Writes fail once the server has closed the connection.
            let _ = self.stream.write_all(piece).await;
            match timeout(every, self.stream.read(&mut buffer)).await {
                Err(_) => {}
                Ok(Ok(length @ 1..)) => received.extend_from_slice(&buffer[..length]),
                Ok(Ok(0) | Err(_)) => return String::from_utf8(received).unwrap(),
            }
        }
    }

    /// Reads one response with a `Content-Length`.
    async fn response(&mut self) -> String {
        let mut received = Vec::new();
        let whole = async {
            loop {
                let text = String::from_utf8_lossy(&received).into_owned();
                if let Some((head, body)) = text.split_once("\r\n\r\n") {
                    let length = header(head, "content-length").unwrap_or_default();
                    if body.len() >= length.parse().unwrap_or(0) {
                        return text;
                    }
                }
                let read = self.stream.read_buf(&mut received).await.unwrap();
                assert_ne!(read, 0, "closed after {text:?}");
            }
        };
        timeout(TIMEOUT, whole)
            .await
            .expect("a response before the timeout")
    }

    /// Reads until the server closes the connection.
    async fn read_to_end(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let end = timeout(TIMEOUT, self.stream.read_to_end(&mut rest)).await;
        // The connection may end with a reset.
        let _ = end.expect("the connection ends before the timeout");
        rest
    }
}

/// Returns a header of a response.
fn header(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    let (_, value) = lines.find(|(header, _)| header.eq_ignore_ascii_case(name))?;
    Some(value.to_owned())
}

/// Returns the status and the code of an error response.
fn error_of(response: &str) -> (u16, String) {
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let body: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{response}"));
    let code = body["errors"][0]["extensions"]["code"].as_str().unwrap();
    (status, code.to_owned())
}

async fn server(arguments: &[&str]) -> TestServer {
    TestServer::with_arguments(TestDatabase::empty().await, arguments)
}

/// Starts a server with this many reviews of a film, each with an excerpt of this length.
async fn server_with_reviews(reviews: u32, length: u32, arguments: &[&str]) -> TestServer {
    let database = TestDatabase::empty().await;
    let fill = format!(
        "INSERT INTO film (slug, title) VALUES ('lamp', 'Lamp');
         INSERT INTO review (film_id, excerpt) SELECT 1, repeat('x', {length}) FROM generate_series(1, {reviews})"
    );
    let connection = database.connect(1);
    connection.execute_unprepared(&fill).await.unwrap();
    TestServer::with_arguments(database, arguments)
}

/// Selects all excerpts.
const ALL_EXCERPTS: &str = "{ reviews(first: 100) { nodes { excerpt } } }";
