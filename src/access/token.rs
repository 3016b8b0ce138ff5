//! API tokens: `marquee_<public id>_<secret>`.
//!
//! The public id finds the row, and may stand in lists and logs. The secret is 256 random bits; what is stored is its SHA-256. A slow
//! hash would slow guessing down, and nobody guesses 256 bits.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// What every API token begins with: it tells one from a JWT, and lets scanners of sources find one that was left there.
pub const PREFIX: &str = "marquee_";

/// How many random bytes a token is made of.
pub const RANDOM_BYTES: usize = PUBLIC_BYTES + SECRET_BYTES;

const PUBLIC_BYTES: usize = 6;
const SECRET_BYTES: usize = 32;

/// What tells a token from others without giving it away: 12 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PublicId([u8; PUBLIC_BYTES]);

impl PublicId {
    /// Reads what its `Display` wrote; `None` for anything else.
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

/// Only lower case: two spellings of one id would be two texts for one thing.
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

/// An API token with its secret. It is never printed but by [`reveal`](Self::reveal).
pub struct Token {
    public_id: PublicId,
    secret: [u8; SECRET_BYTES],
}

impl Token {
    /// A token made of random bytes, which have to come from the system's source of randomness.
    #[must_use]
    pub fn of_random(random: &[u8; RANDOM_BYTES]) -> Self {
        let mut public_id = [0; PUBLIC_BYTES];
        let mut secret = [0; SECRET_BYTES];
        public_id.copy_from_slice(&random[..PUBLIC_BYTES]);
        secret.copy_from_slice(&random[PUBLIC_BYTES..]);
        Self {
            public_id: PublicId(public_id),
            secret,
        }
    }

    /// Reads a token; `None` for any text that isn't one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // The secret may hold underscores, the public id can't.
        let (public_id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let secret = BASE64_URL_SAFE_NO_PAD.decode(secret).ok()?;
        Some(Self {
            public_id: PublicId::parse(public_id)?,
            secret: secret.try_into().ok()?,
        })
    }

    /// What may be shown of it.
    #[must_use]
    pub fn public_id(&self) -> PublicId {
        self.public_id
    }

    /// What is stored of its secret.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.secret).into())
    }

    /// The whole token, secret and all, for whoever it is made for.
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

/// The SHA-256 of a secret. Its `Debug` hides it, for there is no reason to print one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// What is stored.
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
    fn a_token_has_the_form_that_is_documented() {
        let token = Token::of_random(&bytes(0xfb)).reveal();
        assert_eq!(
            token,
            "marquee_fbfbfbfbfbfb_-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s"
        );
    }

    #[test]
    fn what_is_stored_is_the_sha_256_of_the_secret() {
        let token = Token::of_random(&[0; RANDOM_BYTES]);
        let hash = u128::from_be_bytes(token.hash().as_bytes()[..16].try_into().unwrap());
        // As `head -c 32 /dev/zero | sha256sum` begins.
        assert_eq!(format!("{hash:x}"), "66687aadf862bd776c8fc18b8e9f8e20");
    }

    #[test]
    fn no_debug_output_holds_a_secret() {
        let token = Token::of_random(&bytes(1));
        assert_eq!(format!("{token:?}"), "marquee_fbfbfbfbfbfb_(hidden)");
        assert_eq!(format!("{:?}", token.hash()), "(hidden)");
        assert_eq!(format!("{token:#?}"), "marquee_fbfbfbfbfbfb_(hidden)");
    }

    #[test]
    fn other_spellings_of_a_token_are_refused() {
        let token = Token::of_random(&bytes(0xfb)).reveal();
        assert!(Token::parse(&token).is_some());
        for text in [
            String::new(),
            token.to_uppercase(),
            token.replace("fbfb", "FBFB"),
            token.replace("marquee_", "marquee-"),
            format!("{token}="),
            format!("{token} "),
            format!(" {token}"),
            // The last character of 43 carries two bits too many, which have to be nought.
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
        fn a_token_is_read_as_it_was_written(random: [u8; 19], more: [u8; 19]) {
            let mut bytes = [0; RANDOM_BYTES];
            bytes[..19].copy_from_slice(&random);
            bytes[19..].copy_from_slice(&more);
            let token = Token::of_random(&bytes);
            let again = Token::parse(&token.reveal()).unwrap();
            prop_assert_eq!(again.public_id(), token.public_id());
            let (read, written) = (again.hash(), token.hash());
            prop_assert_eq!(read.as_bytes(), written.as_bytes());
            prop_assert_eq!(PublicId::parse(&token.public_id().to_string()), Some(token.public_id()));
        }

        #[test]
        fn any_text_is_read_or_refused(text: String, id in "[0-9a-fA-F]{0,13}", secret in "[-_A-Za-z0-9=]{40,45}") {
            for text in [text.clone(), format!("{PREFIX}{text}"), format!("{PREFIX}{id}_{text}"), format!("{PREFIX}{id}_{secret}")] {
                if let Some(token) = Token::parse(&text) {
                    prop_assert_eq!(token.reveal(), text);
                }
            }
        }
    }
}
