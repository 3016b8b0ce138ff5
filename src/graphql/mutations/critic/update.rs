//! The mutation `updateCritic`.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};

use super::KIND;
use crate::graphql::types::changed_field::ChangedField;
use crate::{
    critic::{CriticId, store::CriticById},
    graphql::{
        constraint::{BY_TYPE, NAME, NAMES, NOT_A_LIST, URL, constraint},
        mutations::{idempotency::Idempotency, named},
        selection::Linked,
        types::{
            critic::{field::CriticField, reference::CriticBy},
            external_id::{ExternalIdInput, patch_of},
        },
    },
    named::draft::NamedPatch,
    patch::Patch,
    user_error::UserError,
};

/// The input of `updateCritic`. Omitted fields stay unchanged; null clears a field.
#[derive(Debug, InputObject)]
pub struct UpdateCriticInput {
    /// The global ID of the critic. Exactly one of `id` and `by` is required.
    id: Option<ID>,
    /// The critic.
    by: Option<CriticBy>,
    /// The version that the caller has read. If the current `version` differs, nothing is changed, and the user error
    /// is `STALE`. Not checked when null.
    expected_version: Option<i32>,
    /// The name of the critic, at most 300 characters. It can't be cleared.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    name: MaybeUndefined<String>,
    /// The URL of the critic's page on another site, at most 2,000 characters; null for none.
    #[graphql(directive = constraint::apply(URL, NOT_A_LIST))]
    url: MaybeUndefined<String>,
    /// The identifiers at sources, which replace the present ones: at most 50 different ones; null for none. If another
    /// critic has one of them, the user error is `ALREADY_EXISTS`, and names that critic among its `candidates`.
    #[graphql(directive = constraint::apply(BY_TYPE, NAMES))]
    external_ids: MaybeUndefined<Vec<ExternalIdInput>>,
    /// The unique slug for URLs: lower-case letters, digits and hyphens. It can't be cleared.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    slug: MaybeUndefined<String>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

pub(super) async fn update(
    ctx: &Context<'_>,
    input: UpdateCriticInput,
) -> Result<UpdateCriticPayload> {
    let patch = NamedPatch {
        slug: input.slug.into(),
        name: input.name.into(),
        url: input.url.into(),
        weight: Patch::Keep,
        external_ids: patch_of(input.external_ids.into()),
    };
    let target = ((input.id, input.by), input.expected_version);
    let updated = named::update(ctx, KIND, target, patch, input.idempotency).await?;
    Ok(UpdateCriticPayload {
        critic: updated.row_id.map(CriticId),
        changed: updated.done.map(|row| row.changed).unwrap_or_default(),
        user_errors: updated.user_errors,
    })
}

/// The result of `updateCritic`.
#[derive(Debug)]
pub struct UpdateCriticPayload {
    critic: Option<CriticId>,
    changed: Vec<String>,
    user_errors: Vec<UserError>,
}

/// The result of `updateCritic`.
#[Object]
impl UpdateCriticPayload {
    /// The critic in its current state, whether or not it was updated; null if it doesn't exist.
    fn critic(&self) -> Linked<CriticById> {
        Linked(self.critic.map(CriticById))
    }

    /// The fields that the update changed; empty if it changed nothing. It shows whether a null in the input has removed
    /// a value.
    fn changed(&self) -> Vec<CriticField> {
        CriticField::of(&self.changed)
    }

    /// All errors in the input; empty if the critic was updated.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
