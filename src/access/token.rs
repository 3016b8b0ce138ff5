//! API tokens: `marquee_<public id>_<secret>`.
//!
//! The public ID identifies the row and may appear in lists and logs. The secret is 256 random bits, of which the
//! SHA-256 is stored. A slow password hash is not needed because a secret of 256 bits can't be guessed.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// The prefix of every API token. It distinguishes API tokens from JWTs, and lets secret scanners find leaked tokens.
pub const PREFIX: &str = "marquee_";

/// The number of random bytes in a token.
pub const RANDOM_BYTES: usize = PUBLIC_BYTES + SECRET_BYTES;

const PUBLIC_BYTES: usize = 6;
const SECRET_BYTES: usize = 32;

/// The public ID of a token: 12 lower-case hexadecimal digits. It does not reveal the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PublicId([u8; PUBLIC_BYTES]);

impl PublicId {
    /// Parses the `Display` format; returns `None` for other strings.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: &[u8; 2 * PUBLIC_BYTES] = text.as_bytes().try_into().ok()?;
        let mut bytes = [0; PUBLIC_BYTES];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = (digit(pair[0])? << 4) | digit(pair[1])?;
        }
        Some(Self(bytes))
    }
}

/// Returns the value of a hexadecimal digit in lower case. Upper case is rejected so that each ID has one spelling.
fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for PublicId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// An API token with its secret. Only [`reveal`](Self::reveal) returns the secret; `Debug` hides it.
pub struct Token {
    public_id: PublicId,
    secret: [u8; SECRET_BYTES],
}

impl Token {
    /// Creates a token from random bytes, which must come from the system's secure random generator.
    #[must_use]
    pub fn from_random(random: &[u8; RANDOM_BYTES]) -> Self {
        let mut public_id = [0; PUBLIC_BYTES];
        let mut secret = [0; SECRET_BYTES];
        public_id.copy_from_slice(&random[..PUBLIC_BYTES]);
        secret.copy_from_slice(&random[PUBLIC_BYTES..]);
        Self {
            public_id: PublicId(public_id),
            secret,
        }
    }

    /// Parses a token; returns `None` if the string is not a token.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // The secret may contain underscores, but the public ID can't.
        let (public_id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let secret = BASE64_URL_SAFE_NO_PAD.decode(secret).ok()?;
        Some(Self {
            public_id: PublicId::parse(public_id)?,
            secret: secret.try_into().ok()?,
        })
    }

    /// Returns the public ID.
    #[must_use]
    pub fn public_id(&self) -> PublicId {
        self.public_id
    }

    /// Returns the hash of the secret.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.secret).into())
    }

    /// Returns the whole token including its secret, for its owner.
    #[must_use]
    pub fn reveal(&self) -> String {
        let secret = BASE64_URL_SAFE_NO_PAD.encode(self.secret);
        format!("{PREFIX}{}_{secret}", self.public_id)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{PREFIX}{}_(hidden)", self.public_id)
    }
}

/// The SHA-256 of a secret. Its `Debug` output hides the hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// Returns the 32 bytes of the hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(hidden)")
    }
}

#[cfg(test)]
mod tests;
