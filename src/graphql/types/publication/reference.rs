//! The arguments that refer to a publication.

use async_graphql::{ID, OneofObject};

use crate::{
    global_id::Kind,
    graphql::constraint::{NAME, NOT_A_LIST, constraint},
    named::NamedReference,
    user_error::UserErrors,
};

/// A reference to a publication: exactly one of `id` and `slug`.
#[derive(Debug, OneofObject)]
pub enum PublicationBy {
    /// The global ID.
    Id(ID),
    /// The slug.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    Slug(String),
}

/// A reference to a publication: exactly one of `id`, `slug` and `name`.
#[derive(Debug, OneofObject)]
pub enum PublicationRef {
    /// The global ID.
    Id(ID),
    /// The slug.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    Slug(String),
    /// The name, at most 300 characters. If no publication has this name, one is added. If several have it, the user
    /// error is `AMBIGUOUS`: use the ID or the slug.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    Name(String),
}

impl PublicationRef {
    /// Parses the reference; adds an error at `path` if it is invalid.
    #[must_use]
    pub fn read(self, path: &str, errors: &mut UserErrors) -> Option<NamedReference> {
        match self {
            Self::Id(id) => {
                NamedReference::from_id(&id, Kind::Publication, &format!("{path}.id"), errors)
            }
            Self::Slug(slug) => NamedReference::from_slug(slug, &format!("{path}.slug"), errors),
            Self::Name(name) => NamedReference::from_name(name, &format!("{path}.name"), errors),
        }
    }
}
