//! The errors of a JWT that is not accepted.

/// A token is rejected. The messages may be sent to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub enum JwtError {
    /// The token is malformed or too long.
    Malformed,
    /// The header is malformed, or names an algorithm that is not accepted.
    Algorithm,
    /// The header has `crit`, or a `typ` of a token for another purpose.
    UnsupportedType,
    /// The key is not among the provider's keys.
    UnknownKey,
    /// The signature is invalid.
    Signature,
    /// `iss` is missing or is another issuer.
    Issuer,
    /// `aud` is missing or does not contain the audience.
    Audience,
    /// `sub` is missing, blank, too long, or contains control characters.
    Subject,
    /// `exp` is missing, or `exp`, `nbf` or `iat` is not a valid time.
    Time,
    /// The token has expired.
    Expired,
    /// The token is not valid yet.
    NotYetValid,
    /// The token has no known role.
    Role,
    /// The token has the role critic, but no valid slug of a critic.
    Critic,
}

impl JwtError {
    /// Returns the message for the client. Its characters are valid in a quoted string of a header.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Malformed => "the token is malformed",
            Self::Algorithm => "the token is not signed with RS256, ES256 or EdDSA",
            Self::UnsupportedType => {
                "the token has a typ or crit header that this server does not accept"
            }
            Self::UnknownKey => "the token is signed with a key that its issuer has not published",
            Self::Signature => "the signature of the token is invalid",
            Self::Issuer => "the token is not from the issuer that this server trusts",
            Self::Audience => "the token is not for this audience",
            Self::Subject => "the sub claim of the token is missing or invalid",
            Self::Time => "the exp, nbf or iat claim of the token is missing or invalid",
            Self::Expired => "the token has expired",
            Self::NotYetValid => "the token is not valid yet",
            Self::Role => "the token has no role that this server accepts",
            Self::Critic => "the token has the role critic, but names no critic",
        }
    }
}

pub(super) fn jwt_error(error: &jsonwebtoken::errors::ErrorKind) -> JwtError {
    use jsonwebtoken::errors::ErrorKind;
    match error {
        ErrorKind::InvalidSignature => JwtError::Signature,
        ErrorKind::InvalidAlgorithm => JwtError::Algorithm,
        ErrorKind::InvalidIssuer => JwtError::Issuer,
        ErrorKind::MissingRequiredClaim(claim) => match claim.as_str() {
            "iss" => JwtError::Issuer,
            "exp" => JwtError::Time,
            _ => JwtError::Subject,
        },
        _ => JwtError::Malformed,
    }
}
