//! Shared helpers: databases, servers, processes, WebSocket clients and paths.

mod cluster_directory;
mod database;
pub mod postgres;
pub mod program;
mod server;
pub mod socket;
pub mod test_rng;

pub use self::{
    database::{GRANTS, LISTENERS, TestDatabase},
    server::TestServer,
};

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// Returns the root of the checkout.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the path of a file of real data beside the checkout, which is never committed. Returns `None` and prints a
/// notice if the file is missing.
pub fn shared_file(path: &str) -> Option<PathBuf> {
    let file = root().join("../shared").join(path);
    if file.exists() {
        return Some(file);
    }
    eprintln!(
        "NOT TESTED: {} is not there, and this test needs it",
        file.display()
    );
    None
}

/// Waits up to 10 seconds until a condition holds.
pub async fn eventually(what: &str, holds: impl AsyncFn() -> bool) {
    for _ in 0..500 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("timed out waiting until {what}");
}
