//! Authentication and authorization.
//!
//! By default every client may read. Writing requires a role, from an API token or from a JWT of an identity provider:
//! a critic writes their own reviews, an editor the whole catalogue, and an admin also tokens.

pub mod anonymous;
pub mod api_token;
pub mod authenticator;
pub mod credentials;
pub mod jwt;
pub mod lifetime;
pub mod store;
pub mod token;

use chrono::{DateTime, Utc};

use crate::critic::CriticId;

/// The role of a principal. Each role includes the rights of the roles before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// May add, change and delete the reviews of one critic.
    Critic,
    /// May change everything in the catalogue.
    Editor,
    /// May also list, create and revoke tokens.
    Admin,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 3] = [Self::Critic, Self::Editor, Self::Admin];

    /// Returns the name of the role in commands, claims and the API, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Critic => "critic",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }
}

/// An authenticated client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The unique name that is stored as the author of changes, such as `desk (token 0123456789ab)`.
    pub actor: String,
    /// The display name.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The critic whose reviews the principal may write. `Some` if and only if the role is [`Role::Critic`].
    pub critic: Option<CriticId>,
    /// The time at which the token expires; `None` if it does not.
    pub expires_at: Option<DateTime<Utc>>,
}

/// The client that sent a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// A client without credentials.
    Anonymous,
    /// An authenticated client.
    Authenticated(Principal),
}

impl Viewer {
    /// Returns the principal; `None` if the viewer is anonymous.
    #[must_use]
    pub fn principal(&self) -> Option<&Principal> {
        match self {
            Self::Authenticated(principal) => Some(principal),
            Self::Anonymous => None,
        }
    }

    /// Returns the time at which the viewer's token expires; `None` if it does not or there is no token.
    #[must_use]
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.principal()?.expires_at
    }

    /// Returns the principal if it has the rights of `role`.
    #[must_use]
    pub fn with_role(&self, role: Role) -> Option<&Principal> {
        match self {
            Self::Authenticated(principal) if principal.role >= role => Some(principal),
            Self::Authenticated(_) | Self::Anonymous => None,
        }
    }
}

/// The reviews that a principal may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteScope {
    /// All reviews, and the films, critics and publications that they need.
    All,
    /// The reviews of one critic.
    Critic(CriticId),
}

impl WriteScope {
    /// Returns the scope of a principal.
    #[must_use]
    pub fn of(principal: &Principal) -> Self {
        principal.critic.map_or(Self::All, Self::Critic)
    }

    /// Returns whether the scope includes the reviews of `critic`.
    #[must_use]
    pub fn includes(self, critic: Option<CriticId>) -> bool {
        match self {
            Self::All => true,
            Self::Critic(own) => critic == Some(own),
        }
    }
}
