//! The impact of deliberately slow clients on other clients.
//!
//!     cargo bench --bench slow_clients
//!
//! A run measures the latency of one client that fetches a film's page repeatedly from one server: alone; then next to
//! 2,000 idle connections and 200 that send a head or a body one byte at a time; then next to 20 more that request
//! large responses and read them slowly. It prints measurements and passes no judgement. The last column should stay
//! below 2.0.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark aborts when a precondition fails"
)]

mod directory;
mod program;

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use directory::directory;
use program::{block_on, marquee, serve, stop};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    task::JoinHandle,
    time::sleep,
};

const IDLE_CONNECTIONS: usize = 2_000;
const SLOW_SENDERS: usize = 200;
const SLOW_READERS: usize = 20;

/// The number of responses for each row of the table.
const RESPONSES: usize = 3_000;

/// The interval at which slow senders send a byte and slow readers read some.
const BYTE_INTERVAL: Duration = Duration::from_millis(100);

const PAGE: &str = "{ films(first: 1) { nodes { title releaseDate score { value label scoredCount reviewCount }
    reviews(first: 10) { nodes { score excerpt reviewedOn critic { name } publication { name } } } } } }";

/// A query with a response of about 200 kB.
const LARGE: &str = "{ films(first: 100) { nodes { title synopsis reviews(first: 20) { nodes { id excerpt critic { name } publication { name } } } } } }";

fn main() {
    let directory = directory();
    let data = directory.path().join("data");
    let output = marquee(&data).args(["migrate", "up"]).output();
    assert!(output.unwrap().status.success());
    let size = "--films=1000 --critics=200 --publications=50 --reviews=20000 --seed=42";
    let output = marquee(&data)
        .arg("generate")
        .args(size.split(' '))
        .output();
    assert!(output.unwrap().status.success());
    // All clients share one address, and no slow client may be disconnected during the measurement.
    let settings = [
        "--connections-per-address=0",
        "--rate-limit=0",
        "--head-timeout=120",
        "--body-timeout=120",
        "--keep-alive=120",
        "--write-timeout=120",
    ];
    let (server, url) = serve(&data, &settings);
    block_on(measure(&url));
    stop(server);
}

async fn measure(url: &str) {
    let address = url.trim_start_matches("http://");
    let address: SocketAddr = address.split('/').next().unwrap().parse().unwrap();
    println!(
        "| one client, {RESPONSES} sequential responses | p50 | p99 | p99 relative to alone |"
    );
    println!("|---|---|---|---|");
    measure_latencies(url, RESPONSES / 3).await;
    let alone = measure_latencies(url, RESPONSES).await;
    report("alone", &alone, &alone);

    let mut idle = Vec::new();
    for _ in 0..IDLE_CONNECTIONS {
        idle.push(TcpStream::connect(address).await.unwrap());
    }
    let mut slow: Vec<_> = (0..SLOW_SENDERS)
        .map(|index| send_slowly(address, index))
        .collect();
    let latencies = measure_latencies(url, RESPONSES).await;
    let row = format!(
        "next to {IDLE_CONNECTIONS} idle connections, and {SLOW_SENDERS} that send heads and bodies slowly"
    );
    report(&row, &latencies, &alone);

    slow.extend((0..SLOW_READERS).map(|_| read_slowly(address)));
    sleep(Duration::from_secs(1)).await;
    let latencies = measure_latencies(url, RESPONSES).await;
    let row = format!(
        "and next to {SLOW_READERS} that slowly read their responses of {} kB",
        size_of_large(url).await / 1_000
    );
    report(&row, &latencies, &alone);
    assert!(
        slow.iter().all(|client| !client.is_finished()),
        "a slow client was disconnected during the measurement"
    );
    slow.iter().for_each(JoinHandle::abort);
}

/// Sends requests sequentially. Returns the latencies, shortest first.
async fn measure_latencies(url: &str, responses: usize) -> Vec<Duration> {
    let client = reqwest::Client::new();
    let mut latencies = Vec::with_capacity(responses);
    for _ in 0..responses {
        let start = Instant::now();
        let request = client.post(url).json(&serde_json::json!({"query": PAGE}));
        let response = request.send().await.unwrap().bytes().await.unwrap();
        latencies.push(start.elapsed());
        assert!(
            response.starts_with(br#"{"data":{"films":{"nodes":[{"title""#),
            "{response:?}"
        );
    }
    latencies.sort_unstable();
    latencies
}

async fn size_of_large(url: &str) -> usize {
    let client = reqwest::Client::new();
    let request = client.post(url).json(&serde_json::json!({"query": LARGE}));
    request.send().await.unwrap().bytes().await.unwrap().len()
}

fn report(row: &str, latencies: &[Duration], alone: &[Duration]) {
    let percentile = |latencies: &[Duration], percent: usize| {
        latencies[latencies.len() * percent / 100].as_secs_f64() * 1_000.0
    };
    let (median, slow) = (percentile(latencies, 50), percentile(latencies, 99));
    println!(
        "| {row} | {median:.2} ms | {slow:.2} ms | {:.1} |",
        slow / percentile(alone, 99)
    );
}

fn request(query: &str) -> String {
    let body = serde_json::json!({"query": query}).to_string();
    let length = body.len();
    format!(
        "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// Opens a connection that sends a byte at intervals: of a head, or of the body after a complete head.
fn send_slowly(address: SocketAddr, index: usize) -> JoinHandle<()> {
    tokio::spawn(async move {
        let request = request(LARGE);
        let body = request.find("\r\n\r\n").unwrap() + 4;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let sent = if index.is_multiple_of(2) { 0 } else { body };
        stream.write_all(&request.as_bytes()[..sent]).await.unwrap();
        let remaining_bytes = request.as_bytes()[sent..]
            .iter()
            .take(100)
            .chain(std::iter::repeat(&b' '));
        // The last header of the head, or the body, continues until the measurement ends.
        for byte in remaining_bytes {
            if stream.write_all(&[*byte]).await.is_err() {
                return;
            }
            sleep(BYTE_INTERVAL).await;
        }
    })
}

/// Opens a connection that requests a large response and reads a kilobyte of it at intervals.
fn read_slowly(address: SocketAddr) -> JoinHandle<()> {
    tokio::spawn(async move {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        stream.write_all(request(LARGE).as_bytes()).await.unwrap();
        let mut buffer = [0; 1_024];
        while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {
            sleep(BYTE_INTERVAL).await;
        }
    })
}
