//! The caller and their role.

use async_graphql::{Context, Enum, Error, Result};
use macros::{InlineEnum, object};

use crate::{
    access::{Principal, Role, Viewer},
    critic::store::CriticById,
    error::{code, error_with_code},
    graphql::{request_data, scalar::DateTime, selection::Linked},
};

/// Returns the caller.
///
/// # Errors
///
/// `INTERNAL` if the request has no viewer.
pub fn viewer<'a>(ctx: &Context<'a>) -> Result<&'a Viewer> {
    request_data(ctx)
}

/// Returns the caller's principal, if it has the rights of a role.
///
/// # Errors
///
/// `FORBIDDEN` if it hasn't.
pub fn require_role<'a>(ctx: &Context<'a>, role: Role) -> Result<&'a Principal> {
    viewer(ctx)?.with_role(role).ok_or_else(|| {
        let message = format!("this needs the role {}", role.name().to_uppercase());
        forbidden(message)
    })
}

/// Returns the error for a caller without the required rights.
#[must_use]
pub fn forbidden(message: impl Into<String>) -> Error {
    error_with_code(code::FORBIDDEN, message)
}

/// The caller, identified by the token of the request.
#[object]
impl Viewer {
    /// The role of the caller.
    fn role(&self) -> ViewerRole {
        match self.principal().map(|principal| principal.role) {
            None => ViewerRole::Anonymous,
            Some(Role::Critic) => ViewerRole::Critic,
            Some(Role::Editor) => ViewerRole::Editor,
            Some(Role::Admin) => ViewerRole::Admin,
        }
    }

    /// The name of the API token, or the subject of the identity provider's token; null without a token.
    fn name(&self) -> Option<&str> {
        self.principal().map(|principal| principal.name.as_str())
    }

    /// The critic whose reviews the caller may write; null unless the role is CRITIC.
    fn critic(&self) -> Linked<CriticById> {
        let critic = self.principal().and_then(|principal| principal.critic);
        Linked(critic.map(CriticById))
    }

    /// The time at which the token expires; null if it doesn't expire, and without a token.
    fn token_expires_at(&self) -> Option<DateTime> {
        self.principal()?.expires_at.map(DateTime)
    }
}

/// The role of a caller. Each role includes the rights of the roles before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(name = "Role")]
pub enum ViewerRole {
    /// May read, unless the server requires a token for reading.
    Anonymous,
    /// May add, change and delete the reviews of one critic.
    Critic,
    /// May change the whole catalogue.
    Editor,
    /// May also list, create and revoke tokens, and change the rules of the site.
    Admin,
}
