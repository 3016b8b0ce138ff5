//! The public keys of an identity provider: a JSON Web Key Set (RFC 7517).
//!
//! The parser is lenient because providers also publish keys for other uses: it skips keys that it can't use. It
//! rejects a set as a whole only if the set is malformed, too large, has no usable key, or contains secrets.

pub mod key;

use std::fmt;

use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

use self::key::{Key, is_secret, parse_key};
use crate::json;

/// The maximum size of a set, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// The maximum number of keys in a set.
pub const MAX_KEYS: usize = 100;

/// The keys that verify signatures.
pub struct KeySet {
    keys: Vec<Key>,
    skipped: usize,
}

/// A key set is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// The set is larger than [`MAX_BYTES`].
    #[error("the key set is larger than 1 MiB")]
    TooLarge,
    /// The set is not an object with a list `keys`.
    #[error("the key set is not a JSON object with a list `keys`")]
    Malformed,
    /// The set has more keys than [`MAX_KEYS`].
    #[error("the key set contains more than {MAX_KEYS} keys")]
    TooMany,
    /// The set contains a secret or a private key. Everyone who can read the set could sign tokens.
    #[error(
        "the key set contains a secret or a private key, which must never be published: remove it and revoke that key"
    )]
    Secret,
    /// The set contains no usable key.
    #[error("the key set contains no key for RS256 (2048 to 8192 bits), ES256 or EdDSA (Ed25519)")]
    Empty,
}

impl KeySet {
    /// Parses a key set.
    ///
    /// # Errors
    ///
    /// When the set is malformed, too large, has no usable key, or contains a secret.
    pub fn parse(text: &[u8]) -> Result<Self, KeySetError> {
        if text.len() > MAX_BYTES {
            return Err(KeySetError::TooLarge);
        }
        let Ok(Value::Object(set)) = json::from_slice(text) else {
            return Err(KeySetError::Malformed);
        };
        let Some(Value::Array(members)) = set.get("keys") else {
            return Err(KeySetError::Malformed);
        };
        if members.len() > MAX_KEYS {
            return Err(KeySetError::TooMany);
        }
        let objects = || members.iter().filter_map(Value::as_object);
        if objects().any(is_secret) {
            return Err(KeySetError::Secret);
        }
        let keys: Vec<Key> = objects().filter_map(parse_key).collect();
        if keys.is_empty() {
            return Err(KeySetError::Empty);
        }
        let skipped = set["keys"].as_array().map_or(0, Vec::len) - keys.len();
        Ok(Self { keys, skipped })
    }

    /// Returns the number of usable keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Returns whether the set has no usable key. A parsed set always has one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Returns the number of keys that the parser skipped.
    #[must_use]
    pub fn skipped_count(&self) -> usize {
        self.skipped
    }

    /// Returns the key with this ID and algorithm, or without an ID the only key for the algorithm. Returns `None` if
    /// several keys match.
    #[must_use]
    pub fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&DecodingKey> {
        let matches = |key: &&Key| {
            key.algorithm == algorithm && id.is_none_or(|id| key.id.as_deref() == Some(id))
        };
        let mut matching = self.keys.iter().filter(matches);
        match (matching.next(), matching.next()) {
            (Some(key), None) => Some(&key.decoding),
            _ => None,
        }
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.keys.iter().map(|key| (&key.id, key.algorithm));
        formatter.debug_list().entries(ids).finish()
    }
}
