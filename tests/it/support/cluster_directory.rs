//! Where the tests put PostgreSQL clusters.

use std::path::{Path, PathBuf};

use nix::sys::statvfs::statvfs;

/// The memory filesystem of Linux.
const MEMORY: &str = "/dev/shm";

/// The free space in bytes that a test run may need: a few clusters at a time, with their write-ahead logs.
const NEEDED: u64 = 4 << 30;

/// Returns the memory filesystem, or `None` if there is none with enough free space.
///
/// Each test creates and drops a database of 300 files. On ext4, which searches for an inode that wasn't deleted within
/// the last minutes, this takes a third of the processor time of a test run.
pub fn in_memory() -> Option<&'static Path> {
    let directory = Path::new(MEMORY);
    let status = statvfs(directory).ok()?;
    let free = status.blocks_available() as u64 * status.fragment_size() as u64;
    (free >= NEEDED).then_some(directory)
}

/// Returns the directory of the cluster that the tests of this checkout share. It has the same path in every run, so
/// that a run replaces what a killed one has left.
pub fn of_shared_cluster() -> PathBuf {
    let on_disk = Path::new(env!("CARGO_TARGET_TMPDIR"));
    match in_memory() {
        Some(memory) => {
            let checkout = on_disk.to_string_lossy().replace('/', "-");
            memory.join(format!("marquee-tests{checkout}"))
        }
        None => on_disk.join("postgresql"),
    }
}
