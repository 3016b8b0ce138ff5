//! Who may do what.
//!
//! Everybody reads, unless the site has it otherwise. Who writes has a role, from an API token or from an identity provider's
//! token: a critic writes their own reviews, an editor the catalogue, an admin also the tokens.

pub mod anonymous;
pub mod api_token;
pub mod credentials;
pub mod gatekeeper;
pub mod jwt;
pub mod lifetime;
pub mod store;
pub mod token;

use chrono::{DateTime, Utc};

use crate::critic::CriticId;

/// What one may do; each role may all that the one before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Adds and changes their own reviews.
    Critic,
    /// Adds and changes everything in the catalogue.
    Editor,
    /// Makes and revokes tokens, too.
    Admin,
}

impl Role {
    /// As commands, claims and the API have it, in small letters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Critic => "critic",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }
}

/// Somebody who is known by a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Who it is, in words that stand beside what they changed, and that no two have in common: `desk (token 0123456789ab)`.
    pub actor: String,
    /// What they are called.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whose reviews they write; there exactly for the role of a critic.
    pub critic: Option<CriticId>,
    /// When their token ends, if it does.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Nobody who is known.
    Anonymous,
    /// Somebody who is.
    Known(Principal),
}

impl Viewer {
    /// Who it is, if they are known.
    #[must_use]
    pub fn known(&self) -> Option<&Principal> {
        match self {
            Self::Known(principal) => Some(principal),
            Self::Anonymous => None,
        }
    }

    /// When the token ends by which they are known, if it does.
    #[must_use]
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.known()?.expires_at
    }

    /// Who it is, if they may what `role` may.
    #[must_use]
    pub fn with_role(&self, role: Role) -> Option<&Principal> {
        match self {
            Self::Known(principal) if principal.role >= role => Some(principal),
            Self::Known(_) | Self::Anonymous => None,
        }
    }
}

/// Which reviews one may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All of them, and the names that they need.
    All,
    /// Those of one critic.
    Of(CriticId),
}

impl Reach {
    /// What somebody may write.
    #[must_use]
    pub fn of(principal: &Principal) -> Self {
        principal.critic.map_or(Self::All, Self::Of)
    }

    /// Whether a review by that critic is among them.
    #[must_use]
    pub fn includes(self, critic: Option<CriticId>) -> bool {
        match self {
            Self::All => true,
            Self::Of(own) => critic == Some(own),
        }
    }
}
