//! Rights as fields ask for them.

use async_graphql::{Context, Error, Result};

use super::{Principal, Role, Viewer};
use crate::error::{bad_input, code, internal};

/// Who asks.
///
/// # Errors
///
/// When the request was put together without it, which is a fault of ours.
pub fn viewer<'a>(ctx: &Context<'a>) -> Result<&'a Viewer> {
    ctx.data::<Viewer>()
        .map_err(|error| internal(&std::io::Error::other(error.message)))
}

/// Who asks, if they have a role or one above it.
///
/// # Errors
///
/// `FORBIDDEN` if they haven't.
pub fn require<'a>(ctx: &Context<'a>, role: Role) -> Result<&'a Principal> {
    viewer(ctx)?.with_role(role).ok_or_else(|| {
        let message = format!("this needs the role {}", role.name().to_uppercase());
        forbidden(message)
    })
}

/// The error of who may not.
#[must_use]
pub fn forbidden(message: impl Into<String>) -> Error {
    bad_input(code::FORBIDDEN, message)
}
