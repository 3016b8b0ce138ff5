//! What clients that are slow on purpose cost the others.
//!
//!     cargo bench --bench slow_clients
//!
//! In one run, against one server: a client asks for a film's page again and again, alone; then beside two thousand connections that say
//! nothing and two hundred that drip a head or a body, a byte at a time; then beside twenty more that ask for large answers and hardly
//! read them. What it prints are figures, not verdicts; 2.0 is what the last column should stay below.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark ends at once when what it rests on isn't there"
)]

mod directory;
mod program;

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use directory::directory;
use program::{in_a_runtime, marquee, serve, stop};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    task::JoinHandle,
    time::sleep,
};

const IDLE: usize = 2_000;
const DRIPPING: usize = 200;
const HARDLY_READING: usize = 20;

/// How many answers a row of the table rests on.
const ANSWERS: usize = 3_000;

/// How often who drips sends a byte, and who hardly reads takes some.
const DRIP: Duration = Duration::from_millis(100);

const PAGE: &str = "{ films(first: 1) { nodes { title releaseDate score { value label scoredCount reviewCount }
    reviews(first: 10) { nodes { score excerpt reviewedOn critic { name } publication { name } } } } } }";

/// Two hundred kilobytes or so.
const LARGE: &str = "{ films(first: 100) { nodes { title synopsis reviews(first: 20) { nodes { id excerpt critic { name } publication { name } } } } } }";

fn main() {
    let directory = directory();
    let data = directory.path().join("data");
    let made = marquee(&data).args(["migrate", "up"]).output();
    assert!(made.unwrap().status.success());
    let size = "--films=1000 --critics=200 --publications=50 --reviews=20000 --seed=42";
    let made = marquee(&data)
        .arg("generate")
        .args(size.split(' '))
        .output();
    assert!(made.unwrap().status.success());
    // All of them come from one address. Nobody is cut off for being slow while it is measured.
    let settings = [
        "--connections-per-address=0",
        "--rate-limit=0",
        "--head-timeout=120",
        "--body-timeout=120",
        "--keep-alive=120",
        "--write-timeout=120",
    ];
    let (server, url) = serve(&data, &settings);
    in_a_runtime(measure(&url));
    stop(server);
}

async fn measure(url: &str) {
    let address = url.trim_start_matches("http://");
    let address: SocketAddr = address.split('/').next().unwrap().parse().unwrap();
    println!(
        "| one client, {ANSWERS} answers one after the other | p50 | p99 | p99 to that alone |"
    );
    println!("|---|---|---|---|");
    asked(url, ANSWERS / 3).await;
    let alone = asked(url, ANSWERS).await;
    report("alone", &alone, &alone);

    let mut idle = Vec::new();
    for _ in 0..IDLE {
        idle.push(TcpStream::connect(address).await.unwrap());
    }
    let mut slow: Vec<_> = (0..DRIPPING).map(|which| drip(address, which)).collect();
    let beside = asked(url, ANSWERS).await;
    let row = format!(
        "beside {IDLE} connections that say nothing, and {DRIPPING} that drip heads and bodies"
    );
    report(&row, &beside, &alone);

    slow.extend((0..HARDLY_READING).map(|_| hardly_read(address)));
    sleep(Duration::from_secs(1)).await;
    let beside = asked(url, ANSWERS).await;
    let row = format!(
        "and beside {HARDLY_READING} that hardly read their answers of {} kB",
        size_of_large(url).await / 1_000
    );
    report(&row, &beside, &alone);
    assert!(
        slow.iter().all(|client| !client.is_finished()),
        "a slow client was cut off while it was measured"
    );
    slow.iter().for_each(JoinHandle::abort);
}

/// Asks again and again. Tells how long each answer took, the quickest first.
async fn asked(url: &str, answers: usize) -> Vec<Duration> {
    let client = reqwest::Client::new();
    let mut took = Vec::with_capacity(answers);
    for _ in 0..answers {
        let began = Instant::now();
        let answer = client.post(url).json(&serde_json::json!({"query": PAGE}));
        let answer = answer.send().await.unwrap().bytes().await.unwrap();
        took.push(began.elapsed());
        assert!(
            answer.starts_with(br#"{"data":{"films":{"nodes":[{"title""#),
            "{answer:?}"
        );
    }
    took.sort_unstable();
    took
}

async fn size_of_large(url: &str) -> usize {
    let client = reqwest::Client::new();
    let answer = client.post(url).json(&serde_json::json!({"query": LARGE}));
    answer.send().await.unwrap().bytes().await.unwrap().len()
}

fn report(row: &str, took: &[Duration], alone: &[Duration]) {
    let at = |took: &[Duration], percent: usize| {
        took[took.len() * percent / 100].as_secs_f64() * 1_000.0
    };
    let (median, slow) = (at(took, 50), at(took, 99));
    println!(
        "| {row} | {median:.2} ms | {slow:.2} ms | {:.1} |",
        slow / at(alone, 99)
    );
}

fn request(query: &str) -> String {
    let body = serde_json::json!({"query": query}).to_string();
    let length = body.len();
    format!(
        "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// A connection that sends a byte now and then: of a head, or of the body behind a whole head.
fn drip(address: SocketAddr, which: usize) -> JoinHandle<()> {
    tokio::spawn(async move {
        let request = request(LARGE);
        let body = request.find("\r\n\r\n").unwrap() + 4;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let sent = if which.is_multiple_of(2) { 0 } else { body };
        stream.write_all(&request.as_bytes()[..sent]).await.unwrap();
        let rest = request.as_bytes()[sent..]
            .iter()
            .take(100)
            .chain(std::iter::repeat(&b' '));
        // The head's last header, and the body, go on for as long as it is measured.
        for byte in rest {
            if stream.write_all(&[*byte]).await.is_err() {
                return;
            }
            sleep(DRIP).await;
        }
    })
}

/// A client that asks for a large answer and takes a kilobyte of it now and then.
fn hardly_read(address: SocketAddr) -> JoinHandle<()> {
    tokio::spawn(async move {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        stream.write_all(request(LARGE).as_bytes()).await.unwrap();
        let mut buffer = [0; 1_024];
        while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {
            sleep(DRIP).await;
        }
    })
}
