//! The key of a cached response.

use std::{fmt, sync::Arc};

/// The key of a cached response: all that it depends on besides the catalogue, such as the document, the variables and
/// the caller.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CacheKey(pub(super) Arc<[u8]>);

impl fmt::Debug for CacheKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The values of variables must not be logged.
        write!(formatter, "CacheKey({} bytes)", self.0.len())
    }
}

impl CacheKey {
    /// Creates a key from parts. Each part is preceded by its length, so that different lists of parts have different
    /// keys.
    #[must_use]
    pub fn from_parts(parts: &[&[u8]]) -> Self {
        let sizes = parts.iter().map(|part| size_of::<u64>() + part.len());
        let mut key = Vec::with_capacity(sizes.sum());
        for part in parts {
            key.extend_from_slice(&(part.len() as u64).to_le_bytes());
            key.extend_from_slice(part);
        }
        Self(key.into())
    }

    /// Returns the key of a variant of the response, such as the one in another language. It differs from all keys with
    /// as many parts as this one.
    #[must_use]
    pub fn variant(&self, part: &[u8]) -> Self {
        let mut key = Vec::with_capacity(self.0.len() + size_of::<u64>() + part.len());
        key.extend_from_slice(&self.0);
        key.extend_from_slice(&(part.len() as u64).to_le_bytes());
        key.extend_from_slice(part);
        Self(key.into())
    }
}
