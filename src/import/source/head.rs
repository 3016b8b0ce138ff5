//! The first bytes of a reader.

use std::io::{self, Read};

/// Reads the first `length` bytes; fewer only at the end of the data.
pub(in crate::import) fn first_bytes(reader: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    reader.take(length).read_to_end(&mut head)?;
    Ok(head)
}
