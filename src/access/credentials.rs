//! What a client shows to say who it is: the value of an `Authorization` header.

use std::fmt;

use super::token::{PREFIX, Token};

/// The longest value that is read, in bytes.
pub const LONGEST: usize = 8 << 10;

/// A credential, as it was shown; nothing of it is proven yet. Its `Debug` hides what is secret.
pub enum Credential<'a> {
    /// An API token.
    ApiToken(Token),
    /// What may be a token of an outside identity provider.
    Jwt(&'a str),
}

impl fmt::Debug for Credential<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ApiToken(token) => token.fmt(formatter),
            Self::Jwt(_) => formatter.write_str("jwt (hidden)"),
        }
    }
}

/// Why a value is no credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words())]
pub enum Unreadable {
    /// The value is not of the form `Bearer <token>`.
    Scheme,
    /// The value is longer than [`LONGEST`].
    TooLong,
    /// What stands after `Bearer` has the form of no token that is accepted.
    Form,
}

impl Unreadable {
    /// What is wrong, in characters that a header can carry.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Scheme => "credentials are shown as Bearer and a token",
            Self::TooLong => "the token is longer than 8 KiB",
            Self::Form => "the token has the form of none that is accepted here",
        }
    }
}

/// Reads the value of an `Authorization` header.
///
/// # Errors
///
/// When it holds no credential.
pub fn read(value: &str) -> Result<Credential<'_>, Unreadable> {
    let value = value.trim_matches([' ', '\t']);
    if value.len() > LONGEST {
        return Err(Unreadable::TooLong);
    }
    let (scheme, token) = value.split_once(' ').ok_or(Unreadable::Scheme)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Unreadable::Scheme);
    }
    let token = token.trim_start_matches(' ');
    if token.starts_with(PREFIX) {
        return Token::parse(token)
            .map(Credential::ApiToken)
            .ok_or(Unreadable::Form);
    }
    if is_compact_jws(token) {
        Ok(Credential::Jwt(token))
    } else {
        Err(Unreadable::Form)
    }
}

/// Three parts in the alphabet of base64url, none of them empty: a token without a signature is none.
fn is_compact_jws(token: &str) -> bool {
    let is_part = |part: &str| {
        let mut bytes = part.bytes();
        !part.is_empty()
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    token.split('.').count() == 3 && token.split('.').all(is_part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::access::token::RANDOM_BYTES;

    #[test]
    fn a_bearer_is_read_whatever_its_case() {
        let token = Token::of_random(&[7; RANDOM_BYTES]).reveal();
        for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
            assert!(matches!(
                read(&format!("{scheme} {token}")),
                Ok(Credential::ApiToken(_))
            ));
        }
        assert!(read(&format!("  Bearer   {token}\t")).is_ok());
        assert!(matches!(
            read("Bearer aa.bb.cc"),
            Ok(Credential::Jwt("aa.bb.cc"))
        ));
    }

    #[test]
    fn anything_else_is_refused() {
        let token = Token::of_random(&[7; RANDOM_BYTES]).reveal();
        for (value, expected) in [
            (String::new(), Unreadable::Scheme),
            ("Bearer".to_owned(), Unreadable::Scheme),
            ("Bearer ".to_owned(), Unreadable::Scheme),
            ("Basic dXNlcjpwYXNz".to_owned(), Unreadable::Scheme),
            (token.clone(), Unreadable::Scheme),
            (format!("Bearer\t{token}"), Unreadable::Scheme),
            (format!("Bearer {token} {token}"), Unreadable::Form),
            (format!("Bearer {token}, Bearer x"), Unreadable::Form),
            ("Bearer a.b".to_owned(), Unreadable::Form),
            // A JWT without a signature, as the algorithm `none` has it, and an encrypted one.
            ("Bearer aa.bb.".to_owned(), Unreadable::Form),
            ("Bearer a.b.c.d.e".to_owned(), Unreadable::Form),
            ("Bearer a.b.c=".to_owned(), Unreadable::Form),
            (
                format!("Bearer {}", "a".repeat(LONGEST)),
                Unreadable::TooLong,
            ),
        ] {
            assert_eq!(read(&value).unwrap_err(), expected, "{value}");
        }
    }

    #[test]
    fn no_debug_output_holds_a_credential() {
        let token = Token::of_random(&[7; RANDOM_BYTES]).reveal();
        let value = format!("Bearer {token}");
        let printed = format!("{:?} {:?}", read(&value), read("Bearer aa.bb.cc"));
        assert!(!printed.contains(&token[21..]) && !printed.contains("aa.bb"));
    }

    proptest! {
        #[test]
        fn any_value_is_read_or_refused(value: String, rest: String) {
            let _ = (read(&value), read(&format!("Bearer {rest}")), read(&format!("Bearer {PREFIX}{rest}")));
        }
    }
}
