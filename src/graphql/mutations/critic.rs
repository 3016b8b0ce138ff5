//! The mutations of critics: add, update, delete and merge.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};

use crate::{
    critic::{Critic, CriticId, store::CriticById},
    global_id::Kind,
    graphql::{
        constraint::{NAME, NOT_A_LIST, URL, constraint},
        encode_id, load,
        mutations::{idempotency::Idempotency, named},
        selection::Inlined,
        to_nullable_field,
    },
    mutation::DeletedRow,
    named::{NamedKind, draft::NamedPatch, store::Merged},
    patch::Patch,
    user_error::UserError,
};

const KIND: NamedKind = NamedKind::Critic;

/// The input of `addCritic`.
#[derive(Debug, InputObject)]
pub struct AddCriticInput {
    /// The name of the critic, at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    name: String,
    /// The URL of the critic's page on another site, at most 2,000 characters; none when null.
    #[graphql(directive = constraint::apply(URL, NOT_A_LIST))]
    url: Option<String>,
    /// The unique slug for URLs: lower-case letters, digits and hyphens; derived from the name when null. With a slug,
    /// the critic is added even if one with the same name exists.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    slug: Option<String>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// The input of `updateCritic`. Omitted fields stay unchanged; null clears a field.
#[derive(Debug, InputObject)]
pub struct UpdateCriticInput {
    /// The global ID of the critic.
    id: ID,
    /// The version that the caller has read. If the current `version` differs, nothing is changed, and the user error
    /// is `STALE`. Not checked when null.
    expected_version: Option<i32>,
    /// The name of the critic, at most 300 characters. It can't be cleared.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    name: MaybeUndefined<String>,
    /// The URL of the critic's page on another site, at most 2,000 characters; null for none.
    #[graphql(directive = constraint::apply(URL, NOT_A_LIST))]
    url: MaybeUndefined<String>,
    /// The unique slug for URLs: lower-case letters, digits and hyphens. It can't be cleared.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    slug: MaybeUndefined<String>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// The input of `deleteCritic`.
#[derive(Debug, InputObject)]
pub struct DeleteCriticInput {
    /// The global ID of the critic.
    id: ID,
    /// The version that the caller has read. If the current `version` differs, nothing is changed, and the user error
    /// is `STALE`. Not checked when null.
    expected_version: Option<i32>,
    /// Whether its reviews may remain without a critic; false when null. Required if it has reviews.
    detach_reviews: Option<bool>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// The input of `mergeCritics`.
#[derive(Debug, InputObject)]
pub struct MergeCriticsInput {
    /// The global ID of the critic to delete, after its reviews are moved.
    from: ID,
    /// The global ID of the critic that remains.
    into: ID,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// The mutations of critics.
#[derive(Debug, Default)]
pub struct CriticMutation;

/// The mutations of critics.
#[Object]
impl CriticMutation {
    /// Adds a critic. Requires the role EDITOR. Null on a top-level error.
    async fn add_critic(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The critic to add.")] input: AddCriticInput,
    ) -> Option<Result<AddCriticPayload>> {
        Some(add(ctx, input).await)
    }

    /// Updates a critic. Requires the role EDITOR. Null on a top-level error.
    async fn update_critic(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The critic and its new values.")] input: UpdateCriticInput,
    ) -> Option<Result<UpdateCriticPayload>> {
        Some(update(ctx, input).await)
    }

    /// Deletes a critic. Its reviews remain, without a critic. Requires the role EDITOR. Null on a top-level error.
    async fn delete_critic(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The critic to delete.")] input: DeleteCriticInput,
    ) -> Option<Result<DeleteCriticPayload>> {
        Some(delete(ctx, input).await)
    }

