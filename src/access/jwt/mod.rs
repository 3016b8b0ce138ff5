//! Tokens of an external identity provider: JSON Web Tokens (RFC 7519) that are signed with RS256, ES256 or `EdDSA`.
//!
//! The algorithm of a token must match its key. So unsigned tokens (`none`), tokens that use a public key as a shared
//! secret (HS256), and tokens that use a key with another algorithm are rejected before their signature is verified.

mod claim_path;
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
    /// The required value of `aud`, or of one of its elements. For access tokens of Amazon Cognito, which have no `aud`,
    /// the required value of `client_id`.
    pub audience: String,
    /// The claim with a role or a list of roles, or the path to it.
    pub role_claim: String,
    /// The provider's names of roles. If there are none, the roles have their own names.
    pub role_names: Vec<RoleName>,
    /// The claim with the slug of a critic, or the path to it.
    pub critic_claim: String,
    /// The tolerated difference between the clocks of the provider and the server, in seconds.
    pub leeway: u16,
}

impl JwtPolicy {
    /// Returns the role with the provider's name `name`; the highest one, if several have it.
    fn role(&self, name: &str) -> Option<Role> {
        if self.role_names.is_empty() {
            return Role::ALL.into_iter().find(|role| role.name() == name);
        }
        let named = self.role_names.iter().filter(|known| known.name == name);
        named.map(|known| known.role).max()
    }
}

/// A role, and a name that the identity provider has for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleName {
    /// The role.
    pub role: Role,
    /// The name in the role claim.
    pub name: String,
}

/// A string is not a role with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "give a role and the provider's name for it, such as editor=film-editors; the roles are critic, editor and admin"
)]
pub struct InvalidRoleName;

impl std::str::FromStr for RoleName {
    type Err = InvalidRoleName;

    /// Parses `role=name`. The name may contain further `=`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (role, name) = text.split_once('=').ok_or(InvalidRoleName)?;
        let role = Role::ALL
            .into_iter()
            .find(|known| known.name().eq_ignore_ascii_case(role.trim_ascii()))
            .ok_or(InvalidRoleName)?;
        let name = name.trim_ascii();
        if name.is_empty() {
            return Err(InvalidRoleName);
        }
        let name = name.to_owned();
        Ok(Self { role, name })
    }
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
