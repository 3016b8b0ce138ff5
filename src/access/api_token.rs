//! API tokens without their secrets: their roles and their lifetimes.

use chrono::{DateTime, Datelike, Utc};

use super::{Role, token::PublicId};
use crate::{
    critic::CriticId,
    patch::{self, Patch},
    text,
    user_error::{UserErrorCode, UserErrors},
};

/// The key of a token in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApiTokenId(pub i64);

/// A stored token without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// The key of the token.
    pub id: ApiTokenId,
    /// The ID that identifies the token in lists and logs.
    pub public_id: PublicId,
    /// The name that its creator gave it.
    pub name: String,
    /// The role of the token.
    pub role: Role,
    /// The critic whose reviews the token may write. `Some` if and only if the role is [`Role::Critic`].
    pub critic: Option<CriticId>,
    /// The time of its creation.
    pub created_at: DateTime<Utc>,
    /// The actor that created it.
    pub created_by: String,
    /// The time at which it expires; `None` if it does not.
    pub expires_at: Option<DateTime<Utc>>,
    /// The time at which it was revoked; `None` if it was not.
    pub revoked_at: Option<DateTime<Utc>>,
    /// The time of its last use, accurate to about a minute; `None` if it was never used.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// The state of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// The token is valid.
    Active,
    /// The token has expired.
    Expired,
    /// The token was revoked.
    Revoked,
}

impl TokenState {
    /// Returns the name of the state in the output of commands.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl ApiToken {
    /// Returns the state of the token at a time. At exactly `expires_at` the token has expired.
    #[must_use]
    pub fn state_at(&self, now: DateTime<Utc>) -> TokenState {
        if self.revoked_at.is_some() {
            TokenState::Revoked
        } else if self.expires_at.is_some_and(|expiry| expiry <= now) {
            TokenState::Expired
        } else {
            TokenState::Active
        }
    }

    /// Returns the name that is stored as the author of changes made with the token.
    #[must_use]
    pub fn actor(&self) -> String {
        format!("{} (token {})", self.name, self.public_id)
    }
}

/// The validated attributes of a new token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenDraft {
    name: String,
    role: Role,
    critic: Option<CriticId>,
    expires_at: Option<DateTime<Utc>>,
}

impl TokenDraft {
    /// Validates the attributes of a new token. Reports all errors together, at the fields `name`, `critic` and
    /// `expiresAt`.
    ///
    /// # Errors
    ///
    /// When the name is blank, too long or has control characters, the role critic has no critic, another role has one,
    /// or the expiry is in the past or after the year 9998.
    pub fn new(
        name: &str,
        role: Role,
        critic: Option<CriticId>,
        expires_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Self, UserErrors> {
        let mut errors = UserErrors::default();
        let name = Patch::Set(name.to_owned());
        let name = match patch::line(name, "name", text::MAX_TOKEN_NAME_LENGTH, &mut errors) {
            Patch::Set(name) => name,
            Patch::Clear => {
                errors.add("name", UserErrorCode::Blank, "the token needs a name");
                String::new()
            }
            // `patch::line` has added the error.
            Patch::Keep => String::new(),
        };
        match (role, critic) {
            (Role::Critic, None) => {
                let message =
                    "a token with the role critic needs the critic whose reviews it may write";
                errors.add("critic", UserErrorCode::Blank, message);
            }
            (Role::Editor | Role::Admin, Some(_)) => {
                let message = "only a token with the role critic can have a critic: omit it";
                errors.add("critic", UserErrorCode::Contradiction, message);
            }
            _ => {}
        }
        if expires_at.is_some_and(|expiry| expiry <= now || expiry.year() > 9998) {
            let message = "the expiry must be in the future, and before the year 9999";
            errors.add("expiresAt", UserErrorCode::OutOfRange, message);
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self {
            name,
            role,
            critic,
            expires_at,
        })
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the role.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Returns the critic whose reviews the token may write. `Some` if and only if the role is [`Role::Critic`].
    #[must_use]
    pub fn critic(&self) -> Option<CriticId> {
        self.critic
    }

    /// Returns the time at which the token expires; `None` if it does not.
    #[must_use]
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.expires_at
    }
}

#[cfg(test)]
mod tests;
