//! Files that several readers share, each with a position of its own.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::FileExt,
    path::Path,
    sync::Arc,
};

use super::TableError;
use crate::import::source::{BUFFER_SIZE, SourceError};

/// The maximum number of bytes of a pipe, or of a file in an archive.
const MAX_SPOOLED: u64 = 16 << 30;

/// An open file that can be read several times, also at once.
#[derive(Clone, Debug)]
pub(super) struct SharedFile {
    file: Arc<File>,
    size: u64,
}

impl SharedFile {
    /// Opens a file. Standard input (the path `-`) and pipes, which can be read only once, are copied to a temporary
    /// file.
    pub fn open(path: &Path) -> Result<Self, TableError> {
        if path == Path::new("-") {
            return Self::spool(io::stdin().lock());
        }
        let file = File::open(path).map_err(SourceError::Open)?;
        let metadata = file.metadata().map_err(SourceError::Open)?;
        if metadata.is_file() {
            return Ok(Self::new(file, metadata.len()));
        }
        Self::spool(file)
    }

    /// Creates a shared file from an open one of that size.
    pub fn new(file: File, size: u64) -> Self {
        Self {
            file: Arc::new(file),
            size,
        }
    }

    /// Copies a reader to a temporary file, which has no name and ends with the process.
    pub fn spool(mut reader: impl Read) -> Result<Self, TableError> {
        let mut file = tempfile::tempfile().map_err(TableError::spool)?;
        let mut buffer = vec![0; BUFFER_SIZE];
        let mut size = 0;
        loop {
            let length = match reader.read(&mut buffer) {
                Ok(0) => return Ok(Self::new(file, size)),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            size += u64::try_from(length).unwrap_or(u64::MAX);
            if size > MAX_SPOOLED {
                return Err(TableError::TooLong(MAX_SPOOLED));
            }
            let (piece, _) = buffer.split_at(length);
            file.write_all(piece).map_err(TableError::spool)?;
        }
    }

    /// Returns the size in bytes when the file was opened.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Returns a reader of the file from its start.
    pub fn reader(&self) -> FileReader {
        FileReader {
            file: self.clone(),
            position: 0,
        }
    }
}

/// A reader of a shared file.
#[derive(Debug)]
pub(super) struct FileReader {
    file: SharedFile,
    position: u64,
}

impl Read for FileReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.file.read_at(buffer, self.position)?;
        self.position += u64::try_from(length).unwrap_or(u64::MAX);
        Ok(length)
    }
}

impl Seek for FileReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(distance) => self.file.size.checked_add_signed(distance),
            SeekFrom::Current(distance) => self.position.checked_add_signed(distance),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
