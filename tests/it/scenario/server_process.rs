//! A server process, and the mutations that the test sends to it.

use std::{
    io::{Read, Write},
    net::SocketAddr,
};

use serde_json::{Value, json};

use super::FILM;
use crate::support::{
    TestDatabase,
    program::{Program, marquee, url},
};

/// A server process.
pub struct ServerProcess {
    program: Program,
    client: reqwest::Client,
}

impl ServerProcess {
    pub fn start(database: &TestDatabase) -> Self {
        let program = Program::ready(marquee(&[
            "serve",
            "--listen=127.0.0.1:0",
            "--workers=1",
            "--database-url",
            &url(&database.options()),
        ]));
        let client = reqwest::Client::new();
        Self { program, client }
    }

    pub fn address(&self) -> SocketAddr {
        self.program.address()
    }

    /// Sends a mutation and returns the body of the response.
    pub async fn send(&self, token: &str, document: &str, input: &Value) -> Value {
        let sending = self
            .client
            .post(format!("http://{}/graphql", self.address()))
            .bearer_auth(token)
            .json(&json!({ "query": document, "variables": { "input": input } }))
            .send();
        sending.await.unwrap().json().await.unwrap()
    }

    /// Sends a mutation that must succeed, and returns its payload.
    pub async fn expect_success(&self, token: &str, document: &str, input: &Value) -> Value {
        let body = self.send(token, document, input).await;
        let payload = payload(&body);
        assert_eq!(payload["userErrors"], json!([]), "{body}");
        payload
    }

    /// Sends a mutation that must be rejected with one code, and returns its payload.
    pub async fn expect_rejection(
        &self,
        token: &str,
        document: &str,
        input: &Value,
        code: &str,
    ) -> Value {
        let body = self.send(token, document, input).await;
        let payload = payload(&body);
        assert_eq!(payload["userErrors"], json!([{ "code": code }]), "{body}");
        payload
    }

    /// Sends `part` percent of a request and closes the connection. If `reads_response` is set, reads the response
    /// before.
    pub fn cut_off(&self, token: &str, input: &Value, part: usize, reads_response: bool) {
        let body = json!({ "query": ADD, "variables": { "input": input } }).to_string();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}\r\n\
             Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = self.program.connect();
        let bytes = &request.as_bytes()[..request.len() * part / 100];
        stream.write_all(bytes).unwrap();
        if reads_response {
            let mut response = String::new();
            stream.read_to_string(&mut response).unwrap();
            assert!(response.starts_with("HTTP/1.1 200"), "{response}");
        }
    }

    /// Returns the film as this server shows it.
    pub async fn film(&self, film: &str) -> Value {
        let document = format!("query($input: ID!) {{ film(by: {{id: $input}}) {{ {FILM} }} }}");
        let sending = self
            .client
            .post(format!("http://{}/graphql", self.address()))
            .json(&json!({ "query": document, "variables": { "input": film } }))
            .send();
        let body: Value = sending.await.unwrap().json().await.unwrap();
        body["data"]["film"].clone()
    }
}

pub const ADD: &str = "mutation($input: AddReviewInput!) {
    addReview(input: $input) { review { id version score } film { score { reviewCount } } userErrors { code } }
}";

/// Returns the payload of a response's only mutation.
pub fn payload(body: &Value) -> Value {
    assert_eq!(body.get("errors"), None, "{body}");
    let mut payloads = body["data"].as_object().unwrap().values();
    payloads.next().unwrap().clone()
}
