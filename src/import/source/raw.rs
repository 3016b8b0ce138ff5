//! The file as it is on the disk.

use std::{
    fs::File,
    io::{self, ErrorKind, Read},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{Bytes, SourceError};

/// The path that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// How a file is called where something is said of it.
#[must_use]
pub fn name(path: &Path) -> String {
    if path == Path::new(STANDARD_INPUT) {
        return "standard input".to_owned();
    }
    path.display().to_string()
}

/// How much of a file has been read. Clones share the count, so that it can be watched from another
/// thread than the one that reads.
#[derive(Debug, Clone)]
pub struct Progress {
    read: Arc<AtomicU64>,
    total: Option<u64>,
}

impl Progress {
    /// How many bytes have been read from the file, as it is, compressed or not. It runs ahead of
    /// the rows by what is buffered.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// The size of the file when it was opened; `None` for what has no size, such as a pipe.
    #[must_use]
    pub fn bytes_total(&self) -> Option<u64> {
        self.total
    }
}

/// Reads a file and counts its bytes.
///
/// Its errors are [`SourceError`]s from the start, so that a decompressor's own can't be mistaken
/// for one of the disk's.
pub(super) struct Raw {
    inner: Bytes,
    progress: Progress,
}

impl Raw {
    /// Opens a file, or standard input.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        if path == Path::new(STANDARD_INPUT) {
            return Ok(Self::new(Box::new(io::stdin()), None));
        }
        let file = File::open(path).map_err(SourceError::Open)?;
        let metadata = file.metadata().map_err(SourceError::Open)?;
        let total = metadata.is_file().then_some(metadata.len());
        Ok(Self::new(Box::new(file), total))
    }

    /// Reads what is open already.
    pub fn new(inner: Bytes, total: Option<u64>) -> Self {
        let read = Arc::default();
        Self {
            inner,
            progress: Progress { read, total },
        }
    }

    /// How much has been read.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }
}

impl Read for Raw {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.inner.read(buffer) {
                Ok(length) => {
                    let more = u64::try_from(length).unwrap_or(u64::MAX);
                    self.progress.read.fetch_add(more, Ordering::Relaxed);
                    return Ok(length);
                }
                // Not every adapter above goes on after a signal, so none gets to see one.
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(SourceError::Read(error).into()),
            }
        }
    }
}
