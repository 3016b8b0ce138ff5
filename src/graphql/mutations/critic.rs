//! Adding, changing, merging and deleting critics.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};

use crate::{
    critic::{Critic, CriticId, store::CriticById},
    global_id::Kind,
    graphql::{
        constraint::{NAME, NOT_A_LIST, URL, constraint},
        found, id, load,
        mutations::{idempotency::Idempotency, named},
        selection::Inlined,
    },
    mutation::Deleted,
    named::{NamedKind, draft::NamedPatch, store::Merged},
    patch::Patch,
    user_error::UserError,
};

const KIND: NamedKind = NamedKind::Critic;

/// A critic to be added.
#[derive(Debug, InputObject)]
pub struct AddCriticInput {
    /// The name, as shown, at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    name: String,
    /// The address of a page about the critic elsewhere, at most 2,000 characters; none when null.
    #[graphql(directive = constraint::apply(URL, NOT_A_LIST))]
    url: Option<String>,
    /// The name in addresses, small letters, digits and hyphens; made of the name when null. Who gives one adds the critic even if there is
    /// one of the same name.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    slug: Option<String>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// A change of a critic. What is left out stays as it is; null takes it away.
#[derive(Debug, InputObject)]
pub struct UpdateCriticInput {
    /// The global id of the critic.
    id: ID,
    /// The `version` that was read; whatever it is now when null.
    expected_version: Option<i32>,
    /// The name, as shown, at most 300 characters; it can't be taken away.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    name: MaybeUndefined<String>,
    /// The address of a page about the critic elsewhere, at most 2,000 characters; null for none.
    #[graphql(directive = constraint::apply(URL, NOT_A_LIST))]
    url: MaybeUndefined<String>,
    /// The name in addresses, small letters, digits and hyphens; it can't be taken away.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    slug: MaybeUndefined<String>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// A critic to be deleted.
#[derive(Debug, InputObject)]
pub struct DeleteCriticInput {
    /// The global id of the critic.
    id: ID,
    /// The `version` that was read; whatever it is now when null.
    expected_version: Option<i32>,
    /// Whether reviews may be left without it; no when null.
    detach_reviews: Option<bool>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// Two records of one critic.
#[derive(Debug, InputObject)]
pub struct MergeCriticsInput {
    /// The global id of the one that is to go.
    from: ID,
    /// The global id of the one that is to stay, as it is.
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
    /// Adds a critic. Null when it could not be run. Needs the role EDITOR.
    async fn add_critic(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The critic.")] input: AddCriticInput,
    ) -> Option<Result<AddCriticPayload>> {
        Some(add(ctx, input).await)
    }

    /// Changes a critic. Null when it could not be run. Needs the role EDITOR.
    async fn update_critic(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The critic, and what is to change.")] input: UpdateCriticInput,
    ) -> Option<Result<UpdateCriticPayload>> {
        Some(update(ctx, input).await)
    }

    /// Deletes a critic. Its reviews stay, without it. Null when it could not be run. Needs the role EDITOR.
    async fn delete_critic(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The critic.")] input: DeleteCriticInput,
    ) -> Option<Result<DeleteCriticPayload>> {
        Some(delete(ctx, input).await)
    }

    /// Makes one of two records of a critic: the reviews, names at sources and tokens of one go over to the other.
    /// The name, slug and address of the one that stays are kept, those of the other are gone.
    /// Null when it could not be run. Needs the role EDITOR.
    async fn merge_critics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The two.")] input: MergeCriticsInput,
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
        critic: added.shown.map(CriticId),
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
    let which = (&input.id, input.expected_version);
    let updated = named::update(ctx, KIND, which, patch, input.idempotency).await?;
    Ok(UpdateCriticPayload {
        critic: updated.shown.map(CriticId),
        user_errors: updated.user_errors,
    })
}

async fn delete(ctx: &Context<'_>, input: DeleteCriticInput) -> Result<DeleteCriticPayload> {
    let which = (&input.id, input.expected_version);
    let key = input.idempotency;
    let deleted = named::delete(ctx, KIND, which, input.detach_reviews, key).await?;
    Ok(DeleteCriticPayload {
        deleted: deleted.done,
        critic: deleted.shown.map(CriticId),
        user_errors: deleted.user_errors,
    })
}

async fn merge(ctx: &Context<'_>, input: MergeCriticsInput) -> Result<MergeCriticsPayload> {
    let which = (&input.from, &input.into);
    let merged = named::merge(ctx, KIND, which, input.idempotency).await?;
    Ok(MergeCriticsPayload {
        merged: merged.done,
        into: merged.shown.map(CriticId),
        user_errors: merged.user_errors,
    })
}

/// What came of adding a critic.
#[derive(Debug)]
pub struct AddCriticPayload {
    critic: Option<CriticId>,
    user_errors: Vec<UserError>,
}

/// What came of adding a critic.
#[Object]
impl AddCriticPayload {
    /// The critic; null when it was not added, or is gone again.
    async fn critic(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Critic>>>> {
        found(load(ctx, CriticById(self.critic?)).await)
    }

    /// What is wrong with the input: all of it. Empty when the critic was added.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// What came of changing a critic.
#[derive(Debug)]
pub struct UpdateCriticPayload {
    critic: Option<CriticId>,
    user_errors: Vec<UserError>,
}

/// What came of changing a critic.
#[Object]
impl UpdateCriticPayload {
    /// The critic as it is now, whether or not it was changed; null when it isn't there.
    async fn critic(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Critic>>>> {
        found(load(ctx, CriticById(self.critic?)).await)
    }

    /// What is wrong with the input: all of it. Empty when the critic was changed.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// What came of deleting a critic.
#[derive(Debug)]
pub struct DeleteCriticPayload {
    deleted: Option<Deleted>,
    critic: Option<CriticId>,
    user_errors: Vec<UserError>,
}

/// What came of deleting a critic.
#[Object]
impl DeleteCriticPayload {
    /// The global id that the critic had; null when it was not deleted.
    fn deleted_critic_id(&self) -> Option<ID> {
        self.deleted.map(|deleted| id(Kind::Critic, deleted.id))
    }

    /// How many reviews were left without it; null when it was not deleted.
    fn detached_review_count(&self) -> Option<i32> {
        let deleted = self.deleted?;
        Some(i32::try_from(deleted.reviews).unwrap_or(i32::MAX))
    }

    /// The critic as it is now when it was not deleted; null when it was, or isn't there.
    async fn critic(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Critic>>>> {
        if self.deleted.is_some() {
            return None;
        }
        found(load(ctx, CriticById(self.critic?)).await)
    }

    /// What is wrong with the input: all of it. Empty when the critic was deleted.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// What came of merging two records of a critic.
#[derive(Debug)]
pub struct MergeCriticsPayload {
    merged: Option<Merged>,
    into: Option<CriticId>,
    user_errors: Vec<UserError>,
}

/// What came of merging two records of a critic.
#[Object]
impl MergeCriticsPayload {
    /// The one that stayed, whether or not the other went; null when it isn't there.
    async fn critic(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Critic>>>> {
        found(load(ctx, CriticById(self.into?)).await)
    }

    /// The global id that the other had; null when they were not merged.
    fn merged_critic_id(&self) -> Option<ID> {
        self.merged.map(|merged| id(Kind::Critic, merged.from))
    }

    /// How many reviews went over; null when they were not merged.
    fn moved_review_count(&self) -> Option<i32> {
        let merged = self.merged?;
        Some(i32::try_from(merged.reviews).unwrap_or(i32::MAX))
    }

    /// What is wrong with the input: all of it. Empty when they were merged.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
