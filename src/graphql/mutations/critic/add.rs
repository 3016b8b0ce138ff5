//! The mutation `addCritic`.

use async_graphql::{Context, InputObject, Object, Result};

use super::KIND;
use crate::{
    critic::{CriticId, store::CriticById},
    graphql::{
        constraint::{BY_TYPE, NAME, NAMES, NOT_A_LIST, URL, constraint},
        mutations::{idempotency::Idempotency, named},
        selection::Linked,
        types::external_id::{ExternalIdInput, patch_of},
    },
    named::draft::NamedPatch,
    patch::Patch,
    user_error::UserError,
};

/// The input of `addCritic`.
#[derive(Debug, InputObject)]
pub struct AddCriticInput {
    /// The name of the critic, at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    name: String,
    /// The URL of the critic's page on another site, at most 2,000 characters; none when null.
    #[graphql(directive = constraint::apply(URL, NOT_A_LIST))]
    url: Option<String>,
    /// The identifiers at sources: at most 50 different ones; none when null. If another critic has one of them, the user
    /// error is `ALREADY_EXISTS`, and names that critic among its `candidates`.
    #[graphql(directive = constraint::apply(BY_TYPE, NAMES))]
    external_ids: Option<Vec<ExternalIdInput>>,
    /// The unique slug for URLs: lower-case letters, digits and hyphens; derived from the name when null. With a slug,
    /// the critic is added even if one with the same name exists.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    slug: Option<String>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

pub(super) async fn add(ctx: &Context<'_>, input: AddCriticInput) -> Result<AddCriticPayload> {
    let patch = NamedPatch {
        slug: input.slug.into(),
        name: Patch::Set(input.name),
        url: input.url.into(),
        weight: Patch::Keep,
        external_ids: patch_of(input.external_ids.into()),
    };
    let added = named::add(ctx, KIND, patch, input.idempotency).await?;
    Ok(AddCriticPayload {
        critic: added.row_id.map(CriticId),
        user_errors: added.user_errors,
    })
}

/// The result of `addCritic`.
#[derive(Debug)]
pub struct AddCriticPayload {
    critic: Option<CriticId>,
    user_errors: Vec<UserError>,
}

/// The result of `addCritic`.
#[Object]
impl AddCriticPayload {
    /// The added critic; null if it was not added, or has been deleted since.
    fn critic(&self) -> Linked<CriticById> {
        Linked(self.critic.map(CriticById))
    }

    /// All errors in the input; empty if the critic was added.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
