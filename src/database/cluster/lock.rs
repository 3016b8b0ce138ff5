//! File locks of the processes that use a cluster. The kernel releases them when a process ends for any reason, so a
//! lock is never stale.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use super::{ClusterError, directories::ClusterDirectories};

/// A lock on a file in the data directory, which is held until this value is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Acquires the lock of the only server of a directory and writes its PID into the file, for the error of a second
    /// server.
    pub(super) fn acquire_serving(directories: &ClusterDirectories) -> Result<Self, ClusterError> {
        let mut lock = Self::open(directories, "serve.lock")?;
        if lock.try_exclusive()? {
            let written = lock
                .file
                .set_len(0)
                .and_then(|()| write!(lock.file, "{}", std::process::id()));
            written.map_err(ClusterError::io(&lock.path))?;
            return Ok(lock);
        }
        let mut text = String::new();
        let read = lock
            .file
            .rewind()
            .and_then(|()| lock.file.read_to_string(&mut text));
        Err(ClusterError::AlreadyServing {
            directory: directories.root().to_owned(),
            holder: read.ok().and_then(|_| text.trim().parse().ok()),
        })
    }

    /// Acquires the lock for starting or stopping PostgreSQL. Waits up to `timeout`.
    pub(super) fn acquire_startup(
        directories: &ClusterDirectories,
        timeout: Duration,
    ) -> Result<Self, ClusterError> {
        let lock = Self::open(directories, "turn.lock")?;
        let deadline = Instant::now() + timeout;
        while !lock.try_exclusive()? {
            if Instant::now() >= deadline {
                return Err(ClusterError::LockTimedOut {
                    directory: directories.root().to_owned(),
                });
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(lock)
    }

    /// Acquires a shared lock, which every process that uses the cluster holds.
    pub(super) fn acquire_shared(directories: &ClusterDirectories) -> Result<Self, ClusterError> {
        let lock = Self::open(directories, "users.lock")?;
        lock.file
            .lock_shared()
            .map_err(ClusterError::io(&lock.path))?;
        Ok(lock)
    }

    /// Converts the shared lock into an exclusive one and returns `true` if no other process shares it. Otherwise the
    /// lock is released.
    pub(super) fn try_upgrade(&self) -> Result<bool, ClusterError> {
        self.file.unlock().map_err(ClusterError::io(&self.path))?;
        self.try_exclusive()
    }

    fn open(directories: &ClusterDirectories, name: &str) -> Result<Self, ClusterError> {
        let path = directories.root().join(name);
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(ClusterError::io(&path))
            .map(|file| Self { file, path })
    }

    fn try_exclusive(&self) -> Result<bool, ClusterError> {
        match self.file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(ClusterError::io(&self.path)(error)),
        }
    }
}
