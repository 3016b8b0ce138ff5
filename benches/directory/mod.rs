//! Where a measurement keeps what is gone with it.

use std::process::Command;

use tempfile::TempDir;

/// A directory that PostgreSQL can enter, which runs as another account if this one is root.
pub fn directory() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let opened = Command::new("chmod")
        .arg("755")
        .arg(directory.path())
        .status();
    assert!(opened.unwrap().success());
    directory
}
