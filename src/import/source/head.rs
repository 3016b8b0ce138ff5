//! A look at the first bytes.

use std::io::{self, Read};

/// Takes the first bytes off what is read; fewer than asked for only if there are no more.
pub(super) fn first_bytes(reader: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    reader.take(length).read_to_end(&mut head)?;
    Ok(head)
}
