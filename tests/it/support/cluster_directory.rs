//! Where the tests put PostgreSQL clusters.

use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};

use nix::sys::statvfs::statvfs;

/// The memory filesystem of Linux.
const MEMORY: &str = "/dev/shm";

/// The free space in bytes that a test run may need: a few clusters at a time, with their write-ahead logs.
const NEEDED: u64 = 4 << 30;

/// The memory filesystem; `None` if there is none with enough free space at the start.
///
/// Each test creates and drops a database of 300 files. On ext4, which searches for an inode that wasn't deleted within
/// the last minutes, this takes a third of the processor time of a test run.
static IN_MEMORY: LazyLock<Option<&'static Path>> = LazyLock::new(|| {
    let directory = Path::new(MEMORY);
    let status = statvfs(directory).ok()?;
    let free = status.blocks_available() as u64 * status.fragment_size() as u64;
    (free >= NEEDED || shared_cluster_in(directory).exists()).then_some(directory)
});

/// Returns the memory filesystem, or `None` if there is none with enough free space.
pub fn in_memory() -> Option<&'static Path> {
    *IN_MEMORY
}

/// Returns the major version of PostgreSQL that this run tests; `None` for any.
pub fn tested_version() -> Option<String> {
    std::env::var("MARQUEE_TEST_POSTGRESQL").ok()
}

/// Returns the directory of the cluster that the tests of this checkout share. It has the same path in every run of a
/// version of PostgreSQL, so that a run uses what a killed one has left.
pub fn of_shared_cluster() -> PathBuf {
    let version = tested_version().unwrap_or_default();
    let on_disk = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("postgresql{version}"));
    in_memory().map_or(on_disk, shared_cluster_in)
}

/// Returns the directory of the cluster that is copied for each test with a private PostgreSQL.
pub fn of_copied_cluster() -> PathBuf {
    let version = tested_version().unwrap_or_default();
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("original{version}"))
}

fn shared_cluster_in(memory: &Path) -> PathBuf {
    let checkout = env!("CARGO_TARGET_TMPDIR").replace('/', "-");
    let version = tested_version().unwrap_or_default();
    memory.join(format!("marquee-tests{checkout}{version}"))
}
