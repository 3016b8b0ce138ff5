//! The mutations of publications: add, update, delete and merge.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};

use crate::{
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
    publication::{Publication, PublicationId, store::PublicationById},
    user_error::UserError,
};

const KIND: NamedKind = NamedKind::Publication;

/// The input of `addPublication`.
#[derive(Debug, InputObject)]
pub struct AddPublicationInput {
    /// The name of the publication, at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    name: String,
    /// The URL of the publication's page on another site, at most 2,000 characters; none when null.
    #[graphql(directive = constraint::apply(URL, NOT_A_LIST))]
    url: Option<String>,
    /// The weight of its reviews in scores: 0.01 to 100, with at most two decimal places; 1 when null.
    weight: Option<f64>,
    /// The unique slug for URLs: lower-case letters, digits and hyphens; derived from the name when null. With a slug,
    /// the publication is added even if one with the same name exists.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    slug: Option<String>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// The input of `updatePublication`. Omitted fields stay unchanged; null clears a field.
#[derive(Debug, InputObject)]
pub struct UpdatePublicationInput {
    /// The global ID of the publication.
    id: ID,
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

/// The input of `deletePublication`.
#[derive(Debug, InputObject)]
pub struct DeletePublicationInput {
    /// The global ID of the publication.
    id: ID,
    /// The version that the caller has read. If the current `version` differs, nothing is changed, and the user error
    /// is `STALE`. Not checked when null.
    expected_version: Option<i32>,
    /// Whether its reviews may remain without a publication; false when null. Required if it has reviews.
    detach_reviews: Option<bool>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// The input of `mergePublications`.
#[derive(Debug, InputObject)]
pub struct MergePublicationsInput {
    /// The global ID of the publication to delete, after its reviews are moved.
    from: ID,
    /// The global ID of the publication that remains.
    into: ID,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

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

async fn add(ctx: &Context<'_>, input: AddPublicationInput) -> Result<AddPublicationPayload> {
    let patch = NamedPatch {
        slug: input.slug.into(),
        name: Patch::Set(input.name),
        url: input.url.into(),
        weight: input.weight.into(),
    };
    let added = named::add(ctx, KIND, patch, input.idempotency).await?;
    Ok(AddPublicationPayload {
        publication: added.row_id.map(PublicationId),
        user_errors: added.user_errors,
    })
}

async fn update(
    ctx: &Context<'_>,
    input: UpdatePublicationInput,
) -> Result<UpdatePublicationPayload> {
    let patch = NamedPatch {
        slug: input.slug.into(),
        name: input.name.into(),
        url: input.url.into(),
        weight: input.weight.into(),
    };
    let target = (&input.id, input.expected_version);
    let updated = named::update(ctx, KIND, target, patch, input.idempotency).await?;
    Ok(UpdatePublicationPayload {
        publication: updated.row_id.map(PublicationId),
        user_errors: updated.user_errors,
    })
}

async fn delete(
    ctx: &Context<'_>,
    input: DeletePublicationInput,
) -> Result<DeletePublicationPayload> {
    let target = (&input.id, input.expected_version);
    let idempotency = input.idempotency;
    let deleted = named::delete(ctx, KIND, target, input.detach_reviews, idempotency).await?;
    Ok(DeletePublicationPayload {
        deleted: deleted.done,
        publication: deleted.row_id.map(PublicationId),
        user_errors: deleted.user_errors,
    })
}

async fn merge(
    ctx: &Context<'_>,
    input: MergePublicationsInput,
) -> Result<MergePublicationsPayload> {
    let ids = (&input.from, &input.into);
    let merged = named::merge(ctx, KIND, ids, input.idempotency).await?;
    Ok(MergePublicationsPayload {
        merged: merged.done,
        into: merged.row_id.map(PublicationId),
        user_errors: merged.user_errors,
    })
}

/// The result of `addPublication`.
#[derive(Debug)]
pub struct AddPublicationPayload {
    publication: Option<PublicationId>,
    user_errors: Vec<UserError>,
}

/// The result of `addPublication`.
#[Object]
impl AddPublicationPayload {
    /// The added publication; null if it was not added, or has been deleted since.
    async fn publication(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Publication>>>> {
        to_nullable_field(load(ctx, PublicationById(self.publication?)).await)
    }

    /// All errors in the input; empty if the publication was added.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// The result of `updatePublication`.
#[derive(Debug)]
pub struct UpdatePublicationPayload {
    publication: Option<PublicationId>,
    user_errors: Vec<UserError>,
}

/// The result of `updatePublication`.
#[Object]
impl UpdatePublicationPayload {
    /// The publication in its current state, whether or not it was updated; null if it doesn't exist.
    async fn publication(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Publication>>>> {
        to_nullable_field(load(ctx, PublicationById(self.publication?)).await)
    }

    /// All errors in the input; empty if the publication was updated.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// The result of `deletePublication`.
#[derive(Debug)]
pub struct DeletePublicationPayload {
    deleted: Option<DeletedRow>,
    publication: Option<PublicationId>,
    user_errors: Vec<UserError>,
}

/// The result of `deletePublication`.
#[Object]
impl DeletePublicationPayload {
    /// The global ID of the deleted publication; null if it was not deleted.
    fn deleted_publication_id(&self) -> Option<ID> {
        self.deleted
            .map(|deleted| encode_id(Kind::Publication, deleted.id))
    }

    /// The number of reviews that remain without a publication; null if it was not deleted.
    fn detached_review_count(&self) -> Option<i32> {
        let deleted = self.deleted?;
        Some(i32::try_from(deleted.reviews).unwrap_or(i32::MAX))
    }

    /// The publication in its current state; null if it was deleted or doesn't exist.
    async fn publication(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Publication>>>> {
        if self.deleted.is_some() {
            return None;
        }
        to_nullable_field(load(ctx, PublicationById(self.publication?)).await)
    }

    /// All errors in the input; empty if the publication was deleted.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// The result of `mergePublications`.
#[derive(Debug)]
pub struct MergePublicationsPayload {
    merged: Option<Merged>,
    into: Option<PublicationId>,
    user_errors: Vec<UserError>,
}

/// The result of `mergePublications`.
#[Object]
impl MergePublicationsPayload {
    /// The publication that remains, whether or not they were merged; null if it doesn't exist.
    async fn publication(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Publication>>>> {
        to_nullable_field(load(ctx, PublicationById(self.into?)).await)
    }

    /// The global ID of the deleted publication; null if they were not merged.
    fn merged_publication_id(&self) -> Option<ID> {
        self.merged
            .map(|merged| encode_id(Kind::Publication, merged.from))
    }

    /// The number of moved reviews; null if they were not merged.
    fn moved_review_count(&self) -> Option<i32> {
        let merged = self.merged?;
        Some(i32::try_from(merged.reviews).unwrap_or(i32::MAX))
    }

    /// All errors in the input; empty if the publications were merged.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
