//! Adding, changing, merging and deleting publications.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};

use crate::{
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
    publication::{Publication, PublicationId, store::PublicationById},
    user_error::UserError,
};

const KIND: NamedKind = NamedKind::Publication;

/// A publication to be added.
#[derive(Debug, InputObject)]
pub struct AddPublicationInput {
    /// The name, as shown, at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    name: String,
    /// The address of a page about the publication elsewhere, at most 2,000 characters; none when null.
    #[graphql(directive = constraint::apply(URL, NOT_A_LIST))]
    url: Option<String>,
    /// How much a review in it counts in a film's score: 0.01 to 100, in hundredths; 1 when null.
    weight: Option<f64>,
    /// The name in addresses, small letters, digits and hyphens; made of the name when null. Who gives one adds the publication even if there is
    /// one of the same name.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    slug: Option<String>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// A change of a publication. What is left out stays as it is; null takes it away.
#[derive(Debug, InputObject)]
pub struct UpdatePublicationInput {
    /// The global id of the publication.
    id: ID,
    /// The `version` that was read; whatever it is now when null.
    expected_version: Option<i32>,
    /// The name, as shown, at most 300 characters; it can't be taken away.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    name: MaybeUndefined<String>,
    /// The address of a page about the publication elsewhere, at most 2,000 characters; null for none.
    #[graphql(directive = constraint::apply(URL, NOT_A_LIST))]
    url: MaybeUndefined<String>,
    /// How much a review in it counts in a film's score: 0.01 to 100, in hundredths; null for 1.
    weight: MaybeUndefined<f64>,
    /// The name in addresses, small letters, digits and hyphens; it can't be taken away.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    slug: MaybeUndefined<String>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// A publication to be deleted.
#[derive(Debug, InputObject)]
pub struct DeletePublicationInput {
    /// The global id of the publication.
    id: ID,
    /// The `version` that was read; whatever it is now when null.
    expected_version: Option<i32>,
    /// Whether reviews may be left without it; no when null.
    detach_reviews: Option<bool>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// Two records of one publication.
#[derive(Debug, InputObject)]
pub struct MergePublicationsInput {
    /// The global id of the one that is to go.
    from: ID,
    /// The global id of the one that is to stay, as it is.
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
    /// Adds a publication. Null when it could not be run. Needs the role EDITOR.
    async fn add_publication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The publication.")] input: AddPublicationInput,
    ) -> Option<Result<AddPublicationPayload>> {
        Some(add(ctx, input).await)
    }

    /// Changes a publication. Null when it could not be run. Needs the role EDITOR.
    async fn update_publication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The publication, and what is to change.")] input: UpdatePublicationInput,
    ) -> Option<Result<UpdatePublicationPayload>> {
        Some(update(ctx, input).await)
    }

    /// Deletes a publication. Its reviews stay, without it. Null when it could not be run. Needs the role EDITOR.
    async fn delete_publication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The publication.")] input: DeletePublicationInput,
    ) -> Option<Result<DeletePublicationPayload>> {
        Some(delete(ctx, input).await)
    }

    /// Makes one of two records of a publication: the reviews of one go over to the other.
    /// The name, slug, address and weight of the one that stays are kept, those of the other are gone; its reviews count by the weight of the one that stays.
    /// Null when it could not be run. Needs the role EDITOR.
    async fn merge_publications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The two.")] input: MergePublicationsInput,
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
        publication: added.shown.map(PublicationId),
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
    let which = (&input.id, input.expected_version);
    let updated = named::update(ctx, KIND, which, patch, input.idempotency).await?;
    Ok(UpdatePublicationPayload {
        publication: updated.shown.map(PublicationId),
        user_errors: updated.user_errors,
    })
}

async fn delete(
    ctx: &Context<'_>,
    input: DeletePublicationInput,
) -> Result<DeletePublicationPayload> {
    let which = (&input.id, input.expected_version);
    let key = input.idempotency;
    let deleted = named::delete(ctx, KIND, which, input.detach_reviews, key).await?;
    Ok(DeletePublicationPayload {
        deleted: deleted.done,
        publication: deleted.shown.map(PublicationId),
        user_errors: deleted.user_errors,
    })
}

async fn merge(
    ctx: &Context<'_>,
    input: MergePublicationsInput,
) -> Result<MergePublicationsPayload> {
    let which = (&input.from, &input.into);
    let merged = named::merge(ctx, KIND, which, input.idempotency).await?;
    Ok(MergePublicationsPayload {
        merged: merged.done,
        into: merged.shown.map(PublicationId),
        user_errors: merged.user_errors,
    })
}

/// What came of adding a publication.
#[derive(Debug)]
pub struct AddPublicationPayload {
    publication: Option<PublicationId>,
    user_errors: Vec<UserError>,
}

/// What came of adding a publication.
#[Object]
impl AddPublicationPayload {
    /// The publication; null when it was not added, or is gone again.
    async fn publication(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Publication>>>> {
        found(load(ctx, PublicationById(self.publication?)).await)
    }

    /// What is wrong with the input: all of it. Empty when the publication was added.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// What came of changing a publication.
#[derive(Debug)]
pub struct UpdatePublicationPayload {
    publication: Option<PublicationId>,
    user_errors: Vec<UserError>,
}

/// What came of changing a publication.
#[Object]
impl UpdatePublicationPayload {
    /// The publication as it is now, whether or not it was changed; null when it isn't there.
    async fn publication(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Publication>>>> {
        found(load(ctx, PublicationById(self.publication?)).await)
    }

    /// What is wrong with the input: all of it. Empty when the publication was changed.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// What came of deleting a publication.
#[derive(Debug)]
pub struct DeletePublicationPayload {
    deleted: Option<Deleted>,
    publication: Option<PublicationId>,
    user_errors: Vec<UserError>,
}

/// What came of deleting a publication.
#[Object]
impl DeletePublicationPayload {
    /// The global id that the publication had; null when it was not deleted.
    fn deleted_publication_id(&self) -> Option<ID> {
        self.deleted
            .map(|deleted| id(Kind::Publication, deleted.id))
    }

    /// How many reviews were left without it; null when it was not deleted.
    fn detached_review_count(&self) -> Option<i32> {
        let deleted = self.deleted?;
        Some(i32::try_from(deleted.reviews).unwrap_or(i32::MAX))
    }

    /// The publication as it is now when it was not deleted; null when it was, or isn't there.
    async fn publication(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Publication>>>> {
        if self.deleted.is_some() {
            return None;
        }
        found(load(ctx, PublicationById(self.publication?)).await)
    }

    /// What is wrong with the input: all of it. Empty when the publication was deleted.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// What came of merging two records of a publication.
#[derive(Debug)]
pub struct MergePublicationsPayload {
    merged: Option<Merged>,
    into: Option<PublicationId>,
    user_errors: Vec<UserError>,
}

/// What came of merging two records of a publication.
#[Object]
impl MergePublicationsPayload {
    /// The one that stayed, whether or not the other went; null when it isn't there.
    async fn publication(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Publication>>>> {
        found(load(ctx, PublicationById(self.into?)).await)
    }

    /// The global id that the other had; null when they were not merged.
    fn merged_publication_id(&self) -> Option<ID> {
        self.merged.map(|merged| id(Kind::Publication, merged.from))
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
