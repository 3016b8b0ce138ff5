//! A minimal HTTP server that serves the key set of an identity provider.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::Value;

/// Sends the same response to every request until it is replaced. Its thread runs until the test process exits.
pub struct Provider {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    response: Mutex<String>,
    delay: Mutex<Duration>,
    fetches: AtomicUsize,
}

impl Provider {
    /// Starts a provider that publishes a key set.
    pub fn start(set: &Value) -> Self {
        Self::with_response(key_set_response(set))
    }

    /// Starts a provider that sends these bytes as its response.
    pub fn with_response(response: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            response: Mutex::new(response),
            delay: Mutex::default(),
            fetches: AtomicUsize::new(0),
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                serving.fetches.fetch_add(1, Ordering::SeqCst);
                let mut request = [0; 4096];
                let _ = stream.read(&mut request);
                let delay = *serving.delay.lock().unwrap();
                thread::sleep(delay);
                let response = serving.response.lock().unwrap().clone();
                // The client may have timed out and closed the connection.
                let _ = stream.write_all(response.as_bytes());
            }
        });
        Self { address, shared }
    }

    /// Returns the URL of the key set.
    pub fn url(&self) -> String {
        format!("http://{}/jwks", self.address)
    }

    /// Publishes another key set.
    pub fn publish(&self, set: &Value) {
        *self.shared.response.lock().unwrap() = key_set_response(set);
    }

    /// Delays each response from now on.
    pub fn delay(&self, delay: Duration) {
        *self.shared.delay.lock().unwrap() = delay;
    }

    /// Returns the number of requests so far.
    pub fn fetches(&self) -> usize {
        self.shared.fetches.load(Ordering::SeqCst)
    }
}

fn key_set_response(set: &Value) -> String {
    let body = set.to_string();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/jwk-set+json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}
