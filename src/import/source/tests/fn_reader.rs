//! Readers whose data and chunk sizes a test controls.

use std::io::{self, Read};

/// A reader that calls a function.
pub(super) struct FnReader<F>(F);

impl<F: FnMut(&mut [u8]) -> io::Result<usize>> FnReader<F> {
    pub fn new(read: F) -> Self {
        Self(read)
    }
}

impl<F: FnMut(&mut [u8]) -> io::Result<usize>> Read for FnReader<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (self.0)(buffer)
    }
}

/// Returns a reader of bytes in chunks of the given sizes, which are repeated.
pub(super) fn in_chunks(bytes: Vec<u8>, sizes: Vec<usize>) -> impl Read {
    let mut bytes = io::Cursor::new(bytes);
    let mut sizes = sizes.into_iter().cycle();
    FnReader::new(move |buffer| {
        let size = sizes.next().unwrap_or(usize::MAX).min(buffer.len());
        let (buffer, _) = buffer.split_at_mut(size);
        bytes.read(buffer)
    })
}
