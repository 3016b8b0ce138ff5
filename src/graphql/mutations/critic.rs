//! The mutations of critics: add, update, delete, erase and merge.

mod add;
mod delete;
mod erase;
mod merge;
mod update;

use async_graphql::{Context, Object, Result};

use self::{
    add::{AddCriticInput, AddCriticPayload, add},
    delete::{DeleteCriticInput, DeleteCriticPayload, delete},
    erase::{EraseCriticInput, EraseCriticPayload, erase},
    merge::{MergeCriticsInput, MergeCriticsPayload, merge},
    update::{UpdateCriticInput, UpdateCriticPayload, update},
};
use crate::named::NamedKind;

const KIND: NamedKind = NamedKind::Critic;

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

    /// Deletes a critic. Its reviews remain, without a critic, and keep their credits: where the byline is missing, it
    /// becomes the critic's name. To remove the name as well, use `eraseCritic`. Requires the role EDITOR. Null on a
    /// top-level error.
    async fn delete_critic(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The critic to delete.")] input: DeleteCriticInput,
    ) -> Option<Result<DeleteCriticPayload>> {
        Some(delete(ctx, input).await)
    }

    /// Erases a critic: deletes the critic with their slug, external IDs and API tokens, and removes the name from the
    /// bylines of the reviews, their earlier versions and stored results of mutations. The reviews remain, without a
    /// critic, and count as before. It can't be undone. Requires the role ADMIN. Null on a top-level error.
    async fn erase_critic(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The critic to erase.")] input: EraseCriticInput,
    ) -> Option<Result<EraseCriticPayload>> {
        Some(erase(ctx, input).await)
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
