//! Tokens of an external identity provider: JSON Web Tokens (RFC 7519) that are signed with RS256, ES256 or `EdDSA`.
//!
//! The algorithm of a token must match its key. So unsigned tokens (`none`), tokens that use a public key as a shared
//! secret (HS256), and tokens that use a key with another algorithm are rejected before their signature is verified.

mod claims;
pub mod key_cache;
pub mod key_set;
mod signature;
pub mod source;
#[cfg(test)]
mod tests;
pub mod verifier;

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, Validation};
use serde_json::{Map, Value};

use self::key_set::KeySet;
use super::{Role, credentials};

/// The maximum number of characters in `sub`, as in `OpenID Connect`.
pub const MAX_SUBJECT_LENGTH: usize = 255;

/// The maximum tolerated clock difference, in seconds.
pub const MAX_LEEWAY: u16 = 300;

/// The settings of the verification of tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtPolicy {
    /// The required value of `iss`.
    pub issuer: String,
    /// The required value of `aud`, or of one of its elements.
    pub audience: String,
    /// The claim with a role or a list of roles.
    pub role_claim: String,
    /// The claim with the slug of a critic.
    pub critic_claim: String,
    /// The tolerated difference between the clocks of the provider and the server, in seconds.
    pub leeway: u16,
}

/// The identity in a verified token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The name at the provider: `sub`.
    pub subject: String,
    /// The role, and the critic of the role critic.
    pub grant: Grant,
    /// The expiry of the token, from `exp`, without leeway.
    pub expires_at: DateTime<Utc>,
}

/// A role, with the slug of the critic for [`Grant::Critic`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// The role critic, for the critic of this slug.
    Critic(String),
    /// The role editor.
    Editor,
    /// The role admin.
    Admin,
}

impl Grant {
    /// Returns the role.
    #[must_use]
    pub fn role(&self) -> Role {
        match self {
            Self::Critic(_) => Role::Critic,
            Self::Editor => Role::Editor,
            Self::Admin => Role::Admin,
        }
    }
}

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

/// A token whose header is parsed, but which is not verified yet.
pub struct UnverifiedToken<'a> {
    token: &'a str,
    algorithm: Algorithm,
    key_id: Option<String>,
}

impl<'a> UnverifiedToken<'a> {
    /// Parses the header of a token.
    ///
    /// # Errors
    ///
    /// When the token is too long, its header is malformed, or its algorithm or type is not accepted.
    pub fn parse(token: &'a str) -> Result<Self, JwtError> {
        if token.len() > credentials::MAX_LENGTH {
            return Err(JwtError::Malformed);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| JwtError::Algorithm)?;
        let algorithm = header.alg;
        if !matches!(
            algorithm,
            Algorithm::RS256 | Algorithm::ES256 | Algorithm::EdDSA
        ) {
            return Err(JwtError::Algorithm);
        }
        // Critical extensions must be supported, and this server supports none (RFC 7515, 4.1.11).
        if header.crit.is_some() || !header.typ.as_deref().is_none_or(is_access_token) {
            return Err(JwtError::UnsupportedType);
        }
        Ok(Self {
            token,
            algorithm,
            key_id: header.kid,
        })
    }

    /// Returns whether a key set contains the token's key.
    #[must_use]
    pub fn has_key_in(&self, keys: &KeySet) -> bool {
        keys.find(self.key_id.as_deref(), self.algorithm).is_some()
    }

    /// Verifies the signature and the claims.
    ///
    /// # Errors
    ///
    /// When the token is rejected.
    pub fn verify(
        &self,
        keys: &KeySet,
        policy: &JwtPolicy,
        now: DateTime<Utc>,
    ) -> Result<Identity, JwtError> {
        signature::install_provider();
        let key = keys
            .find(self.key_id.as_deref(), self.algorithm)
            .ok_or(JwtError::UnknownKey)?;
        let claims: Map<String, Value> =
            jsonwebtoken::decode(self.token, key, &validation(self.algorithm, policy))
                .map_err(|error| jwt_error(error.kind()))?
                .claims;
        claims::identify(&claims, policy, now)
    }
}

/// Returns whether a `typ` header is that of an access token. Tokens for other purposes have another type, such as
/// `logout+jwt` (RFC 8725, 3.11).
fn is_access_token(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    let kind = kind.strip_prefix("application/").unwrap_or(&kind);
    matches!(kind, "jwt" | "at+jwt")
}

/// Returns the settings of `jsonwebtoken`. It does not validate times: [`claims`] does so more strictly, with the
/// current time as an argument.
fn validation(algorithm: Algorithm, policy: &JwtPolicy) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
    validation.set_issuer(&[&policy.issuer]);
    validation.set_audience(&[&policy.audience]);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}

fn jwt_error(error: &jsonwebtoken::errors::ErrorKind) -> JwtError {
    use jsonwebtoken::errors::ErrorKind;
    match error {
        ErrorKind::InvalidSignature => JwtError::Signature,
        ErrorKind::InvalidAlgorithm => JwtError::Algorithm,
        ErrorKind::InvalidIssuer => JwtError::Issuer,
        ErrorKind::InvalidAudience => JwtError::Audience,
        ErrorKind::MissingRequiredClaim(claim) => match claim.as_str() {
            "iss" => JwtError::Issuer,
            "aud" => JwtError::Audience,
            "exp" => JwtError::Time,
            _ => JwtError::Subject,
        },
        _ => JwtError::Malformed,
    }
}
