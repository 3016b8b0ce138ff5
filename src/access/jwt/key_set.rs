//! The public keys of an identity provider: a JSON Web Key Set (RFC 7517).
//!
//! The parser is lenient because providers also publish keys for other uses: it skips keys that it can't use. It
//! rejects a set as a whole only if the set is malformed, too large, has no usable key, or contains secrets.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};

/// The maximum size of a set, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// The maximum number of keys in a set.
pub const MAX_KEYS: usize = 100;

/// A key with its ID and its algorithm.
struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    decoding: DecodingKey,
}

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
        let Ok(Value::Object(set)) = serde_json::from_slice(text) else {
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

fn is_secret(key: &Map<String, Value>) -> bool {
    let is_symmetric = key.get("kty").is_some_and(|kind| kind == "oct");
    is_symmetric
        || ["d", "k", "p", "q"]
            .iter()
            .any(|part| key.contains_key(*part))
}

fn parse_key(members: &Map<String, Value>) -> Option<Key> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let (algorithm, decoding) = match (text("kty")?, text("crv")) {
        ("RSA", _) => (Algorithm::RS256, parse_rsa(text("n")?, text("e")?)?),
        ("EC", Some("P-256")) => {
            let (x, y) = (text("x")?, text("y")?);
            let are_valid = coordinate(x).is_some() && coordinate(y).is_some();
            let key = DecodingKey::from_ec_components(x, y).ok()?;
            (Algorithm::ES256, are_valid.then_some(key)?)
        }
        ("OKP", Some("Ed25519")) => (
            Algorithm::EdDSA,
            DecodingKey::from_ed_der(&coordinate(text("x")?)?),
        ),
        _ => return None,
    };
    let id = match members.get("kid") {
        None => None,
        Some(Value::String(id)) => Some(id.clone()),
        Some(_) => return None,
    };
    (is_for_signatures(members) && allows_algorithm(members, algorithm)).then_some(Key {
        id,
        algorithm,
        decoding,
    })
}

/// Returns whether a key may verify signatures. A key without `use` and `key_ops` may be used for anything.
fn is_for_signatures(members: &Map<String, Value>) -> bool {
    let use_allows = members.get("use").is_none_or(|purpose| purpose == "sig");
    let operations_allow = match members.get("key_ops") {
        None => true,
        Some(Value::Array(operations)) => operations.iter().any(|operation| operation == "verify"),
        Some(_) => false,
    };
    use_allows && operations_allow
}

/// Returns whether a key may be used with an algorithm: its `alg` must be that algorithm or absent. `Ed25519` is the
/// newer name of `EdDSA` with that curve (RFC 9864).
fn allows_algorithm(members: &Map<String, Value>, algorithm: Algorithm) -> bool {
    let Some(alg) = members.get("alg") else {
        return true;
    };
    match algorithm {
        Algorithm::RS256 => alg == "RS256",
        Algorithm::ES256 => alg == "ES256",
        Algorithm::EdDSA => alg == "EdDSA" || alg == "Ed25519",
        _ => false,
    }
}

fn coordinate(text: &str) -> Option<[u8; 32]> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// Parses an RSA key. Returns `None` unless the modulus has 2048 to 8192 bits: `ring` rejects other sizes only when it
/// verifies a signature, which is too late to report an unusable key. Strips leading zero bytes, which some providers
/// write and `ring` rejects.
fn parse_rsa(modulus: &str, exponent: &str) -> Option<DecodingKey> {
    let number = |text: &str| {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let start = bytes.iter().position(|byte| *byte != 0)?;
        Some(bytes[start..].to_vec())
    };
    let (modulus, exponent) = (number(modulus)?, number(exponent)?);
    let zeros = usize::try_from(modulus.first()?.leading_zeros()).ok()?;
    let bits = modulus.len() * 8 - zeros;
    (2048..=8192)
        .contains(&bits)
        .then(|| DecodingKey::from_rsa_raw_components(&modulus, &exponent))
}
