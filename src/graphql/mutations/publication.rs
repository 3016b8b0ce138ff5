//! The mutations of publications: add, update, delete and merge.

mod add;
mod delete;
mod merge;
mod update;

use async_graphql::{Context, Object, Result};

use self::{
    add::{AddPublicationInput, AddPublicationPayload, add},
    delete::{DeletePublicationInput, DeletePublicationPayload, delete},
    merge::{MergePublicationsInput, MergePublicationsPayload, merge},
    update::{UpdatePublicationInput, UpdatePublicationPayload, update},
};
use crate::named::NamedKind;

const KIND: NamedKind = NamedKind::Publication;

/// The mutations of publications.
#[derive(Debug, Default)]
pub struct PublicationMutation;

/// The mutations of publications.
#[Object]
impl PublicationMutation {
    /// Adds a publication. Requires the role EDITOR. Null on a top-level error.
    async fn add_publication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The publication to add.")] input: AddPublicationInput,
    ) -> Option<Result<AddPublicationPayload>> {
        Some(add(ctx, input).await)
    }

    /// Updates a publication. Requires the role EDITOR. Null on a top-level error.
    async fn update_publication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The publication and its new values.")] input: UpdatePublicationInput,
    ) -> Option<Result<UpdatePublicationPayload>> {
        Some(update(ctx, input).await)
    }

    /// Deletes a publication. Its reviews remain, without a publication. Requires the role EDITOR. Null on a top-level
    /// error.
    async fn delete_publication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The publication to delete.")] input: DeletePublicationInput,
    ) -> Option<Result<DeletePublicationPayload>> {
        Some(delete(ctx, input).await)
    }

    /// Merges two entries of the same publication: moves the reviews of one to the other, and deletes the first. The
    /// remaining publication keeps its name, slug, URL and weight, which also applies to the moved reviews. Requires
    /// the role EDITOR. Null on a top-level error.
    async fn merge_publications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The two publications.")] input: MergePublicationsInput,
    ) -> Option<Result<MergePublicationsPayload>> {
        Some(merge(ctx, input).await)
    }
}
