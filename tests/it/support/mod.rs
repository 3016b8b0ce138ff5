//! What the tests share: databases, servers, and where things are.

pub mod chance;
mod database;
pub mod program;
mod server;
pub mod socket;

pub use self::{
    database::{GRANTS, TestDatabase},
    server::TestServer,
};

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// The root of the checkout.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the real data beside the checkout, which is never committed. `None`, said loudly, where it isn't there.
pub fn shared(path: &str) -> Option<PathBuf> {
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

/// Waits until something is so, for some seconds.
pub async fn eventually(what: &str, is_so: impl AsyncFn() -> bool) {
    for _ in 0..500 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it didn't happen that {what}");
}