    /// Merges two entries of the same critic: moves the reviews, the external IDs and the API tokens of one to the
    /// other, and deletes the first. The remaining critic keeps its name, slug and URL. Requires the role EDITOR. Null
    /// on a top-level error.
    async fn merge_critics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The two critics.")] input: MergeCriticsInput,
    ) -> Option<Result<MergeCriticsPayload>> {
        Some(merge(ctx, input).await)
    }
}

async fn add(ctx: &Context<'_>, input: AddCriticInput) -> Result<AddCriticPayload> {
    let patch = NamedPatch {
        slug: input.slug.into(),
        name: Patch::Set(input.name),
        url: input.url.into(),
        weight: Patch::Keep,
    };
    let added = named::add(ctx, KIND, patch, input.idempotency).await?;
    Ok(AddCriticPayload {
        critic: added.row_id.map(CriticId),
        user_errors: added.user_errors,
    })
}

async fn update(ctx: &Context<'_>, input: UpdateCriticInput) -> Result<UpdateCriticPayload> {
    let patch = NamedPatch {
        slug: input.slug.into(),
        name: input.name.into(),
        url: input.url.into(),
        weight: Patch::Keep,
    };
    let target = (&input.id, input.expected_version);
    let updated = named::update(ctx, KIND, target, patch, input.idempotency).await?;
    Ok(UpdateCriticPayload {
        critic: updated.row_id.map(CriticId),
        user_errors: updated.user_errors,
    })
}

async fn delete(ctx: &Context<'_>, input: DeleteCriticInput) -> Result<DeleteCriticPayload> {
    let target = (&input.id, input.expected_version);
    let idempotency = input.idempotency;
    let deleted = named::delete(ctx, KIND, target, input.detach_reviews, idempotency).await?;
    Ok(DeleteCriticPayload {
        deleted: deleted.done,
        critic: deleted.row_id.map(CriticId),
        user_errors: deleted.user_errors,
    })
}

async fn merge(ctx: &Context<'_>, input: MergeCriticsInput) -> Result<MergeCriticsPayload> {
    let ids = (&input.from, &input.into);
    let merged = named::merge(ctx, KIND, ids, input.idempotency).await?;
    Ok(MergeCriticsPayload {
        merged: merged.done,
        into: merged.row_id.map(CriticId),
        user_errors: merged.user_errors,
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
    async fn critic(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Critic>>>> {
        to_nullable_field(load(ctx, CriticById(self.critic?)).await)
    }

    /// All errors in the input; empty if the critic was added.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// The result of `updateCritic`.
#[derive(Debug)]
pub struct UpdateCriticPayload {
    critic: Option<CriticId>,
    user_errors: Vec<UserError>,
}

/// The result of `updateCritic`.
#[Object]
impl UpdateCriticPayload {
    /// The critic in its current state, whether or not it was updated; null if it doesn't exist.
    async fn critic(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Critic>>>> {
        to_nullable_field(load(ctx, CriticById(self.critic?)).await)
    }

    /// All errors in the input; empty if the critic was updated.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// The result of `deleteCritic`.
#[derive(Debug)]
pub struct DeleteCriticPayload {
    deleted: Option<DeletedRow>,
    critic: Option<CriticId>,
    user_errors: Vec<UserError>,
}

/// The result of `deleteCritic`.
#[Object]
impl DeleteCriticPayload {
    /// The global ID of the deleted critic; null if it was not deleted.
    fn deleted_critic_id(&self) -> Option<ID> {
        self.deleted
            .map(|deleted| encode_id(Kind::Critic, deleted.id))
    }

    /// The number of reviews that remain without a critic; null if it was not deleted.
    fn detached_review_count(&self) -> Option<i32> {
        let deleted = self.deleted?;
        Some(i32::try_from(deleted.reviews).unwrap_or(i32::MAX))
    }

    /// The critic in its current state; null if it was deleted or doesn't exist.
    async fn critic(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Critic>>>> {
        if self.deleted.is_some() {
            return None;
        }
        to_nullable_field(load(ctx, CriticById(self.critic?)).await)
    }

    /// All errors in the input; empty if the critic was deleted.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// The result of `mergeCritics`.
#[derive(Debug)]
pub struct MergeCriticsPayload {
    merged: Option<Merged>,
    into: Option<CriticId>,
    user_errors: Vec<UserError>,
}

/// The result of `mergeCritics`.
#[Object]
impl MergeCriticsPayload {
    /// The critic that remains, whether or not they were merged; null if it doesn't exist.
    async fn critic(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Critic>>>> {
        to_nullable_field(load(ctx, CriticById(self.into?)).await)
    }

    /// The global ID of the deleted critic; null if they were not merged.
    fn merged_critic_id(&self) -> Option<ID> {
        self.merged
            .map(|merged| encode_id(Kind::Critic, merged.from))
    }

    /// The number of moved reviews; null if they were not merged.
    fn moved_review_count(&self) -> Option<i32> {
        let merged = self.merged?;
        Some(i32::try_from(merged.reviews).unwrap_or(i32::MAX))
    }

    /// All errors in the input; empty if the critics were merged.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
