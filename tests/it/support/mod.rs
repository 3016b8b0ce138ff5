//! What the tests share: databases, servers, and where things are.

mod database;
pub mod program;
mod server;
pub mod socket;

pub use self::{
    database::{GRANTS, TestDatabase},
    server::TestServer,
};

use std::path::{Path, PathBuf};

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
