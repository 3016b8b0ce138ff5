//! An in-process server for each test.

use std::{
    net::SocketAddr,
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Duration,
};

use clap::Parser;
use marquee::{
    config::{Cli, serve::ServeArgs},
    http::{Handle, Server},
};
use sea_orm::sqlx::postgres::PgConnectOptions;
use serde_json::{Value, json};

use super::{TestDatabase, eventually};

/// A server on a free port with its own database. Dropping it stops the server.
#[derive(Debug)]
pub struct TestServer {
    pub database: Arc<TestDatabase>,
    address: SocketAddr,
    handle: Handle,
    thread: Option<JoinHandle<()>>,
    client: reqwest::Client,
}

/// A response to a GraphQL request.
#[derive(Debug)]
pub struct TestResponse {
    pub status: u16,
    pub body: Value,
    /// The number of SQL statements and of sequential round trips that the `Server-Timing` header reports.
    pub cost: Option<(u32, u32)>,
}

impl TestServer {
    /// Starts a server on a database with every table and no rows.
    pub async fn empty() -> Self {
        Self::with_database(TestDatabase::empty().await)
    }

    /// Starts a server on the demo catalogue.
    pub async fn demo() -> Self {
        Self::with_database(TestDatabase::demo().await)
    }

    /// Starts a server on a database.
    pub fn with_database(database: TestDatabase) -> Self {
        Self::with_arguments(database, &[])
    }

    /// Starts a server on a database with additional arguments.
    pub fn with_arguments(database: TestDatabase, more: &[&str]) -> Self {
        let options = database.serving_options();
        Self::start(Arc::new(database), options, more)
    }

    /// Starts a server that connects to a database with other options.
    pub fn with_options(database: TestDatabase, options: PgConnectOptions) -> Self {
        Self::start(Arc::new(database), options, &[])
    }

    /// Starts another server on the same database.
    pub fn sharing_database(other: &Self) -> Self {
        Self::sharing_database_with(other, &[])
    }

    /// Starts another server on the same database with additional arguments.
    pub fn sharing_database_with(other: &Self, more: &[&str]) -> Self {
        let options = other.database.serving_options();
        Self::start(Arc::clone(&other.database), options, more)
    }

    fn start(database: Arc<TestDatabase>, options: PgConnectOptions, more: &[&str]) -> Self {
        let arguments = [
            "marquee",
            "--listen=127.0.0.1:0",
            "--workers=1",
            "--server-timing",
        ];
        let arguments = arguments.iter().chain(more);
        let args: ServeArgs = Cli::try_parse_from(arguments).unwrap().serve;
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = Server::bind(&args, &options).await.unwrap();
                sender
                    .send((server.addresses()[0], server.handle()))
                    .unwrap();
                server.run().await.unwrap();
            });
        });
        let (address, handle) = receiver.recv().unwrap();
        Self {
            database,
            address,
            handle,
            thread: Some(thread),
            client: reqwest::Client::new(),
        }
    }

    /// Returns the address that the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the handle that stops the server.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Returns the URL of a path on the server.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns the HTTP client of the test.
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Sends a document and returns the data of the response, which must have no errors.
    pub async fn query(&self, document: &str) -> Value {
        let mut response = self.send(json!({ "query": document })).await;
        assert_eq!(response.body.get("errors"), None, "{document}");
        response.body["data"].take()
    }

    /// Sends a document and returns the code of the first error of the response.
    pub async fn error_code(&self, document: &str) -> String {
        let response = self.send(json!({ "query": document })).await;
        let code = &response.body["errors"][0]["extensions"]["code"];
        code.as_str()
            .unwrap_or_else(|| panic!("no error with a code: {}", response.body))
            .to_owned()
    }

    /// Invalidates everything that the server has cached.
    pub async fn clear_caches(&self) {
        let notify = async || {
            let everything = "SELECT pg_notify('marquee_stale', '*')";
            self.database.execute(everything).await;
        };
        // Retried, since the server may not LISTEN yet.
        for _ in 0..50 {
            let before = self.notification_count().await;
            notify().await;
            for _ in 0..10 {
                if self.notification_count().await > before {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        panic!("the server does not receive notifications");
    }

    /// Makes a change and waits until the server has received its notification.
    pub async fn after_notification<F: Future<Output = ()>>(&self, change: impl FnOnce() -> F) {
        let before = self.notification_count().await;
        change().await;
        self.wait_for_notification(before).await;
    }

    /// Waits until the server has received more than `before` notifications.
    pub async fn wait_for_notification(&self, before: u64) {
        let is_received = async || self.notification_count().await > before;
        eventually("the server has received the notification", is_received).await;
    }

    /// Returns the number of change notifications that the server has received.
    pub async fn notification_count(&self) -> u64 {
        self.metric("marquee_changes_heard_total").await
    }

    /// Returns the value of a metric without labels.
    pub async fn metric(&self, name: &str) -> u64 {
        let response = self.client.get(self.url("/metrics")).send().await.unwrap();
        let metrics = response.text().await.unwrap();
        let line = metrics.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().trim().parse().unwrap()
    }

    /// Returns the number of SQL statements and round trips of a document with empty caches. The response must have no
    /// errors.
    pub async fn cost(&self, document: &str) -> (u32, u32) {
        self.clear_caches().await;
        let response = self.send(json!({ "query": document })).await;
        assert_eq!(response.body.get("errors"), None, "{document}");
        response.cost.unwrap()
    }

    /// Sends a GraphQL request.
    pub async fn send(&self, request: Value) -> TestResponse {
        self.send_with(&[], request).await
    }

    /// Sends a GraphQL request with a token.
    pub async fn send_as(&self, token: &str, request: Value) -> TestResponse {
        let authorization = format!("Bearer {token}");
        self.send_with(&[("authorization", &authorization)], request)
            .await
    }

    /// Sends a GraphQL request with additional headers.
    pub async fn send_with(&self, headers: &[(&str, &str)], request: Value) -> TestResponse {
        let mut sending = self
            .client
            .post(self.url("/graphql"))
            .header("accept", "application/graphql-response+json")
            .json(&request);
        for (name, value) in headers {
            sending = sending.header(*name, *value);
        }
        let response = sending.send().await.unwrap();
        let timing = response
            .headers()
            .get("server-timing")
            .map(|value| value.to_str().unwrap());
        TestResponse {
            cost: timing.map(cost_of),
            status: response.status().as_u16(),
            body: response.json().await.unwrap(),
        }
    }
}

/// Parses `sql;desc="4 statements in 3 round trips"`.
fn cost_of(timing: &str) -> (u32, u32) {
    let mut numbers = timing
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

impl Drop for TestServer {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
