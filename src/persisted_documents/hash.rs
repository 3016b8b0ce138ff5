//! The hashes that identify documents: the SHA-256 of their text.

use std::fmt;

use sha2::{Digest, Sha256};

/// The prefix of a hash in document ids of GraphQL over HTTP.
pub const ID_PREFIX: &str = "sha256:";

/// The SHA-256 of a document's text in UTF-8.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DocumentHash([u8; 32]);

impl DocumentHash {
    /// Returns the hash of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// Parses 64 hexadecimal digits, in upper or lower case.
    #[must_use]
    pub fn parse(digits: &str) -> Option<Self> {
        let mut hash = [0; 32];
        if digits.len() != 2 * hash.len() {
            return None;
        }
        for (byte, pair) in hash.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            let digit = |digit: u8| char::from(digit).to_digit(16);
            let (high, low) = (digit(pair[0])?, digit(pair[1])?);
            *byte = u8::try_from(high << 4 | low).ok()?;
        }
        Some(Self(hash))
    }
}

impl fmt::Display for DocumentHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for DocumentHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_hash_is_the_sha_256_of_the_text() {
        let hash = DocumentHash::of("{ __typename }").to_string();
        assert_eq!(
            hash,
            "7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b"
        );
        assert_eq!(
            DocumentHash::parse(&hash.to_uppercase()),
            DocumentHash::parse(&hash)
        );
        for text in [
            "",
            "7f56",
            &hash[1..],
            &format!("{hash}0"),
            &hash.replace('7', "g"),
        ] {
            assert_eq!(DocumentHash::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_parsed_hash_formats_as_the_same_digits(text in "[0-9a-f]{64}|\\PC{0,70}", of: String) {
            if let Some(hash) = DocumentHash::parse(&text) {
                prop_assert_eq!(hash.to_string(), text.to_lowercase());
            }
            let hash = DocumentHash::of(&of);
            prop_assert_eq!(DocumentHash::parse(&hash.to_string()), Some(hash));
        }
    }
}
