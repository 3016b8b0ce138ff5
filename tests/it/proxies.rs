//! Real reverse proxies in front of the server, with the settings of the documentation.

mod haproxy;
mod nginx;
mod varnish;

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{self, Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    thread,
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    client_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::support::{TestServer, root};

/// The timeout of every wait; after it the test fails.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A film of the demo catalogue.
const SLUG: &str = "the-lighthouse-tax-2019";

/// A running proxy. Dropping it stops it.
#[derive(Debug)]
struct Proxy {
    address: SocketAddr,
    child: Child,
    client: reqwest::Client,
    /// The settings and the files of the proxy.
    directory: TempDir,
}

impl Proxy {
    /// Starts a proxy and waits until it accepts connections. `command` gets its directory and its address.
    async fn start(command: impl FnOnce(&Path, SocketAddr) -> Command) -> Self {
        let directory = tempfile::tempdir().unwrap();
        // A proxy that is started by root becomes another user.
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let address = free_address();
        let log = fs::File::create(directory.path().join("log")).unwrap();
        let child = command(directory.path(), address)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("the proxy is installed; `make test` installs it");
        let mut proxy = Self {
            address,
            child,
            client: reqwest::Client::new(),
            directory,
        };
        let deadline = Instant::now() + TIMEOUT;
        while TcpStream::connect(address).await.is_err() {
            let has_ended = proxy.child.try_wait().unwrap().is_some();
            assert!(!has_ended && Instant::now() < deadline, "{}", proxy.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        proxy
    }

    fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap()
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sends a document by POST and returns the data of the response.
    async fn query(&self, path: &str, document: &str) -> Value {
        let request = self.client.post(self.url(path));
        let response = request.json(&json!({ "query": document })).send().await;
        let text = response.unwrap().text().await.unwrap();
        let Ok(mut response) = serde_json::from_str::<Value>(&text) else {
            panic!("{text}\n{}", self.log());
        };
        assert_eq!(response.get("errors"), None, "{document}");
        response["data"].take()
    }

    /// Receives an event over a WebSocket, as a page of this proxy's origin does.
    async fn receive_by_socket(&self, path: &str, subscription: &str) {
        let url = format!("ws://{}{path}", self.address);
        let mut request = url.into_client_request().unwrap();
        let origin = HeaderValue::from_str(&self.url("")).unwrap();
        request.headers_mut().insert("origin", origin);
        let protocol = HeaderValue::from_static("graphql-transport-ws");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut socket, _) = client_async(request, stream).await.unwrap();
        let subscribe =
            json!({"id": "1", "type": "subscribe", "payload": { "query": subscription }});
        let init = Message::text(json!({"type": "connection_init"}).to_string());
        socket.send(init).await.unwrap();
        let mut received = Vec::new();
        // A client that subscribes before the acknowledgement is unauthorized.
        received.extend(socket.next().await);
        let subscribe = Message::text(subscribe.to_string());
        socket.send(subscribe).await.unwrap();
        while let Some(message) = socket.next().await {
            let is_review = |message: &Message| {
                message
                    .to_text()
                    .is_ok_and(|text| text.contains("\"score\":71"))
            };
            if message.as_ref().is_ok_and(is_review) {
                return;
            }
            received.push(message);
        }
        panic!("the socket was closed: {received:?}\n{}", self.log());
    }

    /// Receives an event as a server-sent event.
    async fn receive_by_stream(&self, path: &str, subscription: &str) {
        let request = self
            .client
            .post(self.url(path))
            .header("accept", "text/event-stream")
            .json(&json!({ "query": subscription }));
        let mut stream = request.send().await.unwrap();
        assert_eq!(stream.status(), 200);
        let mut text = String::new();
        while !text.contains("\"score\":71") {
            let chunk = stream.chunk().await.unwrap().expect("the stream is open");
            text += &String::from_utf8_lossy(&chunk);
        }
    }

    /// Asserts that queries, WebSockets and event streams work at a path.
    async fn assert_serves_all_transports(&self, server: &TestServer, path: &str) {
        let document = format!("{{ film(by: {{slug: \"{SLUG}\"}}) {{ id title }} }}");
        let expected = server.query(&document).await;
        assert_eq!(self.query(path, &document).await, expected);
        let film = expected["film"]["id"].as_str().unwrap();
        let subscription = format!("subscription {{ reviewAdded(film: \"{film}\") {{ score }} }}");
        let receiving = async {
            tokio::join!(
                self.receive_by_socket(path, &subscription),
                self.receive_by_stream(path, &subscription)
            );
        };
        let received = tokio::select! {
            received = timeout(TIMEOUT, receiving) => received,
            () = add_reviews(server) => unreachable!("reviews are added forever"),
        };
        received.expect("both subscriptions receive a review");
    }
}

impl Drop for Proxy {
    /// Asks the proxy to end, because a killed one leaves its workers.
    fn drop(&mut self) {
        let pid = Pid::from_raw(self.child.id().cast_signed());
        let _ = kill(pid, Signal::SIGTERM);
        let deadline = Instant::now() + TIMEOUT;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(10));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Returns an address for a proxy, which can't say which free port it has chosen. The port is below those that systems
/// choose for others meanwhile.
pub fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let begin = process::id() % 10_000;
    loop {
        let number = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(20_000 + (begin + number) % 10_000).unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// Adds reviews to the film until the future is dropped.
async fn add_reviews(server: &TestServer) {
    loop {
        let sql = format!(
            "INSERT INTO review (film_id, score, score_rule) SELECT id, 71, 'given' FROM film WHERE slug = '{SLUG}'"
        );
        server.database.execute(&sql).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Returns the only block of a language in a file of the documentation.
fn documented(file: &str, language: &str) -> String {
    let text = fs::read_to_string(root().join(file)).unwrap();
    let begin = format!("```{language}\n");
    let mut blocks = text.split(&begin).skip(1);
    let block = blocks.next().and_then(|rest| rest.split("```\n").next());
    assert_eq!(blocks.next(), None, "{file} has two blocks of {language}");
    block.unwrap().to_owned()
}

/// Replaces a text that occurs once.
fn replaced(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from}");
    text.replace(from, to)
}

/// Returns the path of a program that is installed for administrators.
fn program(name: &str) -> String {
    let path = format!("/usr/sbin/{name}");
    if Path::new(&path).exists() {
        path
    } else {
        name.to_owned()
    }
}
