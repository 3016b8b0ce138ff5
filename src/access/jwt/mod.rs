//! Tokens of an external identity provider: JSON Web Tokens (RFC 7519) that are signed with RS256, ES256 or `EdDSA`.
//!
//! The algorithm of a token must match its key. So unsigned tokens (`none`), tokens that use a public key as a shared
//! secret (HS256), and tokens that use a key with another algorithm are rejected before their signature is verified.

mod claims;
mod error;
pub mod key_cache;
pub mod key_set;
mod signature;
pub mod source;
mod unverified_token;
pub mod verifier;

use chrono::{DateTime, Utc};

use super::Role;

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

#[cfg(test)]
mod tests;
