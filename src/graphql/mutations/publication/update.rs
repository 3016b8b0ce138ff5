//! The mutation `updatePublication`.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};

use super::KIND;
use crate::graphql::types::changed_field::ChangedField;
use crate::{
    graphql::{
        constraint::{NAME, NOT_A_LIST, URL, constraint},
        mutations::{idempotency::Idempotency, named},
        selection::Linked,
        types::publication::{field::PublicationField, reference::PublicationBy},
    },
    named::draft::NamedPatch,
    patch::Patch,
    publication::{PublicationId, store::PublicationById},
    user_error::UserError,
};

/// The input of `updatePublication`. Omitted fields stay unchanged; null clears a field.
#[derive(Debug, InputObject)]
pub struct UpdatePublicationInput {
    /// The global ID of the publication. Exactly one of `id` and `by` is required.
    id: Option<ID>,
    /// The publication.
    by: Option<PublicationBy>,
    /// The version that the caller has read. If the current `version` differs, nothing is changed, and the user error
    /// is `STALE`. Not checked when null.
    expected_version: Option<i32>,
    /// The name of the publication, at most 300 characters. It can't be cleared.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    name: MaybeUndefined<String>,
    /// The URL of the publication's page on another site, at most 2,000 characters; null for none.
    #[graphql(directive = constraint::apply(URL, NOT_A_LIST))]
    url: MaybeUndefined<String>,
    /// The weight of its reviews in scores: 0.01 to 100, with at most two decimal places; null resets it to 1.
    weight: MaybeUndefined<f64>,
    /// The unique slug for URLs: lower-case letters, digits and hyphens. It can't be cleared.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    slug: MaybeUndefined<String>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

pub(super) async fn update(
    ctx: &Context<'_>,
    input: UpdatePublicationInput,
) -> Result<UpdatePublicationPayload> {
    let patch = NamedPatch {
        slug: input.slug.into(),
        name: input.name.into(),
        url: input.url.into(),
        weight: input.weight.into(),
        external_ids: Patch::Keep,
    };
    let target = ((input.id, input.by), input.expected_version);
    let updated = named::update(ctx, KIND, target, patch, input.idempotency).await?;
    Ok(UpdatePublicationPayload {
        publication: updated.row_id.map(PublicationId),
        changed: updated.done.map(|row| row.changed).unwrap_or_default(),
        user_errors: updated.user_errors,
    })
}

/// The result of `updatePublication`.
#[derive(Debug)]
pub struct UpdatePublicationPayload {
    publication: Option<PublicationId>,
    changed: Vec<String>,
    user_errors: Vec<UserError>,
}

/// The result of `updatePublication`.
#[Object]
impl UpdatePublicationPayload {
    /// The publication in its current state, whether or not it was updated; null if it doesn't exist.
    fn publication(&self) -> Linked<PublicationById> {
        Linked(self.publication.map(PublicationById))
    }

    /// The fields that the update changed; empty if it changed nothing. It shows whether a null in the input has removed
    /// a value.
    fn changed(&self) -> Vec<PublicationField> {
        PublicationField::of(&self.changed)
    }

    /// All errors in the input; empty if the publication was updated.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
