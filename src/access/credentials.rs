//! The credentials of a client: the value of an `Authorization` header.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::token::{PREFIX, PublicId, Token};

/// The maximum length of a value, in bytes.
pub const MAX_LENGTH: usize = 8 << 10;

/// A parsed credential that is not verified yet. Its `Debug` output hides secrets.
pub enum Credential<'a> {
    /// An API token.
    ApiToken(Token),
    /// A string with the form of a JWT.
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

/// A value is not a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub enum CredentialError {
    /// The value is not of the form `Bearer <token>`.
    Scheme,
    /// The value is longer than [`MAX_LENGTH`].
    TooLong,
    /// The string after `Bearer` is neither an API token nor a JWT.
    Malformed,
}

impl CredentialError {
    /// Returns the message for the client. Its characters are valid in a quoted string of a header.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Scheme => "credentials must have the form: Bearer TOKEN",
            Self::TooLong => "the token is longer than 8 KiB",
            Self::Malformed => {
                "the token is malformed, or of a type that this server does not accept"
            }
        }
    }
}

/// Parses the value of an `Authorization` header.
///
/// # Errors
///
/// When it is not a credential.
pub fn parse(value: &str) -> Result<Credential<'_>, CredentialError> {
    let value = value.trim_matches([' ', '\t']);
    if value.len() > MAX_LENGTH {
        return Err(CredentialError::TooLong);
    }
    let (scheme, token) = value.split_once(' ').ok_or(CredentialError::Scheme)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(CredentialError::Scheme);
    }
    let token = token.trim_start_matches(' ');
    if token.starts_with(PREFIX) {
        return Token::parse(token)
            .map(Credential::ApiToken)
            .ok_or(CredentialError::Malformed);
    }
    if is_compact_jws(token) {
        Ok(Credential::Jwt(token))
    } else {
        Err(CredentialError::Malformed)
    }
}

/// Returns whether a string has three non-empty base64url parts. So a token without a signature is rejected.
fn is_compact_jws(token: &str) -> bool {
    let is_part = |part: &str| {
        let mut bytes = part.bytes();
        !part.is_empty()
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    token.split('.').count() == 3 && token.split('.').all(is_part)
}

/// Returns whether a string evidently contains a credential, wherever it stands: `Bearer` with a token, or an API token
/// or a JWT as one of its words, as in `JWT eyJ…`, in JSON and in cookies. A part of the API token may be missing.
#[must_use]
pub fn is_recognizable(text: &str) -> bool {
    let text = text.trim_ascii();
    let is_bearer = text.split_once(' ').is_some_and(|(scheme, token)| {
        scheme.eq_ignore_ascii_case("bearer") && !token.trim_ascii().contains(' ')
    });
    let is_separator = |character: char| {
        !(character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.'))
    };
    let mut words = text.split(is_separator);
    is_bearer || words.any(|word| is_like_api_token(word) || is_jwt(word))
}

/// Returns whether a string begins as an API token: with the prefix and an id.
fn is_like_api_token(word: &str) -> bool {
    let id_and_secret = word.strip_prefix(PREFIX);
    let id = id_and_secret.and_then(|rest| rest.split_once('_'));
    id.is_some_and(|(id, _)| PublicId::parse(id).is_some())
}

/// Returns whether a string is a signed or encrypted JWT: three or five parts, of which the first is a JSON object.
fn is_jwt(token: &str) -> bool {
    let header = token.split('.').next().unwrap_or_default();
    matches!(token.split('.').count(), 3 | 5)
        && BASE64_URL_SAFE_NO_PAD
            .decode(header)
            .is_ok_and(|header| header.trim_ascii_start().starts_with(b"{"))
}

#[cfg(test)]
mod tests;
