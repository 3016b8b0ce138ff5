//! The mutation `deletePublication`.

use async_graphql::{Context, ID, InputObject, Object, Result};

use super::KIND;
use crate::{
    global_id::Kind,
    graphql::{
        encode_id, int,
        mutations::{idempotency::Idempotency, named},
        selection::Linked,
        types::publication::reference::PublicationBy,
    },
    mutation::DeletedRow,
    publication::{PublicationId, store::PublicationById},
    user_error::UserError,
};

/// The input of `deletePublication`.
#[derive(Debug, InputObject)]
pub struct DeletePublicationInput {
    /// The global ID of the publication. Exactly one of `id` and `by` is required.
    id: Option<ID>,
    /// The publication.
    by: Option<PublicationBy>,
    /// The version that the caller has read. If the current `version` differs, nothing is changed, and the user error
    /// is `STALE`. Not checked when null.
    expected_version: Option<i32>,
    /// Whether its reviews may remain without a publication; false when null. Required if it has reviews.
    detach_reviews: Option<bool>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

pub(super) async fn delete(
    ctx: &Context<'_>,
    input: DeletePublicationInput,
) -> Result<DeletePublicationPayload> {
    let target = ((input.id, input.by), input.expected_version);
    let idempotency = input.idempotency;
    let deleted = named::delete(ctx, KIND, target, input.detach_reviews, idempotency).await?;
    Ok(DeletePublicationPayload {
        deleted: deleted.done,
        publication: deleted.row_id.map(PublicationId),
        user_errors: deleted.user_errors,
    })
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
        Some(int(deleted.reviews))
    }

    /// The publication in its current state; null if it was deleted or doesn't exist.
    fn publication(&self) -> Linked<PublicationById> {
        let existing = self.publication.filter(|_| self.deleted.is_none());
        Linked(existing.map(PublicationById))
    }

    /// All errors in the input; empty if the publication was deleted.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
