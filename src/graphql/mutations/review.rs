//! The mutations of reviews: add, update, delete and restore.

mod add;
mod delete;
mod payload;
mod restore;
mod update;

use async_graphql::{Context, Object, Result};

use self::{
    add::{AddReviewInput, AddReviewPayload, add},
    delete::{DeleteReviewInput, DeleteReviewPayload, delete},
    restore::{RestoreReviewInput, RestoreReviewPayload, restore},
    update::{UpdateReviewInput, UpdateReviewPayload, update},
};

/// The mutations of reviews.
#[derive(Debug, Default)]
pub struct ReviewMutation;

/// The mutations of reviews.
#[Object]
impl ReviewMutation {
    /// Adds a review. A critic can have one review of a film for each publication, not counting imported reviews.
    /// Requires the role CRITIC for the caller's own reviews in existing publications, otherwise EDITOR. Null on a
    /// top-level error.
    async fn add_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The review to add.")] input: AddReviewInput,
    ) -> Option<Result<AddReviewPayload>> {
        Some(add(ctx, input).await)
    }

    /// Updates a review. The previous version is added to its `revisions`. Requires the role CRITIC for the caller's
    /// own reviews, otherwise EDITOR. Null on a top-level error.
    async fn update_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The review and its new values.")] input: UpdateReviewInput,
    ) -> Option<Result<UpdateReviewPayload>> {
        Some(update(ctx, input).await)
    }

    /// Deletes a review. Requires the role CRITIC for the caller's own reviews, otherwise EDITOR. Null on a top-level
    /// error.
    async fn delete_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The review to delete.")] input: DeleteReviewInput,
    ) -> Option<Result<DeleteReviewPayload>> {
        Some(delete(ctx, input).await)
    }

    /// Makes an earlier state of a review the current one, as a new version. A deleted review is added again, with the
    /// same ID. A critic or a publication that was deleted since stays as it is now. Requires the role CRITIC for the
    /// caller's own reviews, otherwise EDITOR. Null on a top-level error.
    async fn restore_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The review and the version to restore.")] input: RestoreReviewInput,
    ) -> Option<Result<RestoreReviewPayload>> {
        Some(restore(ctx, input).await)
    }
}
