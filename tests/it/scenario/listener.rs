//! A subscriber to the reviews and the score of a film.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::{FILM, server_process::ServerProcess};
use crate::support::{LISTENERS, TestDatabase, socket::Socket};

/// A WebSocket with subscriptions to the reviews and the score of a film.
pub struct Listener {
    pub changes: Socket,
    scores: Socket,
}

impl Listener {
    pub async fn at(server: &ServerProcess, film: &str) -> Self {
        let mut changes = Socket::open(server.address()).await;
        let document = format!(
            "subscription {{ reviewChanged(film: \"{film}\") {{ kind reviewId version review {{ version score }} film {{ id }} }} }}"
        );
        changes.subscribe("changes", &document).await;
        let mut scores = Socket::open(server.address()).await;
        let document = format!("subscription {{ scoreChanged(film: \"{film}\") {{ {FILM} }} }}");
        scores.subscribe("scores", &document).await;
        Self { changes, scores }
    }

    /// Returns the next change: its kind, the review's id, its version, and the score of the review after the change.
    pub async fn change(&mut self, film: &str) -> Value {
        let data = self.changes.next("changes").await;
        let change = &data["reviewChanged"];
        assert_eq!(change["film"]["id"], film, "{change}");
        let review = &change["review"];
        if !review.is_null() {
            assert_eq!(review["version"], change["version"], "{change}");
        }
        json!([
            change["kind"],
            change["reviewId"],
            change["version"],
            review["score"]
        ])
    }

    /// Reads score events until the expected one, and asserts that the score stays so. The event of an earlier change
    /// may have the last score already, so several events can have it.
    pub async fn score(&mut self, expected: &Value) {
        loop {
            let data = self.scores.next("scores").await;
            if data["scoreChanged"] == *expected {
                break;
            }
        }
        while let Some(message) = self.scores.try_message().await {
            let film = &message["payload"]["data"]["scoreChanged"];
            assert_eq!(film, expected, "{message}");
        }
    }
}

/// Waits until both servers LISTEN.
pub async fn wait_for_listeners(database: &TestDatabase) {
    for _ in 0..1_000 {
        if database.texts(LISTENERS).await.len() == 2 {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("the servers don't LISTEN");
}
