//! A server for each test.

use std::{
    net::SocketAddr,
    sync::{Arc, mpsc},
    thread::JoinHandle,
};

use clap::Parser;
use marquee::{
    config::{Cli, ServeArgs},
    http::{Handle, Server},
};
use sea_orm::sqlx::postgres::PgConnectOptions;
use serde_json::{Value, json};

use super::TestDatabase;

/// A server on a free port, with a database of its own; stopped with the test.
#[derive(Debug)]
pub struct TestServer {
    pub database: Arc<TestDatabase>,
    address: SocketAddr,
    handle: Handle,
    thread: Option<JoinHandle<()>>,
    client: reqwest::Client,
}

/// An answer to a GraphQL request.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    /// The SQL statements that it cost, and how many of them had to wait for one another.
    pub cost: Option<(u32, u32)>,
}

impl TestServer {
    /// Over a database with every table and no rows.
    pub async fn empty() -> Self {
        Self::over(TestDatabase::empty().await)
    }

    /// Over the demo catalogue.
    pub async fn demo() -> Self {
        Self::over(TestDatabase::demo().await)
    }

    /// Over a database.
    pub fn over(database: TestDatabase) -> Self {
        Self::with(database, &[])
    }

    /// Over a database, with more arguments.
    pub fn with(database: TestDatabase, more: &[&str]) -> Self {
        let options = database.serving_options();
        Self::start(Arc::new(database), options, more)
    }

    /// Over a database that is reached by another way.
    pub fn by(database: TestDatabase, options: PgConnectOptions) -> Self {
        Self::start(Arc::new(database), options, &[])
    }

    /// Another one over the same database.
    pub fn beside(other: &Self) -> Self {
        let options = other.database.serving_options();
        Self::start(Arc::clone(&other.database), options, &[])
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
                let server = Server::bind(&args, &options).unwrap();
                sender.send((server.address(), server.handle())).unwrap();
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

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// By which to stop it.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Its address with a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The client that the tests use.
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Sends a document and gives the data of its answer, which must have no errors.
    pub async fn query(&self, document: &str) -> Value {
        let mut answer = self.send(json!({ "query": document })).await;
        assert_eq!(answer.body.get("errors"), None, "{document}");
        answer.body["data"].take()
    }

    /// Sends a document and gives the code of the first error of its answer.
    pub async fn refusal(&self, document: &str) -> String {
        let answer = self.send(json!({ "query": document })).await;
        let code = &answer.body["errors"][0]["extensions"]["code"];
        code.as_str()
            .unwrap_or_else(|| panic!("no error with a code: {}", answer.body))
            .to_owned()
    }

    /// Sends a document and gives what it cost: SQL statements and round trips. The answer must have no errors.
    pub async fn cost(&self, document: &str) -> (u32, u32) {
        let answer = self.send(json!({ "query": document })).await;
        assert_eq!(answer.body.get("errors"), None, "{document}");
        answer.cost.unwrap()
    }

    /// Sends a request.
    pub async fn send(&self, request: Value) -> Answer {
        self.send_with(&[], request).await
    }

    /// Sends a request with a token.
    pub async fn send_as(&self, token: &str, request: Value) -> Answer {
        let authorization = format!("Bearer {token}");
        self.send_with(&[("authorization", &authorization)], request)
            .await
    }

    /// Sends a request with further headers.
    pub async fn send_with(&self, headers: &[(&str, &str)], request: Value) -> Answer {
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
        Answer {
            cost: timing.map(cost_of),
            status: response.status().as_u16(),
            body: response.json().await.unwrap(),
        }
    }
}

/// `sql;desc="4 statements in 3 round trips"`
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
