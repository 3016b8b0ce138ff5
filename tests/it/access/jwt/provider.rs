//! An identity provider's key set over HTTP, as far as a test needs it.

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

/// Answers every request with the same bytes, until they are exchanged. Its thread ends with the tests.
pub struct Provider {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    answer: Mutex<String>,
    delay: Mutex<Duration>,
    fetches: AtomicUsize,
}

impl Provider {
    /// Publishes a key set.
    pub fn start(set: &Value) -> Self {
        Self::answering(answer(set))
    }

    /// Answers with these bytes.
    pub fn answering(answer: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            answer: Mutex::new(answer),
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
                let answer = serving.answer.lock().unwrap().clone();
                // Who doesn't wait for the answer needs none.
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Self { address, shared }
    }

    /// Where the set is.
    pub fn url(&self) -> String {
        format!("http://{}/jwks", self.address)
    }

    /// Publishes another set.
    pub fn publish(&self, set: &Value) {
        *self.shared.answer.lock().unwrap() = answer(set);
    }

    /// Takes so long for each answer from now on.
    pub fn delay(&self, delay: Duration) {
        *self.shared.delay.lock().unwrap() = delay;
    }

    /// How often it was asked.
    pub fn fetches(&self) -> usize {
        self.shared.fetches.load(Ordering::SeqCst)
    }
}

fn answer(set: &Value) -> String {
    let body = set.to_string();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/jwk-set+json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}
