//! The arguments that refer to a critic.

use async_graphql::{ID, OneofObject};

use crate::{
    global_id::Kind,
    graphql::{
        constraint::{NAME, NOT_A_LIST, constraint},
        types::{external_id::ExternalIdInput, name_input::NameInput},
    },
    named::NamedReference,
    user_error::UserErrors,
};

/// A reference to a critic: exactly one of `id`, `slug`, `name` and `external`.
#[derive(Clone, Debug, OneofObject)]
pub enum CriticBy {
    /// The global ID.
    Id(ID),
    /// The slug.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    Slug(String),
    /// The name. It means the critic with exactly this name, or else the one whose name differs only in case. Several are
    /// an error with the code `AMBIGUOUS`.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    Name(String),
    /// The identifier at a source. It means the critic who has it among their `externalIds`.
    External(ExternalIdInput),
}

/// A reference to a critic, which may be new: exactly one of `id`, `slug`, `name`, `named` and `external`.
#[derive(Debug, OneofObject)]
pub enum CriticRef {
    /// The global ID.
    Id(ID),
    /// The slug.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    Slug(String),
    /// The name, at most 300 characters. It means the critic with exactly this name, or else the one whose name differs
    /// only in case. If there is none, one is added. If there are several, or none and others differ only in accents,
    /// punctuation and blanks, the user error is `AMBIGUOUS`, and lists them as `candidates`: use the ID or the slug, or
    /// `named`.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    Name(String),
    /// The name, with whether a new one is added in any case.
    Named(NameInput),
    /// The identifier at a source. It means the critic who has it among their `externalIds`; none is added.
    External(ExternalIdInput),
}

impl CriticRef {
    /// Parses the reference; adds an error at `path` if it is invalid.
    #[must_use]
    pub fn read(self, path: &str, errors: &mut UserErrors) -> Option<NamedReference> {
        match self {
            Self::Id(id) => {
                NamedReference::from_id(&id, Kind::Critic, &format!("{path}.id"), errors)
            }
            Self::Slug(slug) => NamedReference::from_slug(slug, &format!("{path}.slug"), errors),
            Self::Name(name) => NamedReference::from_name(name, path, errors),
            Self::Named(named) => named.read(path, errors),
            Self::External(id) => id
                .parse(&format!("{path}.external"), errors)
                .map(NamedReference::External),
        }
    }
}
