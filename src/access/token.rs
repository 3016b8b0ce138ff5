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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(last: u8) -> [u8; RANDOM_BYTES] {
        let mut bytes = [0xfb; RANDOM_BYTES];
        bytes[RANDOM_BYTES - 1] = last;
        bytes
    }

    #[test]
    fn a_token_has_the_documented_format() {
        let token = Token::from_random(&bytes(0xfb)).reveal();
        assert_eq!(
            token,
            "marquee_fbfbfbfbfbfb_-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s"
        );
    }

    #[test]
    fn the_hash_is_the_sha_256_of_the_secret() {
        let token = Token::from_random(&[0; RANDOM_BYTES]);
        let hash = u128::from_be_bytes(token.hash().as_bytes()[..16].try_into().unwrap());
        // The first 16 bytes of the output of `head -c 32 /dev/zero | sha256sum`.
        assert_eq!(format!("{hash:x}"), "66687aadf862bd776c8fc18b8e9f8e20");
    }

    #[test]
    fn debug_output_hides_secrets() {
        let token = Token::from_random(&bytes(1));
        assert_eq!(format!("{token:?}"), "marquee_fbfbfbfbfbfb_(hidden)");
        assert_eq!(format!("{:?}", token.hash()), "(hidden)");
        assert_eq!(format!("{token:#?}"), "marquee_fbfbfbfbfbfb_(hidden)");
    }

    #[test]
    fn other_spellings_of_a_token_are_rejected() {
        let token = Token::from_random(&bytes(0xfb)).reveal();
        assert!(Token::parse(&token).is_some());
        for text in [
            String::new(),
            token.to_uppercase(),
            token.replace("fbfb", "FBFB"),
            token.replace("marquee_", "marquee-"),
            format!("{token}="),
            format!("{token} "),
            format!(" {token}"),
            // The last of the 43 characters encodes two surplus bits, which must be zero.
            format!("{}t", &token[..token.len() - 1]),
            token[..token.len() - 1].to_owned(),
            token[8..].to_owned(),
            "marquee_".to_owned(),
            "marquee__".to_owned(),
            "marquee_fbfbfbfbfbfb_".to_owned(),
            "marquee_fbfbfbfbfbé_".to_owned(),
        ] {
            assert!(Token::parse(&text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_token_survives_a_round_trip(random: [u8; 19], more: [u8; 19]) {
            let mut bytes = [0; RANDOM_BYTES];
            bytes[..19].copy_from_slice(&random);
            bytes[19..].copy_from_slice(&more);
            let token = Token::from_random(&bytes);
            let parsed = Token::parse(&token.reveal()).unwrap();
            prop_assert_eq!(parsed.public_id(), token.public_id());
            let (actual, expected) = (parsed.hash(), token.hash());
            prop_assert_eq!(actual.as_bytes(), expected.as_bytes());
            prop_assert_eq!(PublicId::parse(&token.public_id().to_string()), Some(token.public_id()));
        }

        #[test]
        fn any_string_is_parsed_or_rejected(text: String, id in "[0-9a-fA-F]{0,13}", secret in "[-_A-Za-z0-9=]{40,45}") {
            for text in [text.clone(), format!("{PREFIX}{text}"), format!("{PREFIX}{id}_{text}"), format!("{PREFIX}{id}_{secret}")] {
                if let Some(token) = Token::parse(&text) {
                    prop_assert_eq!(token.reveal(), text);
                }
            }
        }
    }
}
