//! The edge of the server: how long and how much a client may, whatever it tries, and what every answer has.

mod answers;
mod bodies;
mod connections;
mod headers;
mod heads;
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

/// How long anything may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a client says that has nothing to hide and nothing more to say.
const GOOD: &[u8] = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A connection on which anything can be said, and left unsaid.
struct Raw {
    stream: TcpStream,
}

impl Raw {
    async fn open(server: &TestServer) -> Self {
        let stream = TcpStream::connect(server.address()).await.unwrap();
        Self { stream }
    }

    /// One that takes little that it doesn't read.
    async fn narrow(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4 << 10).unwrap();
        let stream = socket.connect(address).await.unwrap();
        Self { stream }
    }

    async fn say(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// Says a piece again and again, until the server has closed the connection. Gives what the server has said.
    async fn drip(&mut self, piece: &[u8], every: Duration) -> String {
        let begin = Instant::now();
        let mut said = Vec::new();
        let mut buffer = [0; 1 << 10];
        loop {
            assert!(begin.elapsed() < PATIENCE, "it is still listened to");
            // Once the server has closed, what is said comes to nothing.
            let _ = self.stream.write_all(piece).await;
            match timeout(every, self.stream.read(&mut buffer)).await {
                Err(_) => {}
                Ok(Ok(length @ 1..)) => said.extend_from_slice(&buffer[..length]),
                Ok(Ok(0) | Err(_)) => return String::from_utf8(said).unwrap(),
            }
        }
    }

    /// The next answer, which says how long it is.
    async fn answer(&mut self) -> String {
        let mut said = Vec::new();
        let whole = async {
            loop {
                let text = String::from_utf8_lossy(&said).into_owned();
                if let Some((head, body)) = text.split_once("\r\n\r\n") {
                    let length = header(head, "content-length").unwrap_or_default();
                    if body.len() >= length.parse().unwrap_or(0) {
                        return text;
                    }
                }
                let read = self.stream.read_buf(&mut said).await.unwrap();
                assert_ne!(read, 0, "closed after {text:?}");
            }
        };
        timeout(PATIENCE, whole).await.expect("an answer in time")
    }

    /// All that the server says until it closes the connection.
    async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let end = timeout(PATIENCE, self.stream.read_to_end(&mut rest)).await;
        // Whether the connection is closed or broken is all the same here.
        let _ = end.expect("an end in time");
        rest
    }
}

/// A header of an answer.
fn header(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    let (_, value) = lines.find(|(header, _)| header.eq_ignore_ascii_case(name))?;
    Some(value.to_owned())
}

/// The status and the code of an answer that refuses.
fn refusal(answer: &str) -> (u16, String) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let body: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"));
    let code = body["errors"][0]["extensions"]["code"].as_str().unwrap();
    (status, code.to_owned())
}

async fn server(arguments: &[&str]) -> TestServer {
    TestServer::with(TestDatabase::empty().await, arguments)
}

/// A server with so many reviews of a film, each with so long an excerpt.
async fn wordy(reviews: u32, length: u32, arguments: &[&str]) -> TestServer {
    let database = TestDatabase::empty().await;
    let fill = format!(
        "INSERT INTO film (slug, title) VALUES ('lamp', 'Lamp');
         INSERT INTO review (film_id, excerpt) SELECT 1, repeat('x', {length}) FROM generate_series(1, {reviews})"
    );
    let connection = database.connect(1);
    connection.execute_unprepared(&fill).await.unwrap();
    TestServer::with(database, arguments)
}

/// A document that asks for all of it.
const EVERYTHING: &str = "{ reviews(first: 100) { nodes { excerpt } } }";
