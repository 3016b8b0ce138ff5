//! The reader of a file's raw bytes.

use std::{
    fs::File,
    io::{self, ErrorKind, Read},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{ByteReader, SourceError};

/// The path that means standard input.
const STANDARD_INPUT: &str = "-";

/// Returns the name of a file for messages.
#[must_use]
pub fn display_name(path: &Path) -> String {
    if path == Path::new(STANDARD_INPUT) {
        return "standard input".to_owned();
    }
    path.display().to_string()
}

/// The read progress of a file. Clones share the count, so another thread can watch it.
#[derive(Debug, Clone)]
pub struct Progress {
    read: Arc<AtomicU64>,
    total: Option<u64>,
}

impl Progress {
    /// Creates the progress of a file of that size, of which nothing is read yet.
    pub(in crate::import) fn of_size(total: u64) -> Self {
        Self {
            read: Arc::default(),
            total: Some(total),
        }
    }

    /// Counts from the start again, for another pass over the file.
    pub(in crate::import) fn restart(&self) {
        self.read.store(0, Ordering::Relaxed);
    }

    /// Returns a reader that counts its bytes as this progress.
    pub(in crate::import) fn counting(&self, inner: impl Read + Send + 'static) -> ByteReader {
        Box::new(CountingReader::with_progress(Box::new(inner), self.clone()))
    }

    /// Returns the number of bytes that were read from the file, before decompression. It is ahead
    /// of the rows by the buffered bytes.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Returns the size of the file in bytes when it was opened; `None` for a pipe or another
    /// source without a size.
    #[must_use]
    pub fn bytes_total(&self) -> Option<u64> {
        self.total
    }
}

/// A reader that counts the bytes of a file.
///
/// It wraps each of its errors in a [`SourceError`], which distinguishes I/O errors from errors of
/// the decompressor.
pub(super) struct CountingReader {
    inner: ByteReader,
    progress: Progress,
}

impl CountingReader {
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

    /// Creates a reader from an open one.
    pub fn new(inner: ByteReader, total: Option<u64>) -> Self {
        let read = Arc::default();
        Self {
            inner,
            progress: Progress { read, total },
        }
    }

    /// Creates a reader that counts into an existing progress.
    pub fn with_progress(inner: ByteReader, progress: Progress) -> Self {
        Self { inner, progress }
    }

    /// Returns the read progress.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }
}

impl Read for CountingReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.inner.read(buffer) {
                Ok(length) => {
                    let count = u64::try_from(length).unwrap_or(u64::MAX);
                    self.progress.read.fetch_add(count, Ordering::Relaxed);
                    return Ok(length);
                }
                // Not every reader in the chain retries after a signal, so this one does.
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(SourceError::Read(error).into()),
            }
        }
    }
}
