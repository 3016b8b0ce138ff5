//! Temporary directories for benchmarks.

use std::process::Command;

use tempfile::TempDir;

/// Creates a directory that PostgreSQL can access. PostgreSQL runs as another account if this process runs as root.
pub fn directory() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let status = Command::new("chmod")
        .arg("755")
        .arg(directory.path())
        .status();
    assert!(status.unwrap().success());
    directory
}
