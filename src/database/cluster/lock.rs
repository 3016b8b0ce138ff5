//! Who uses the cluster, and whose turn it is to start or stop it. The kernel lets go of these locks when a process dies, however
//! it dies, so none of them is ever stale.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use super::{ClusterError, place::Place};

/// A lock on a file of the data directory, held until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// The one server of a directory. Its process id is written down for who comes second.
    pub(super) fn serve(place: &Place) -> Result<Self, ClusterError> {
        let mut lock = Self::open(place, "serve.lock")?;
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
            directory: place.root().to_owned(),
            holder: read.ok().and_then(|_| text.trim().parse().ok()),
        })
    }

    /// The turn to start or stop PostgreSQL: one process at a time, waited for up to `patience`.
    pub(super) fn turn(place: &Place, patience: Duration) -> Result<Self, ClusterError> {
        let lock = Self::open(place, "turn.lock")?;
        let deadline = Instant::now() + patience;
        while !lock.try_exclusive()? {
            if Instant::now() >= deadline {
                return Err(ClusterError::TurnTimedOut {
                    directory: place.root().to_owned(),
                });
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(lock)
    }

    /// One of those who use the cluster.
    pub(super) fn shared_users(place: &Place) -> Result<Self, ClusterError> {
        let lock = Self::open(place, "users.lock")?;
        lock.file
            .lock_shared()
            .map_err(ClusterError::io(&lock.path))?;
        Ok(lock)
    }

    /// Turns a shared lock into an exclusive one if nobody else shares it.
    pub(super) fn become_exclusive(&self) -> Result<bool, ClusterError> {
        self.file.unlock().map_err(ClusterError::io(&self.path))?;
        self.try_exclusive()
    }

    fn open(place: &Place, name: &str) -> Result<Self, ClusterError> {
        let path = place.root().join(name);
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
