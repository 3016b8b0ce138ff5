//! The name of a critic or a publication in an input.

use async_graphql::InputObject;

use crate::{
    graphql::constraint::{NAME, NOT_A_LIST, constraint},
    named::NamedReference,
    user_error::UserErrors,
};

/// The name of a critic or a publication.
#[derive(Debug, InputObject)]
pub struct NameInput {
    /// The name, at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    name: String,
    /// Whether a new one is added even if others have this name or a similar one. When null or false, `named` means the
    /// same as `name`.
    create: Option<bool>,
}

impl NameInput {
    /// Parses the reference; adds an error below `path` if it is invalid.
    #[must_use]
    pub fn read(self, path: &str, errors: &mut UserErrors) -> Option<NamedReference> {
        let is_new = self.create.unwrap_or_default();
        NamedReference::from_named(self.name, is_new, path, errors)
    }
}
