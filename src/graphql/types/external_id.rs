//! The identifiers of films and critics at sources.

use async_graphql::{Context, InputObject, Result, SimpleObject};

use crate::{
    external_id::{self, ExternalId, IdentifiedKind, store::ExternalIdsOf},
    graphql::{
        constraint::{NOT_A_LIST, SHORT, constraint},
        load,
    },
    patch::Patch,
    user_error::UserErrors,
};

/// The identifier of a film or a critic at a source.
#[derive(Debug, SimpleObject)]
#[graphql(name = "ExternalId")]
pub struct ExternalIdObject {
    /// The name of the source, such as "imdb".
    source: String,
    /// The identifier at the source, such as "tt0103639". It is no global ID: other sources may have the same.
    id: String,
}

impl From<&ExternalId> for ExternalIdObject {
    fn from(id: &ExternalId) -> Self {
        Self {
            source: id.source.clone(),
            id: id.id.clone(),
        }
    }
}

/// The identifier of a film or a critic at a source.
#[derive(Clone, Debug, InputObject)]
pub struct ExternalIdInput {
    /// The name of the source, such as "imdb", at most 200 characters without a colon. Its case counts.
    #[graphql(directive = constraint::apply(SHORT, NOT_A_LIST))]
    source: String,
    /// The identifier at the source, such as "tt0103639", at most 200 characters. Its case counts.
    #[graphql(directive = constraint::apply(SHORT, NOT_A_LIST))]
    id: String,
}

impl ExternalIdInput {
    /// Parses the external id; adds errors below `path` if it is invalid.
    #[must_use]
    pub fn parse(self, path: &str, errors: &mut UserErrors) -> Option<ExternalId> {
        external_id::read(self.into(), path, errors)
    }
}

impl From<ExternalIdInput> for ExternalId {
    fn from(ExternalIdInput { source, id }: ExternalIdInput) -> Self {
        Self { source, id }
    }
}

/// Converts a list of an input.
#[must_use]
pub fn patch_of(list: Patch<Vec<ExternalIdInput>>) -> Patch<Vec<ExternalId>> {
    list.map(|ids| ids.into_iter().map(ExternalId::from).collect())
}

/// Loads the external ids of a film or a critic.
///
/// # Errors
///
/// `UNAVAILABLE` or `INTERNAL` if the statement fails.
pub async fn external_ids(
    ctx: &Context<'_>,
    kind: IdentifiedKind,
    owner: i64,
) -> Result<Vec<ExternalIdObject>> {
    let ids = load(ctx, ExternalIdsOf { kind, owner }).await?;
    let ids = ids.as_deref().unwrap_or_default();
    Ok(ids.iter().map(ExternalIdObject::from).collect())
}
