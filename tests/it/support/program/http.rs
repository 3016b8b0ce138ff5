//! Requests to a server process.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

use serde_json::{Value, json};

use super::{Program, TIMEOUT};

impl Program {
    /// Returns the address that the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.address.unwrap()
    }

    /// Opens a TCP connection to the server.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        stream
    }

    /// Sends a document and returns the data of the response, which must have no errors.
    pub fn query(&self, document: &str) -> Value {
        let mut stream = self.connect();
        stream.write_all(&request(document, "close")).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        data(&response)
    }

    /// Sends a document with a token and returns the body of the response.
    pub fn query_as(&self, token: &str, document: &str) -> Value {
        let body = json!({ "query": document }).to_string();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Authorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        let (_, body) = response.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }

    /// Returns the role of a token, or the message with which the server rejects it.
    pub fn role(&self, token: &str) -> String {
        let response = self.query_as(token, "{ viewer { role } }");
        let role = response["data"]["viewer"]["role"].as_str();
        let error = response["errors"][0]["message"].as_str();
        role.or(error).unwrap().to_owned()
    }

    /// Returns the titles of all films.
    pub fn titles(&self) -> Value {
        self.query("{ films(first: 100) { totalCount nodes { title score { label } } } }")
    }
}

/// Returns the bytes of an HTTP request.
pub fn request(document: &str, connection: &str) -> Vec<u8> {
    let body = json!({ "query": document }).to_string();
    format!(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Returns the data of a complete HTTP response without errors.
pub fn data(response: &str) -> Value {
    let (head, body) = response
        .split_once("\r\n\r\n")
        .unwrap_or_else(|| panic!("not an HTTP response: {response:?}"));
    assert!(head.starts_with("HTTP/1.1 200"), "{response}");
    let mut body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body.get("errors"), None, "{response}");
    body["data"].take()
}
