//! The mutation `mergePublications`.

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
    named::store::Merged,
    publication::{PublicationId, store::PublicationById},
    user_error::UserError,
};

/// The input of `mergePublications`.
#[derive(Debug, InputObject)]
pub struct MergePublicationsInput {
    /// The global ID of the publication to delete, after its reviews are moved. Exactly one of `from` and `fromBy` is required.
    from: Option<ID>,
    /// The publication to delete.
    from_by: Option<PublicationBy>,
    /// The global ID of the publication that remains. Exactly one of `into` and `intoBy` is required.
    into: Option<ID>,
    /// The publication that remains.
    into_by: Option<PublicationBy>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

pub(super) async fn merge(
    ctx: &Context<'_>,
    input: MergePublicationsInput,
) -> Result<MergePublicationsPayload> {
    let rows = ((input.from, input.from_by), (input.into, input.into_by));
    let merged = named::merge(ctx, KIND, rows, input.idempotency).await?;
    Ok(MergePublicationsPayload {
        merged: merged.done,
        into: merged.row_id.map(PublicationId),
        user_errors: merged.user_errors,
    })
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
    fn publication(&self) -> Linked<PublicationById> {
        Linked(self.into.map(PublicationById))
    }

    /// The global ID of the deleted publication; null if they were not merged.
    fn merged_publication_id(&self) -> Option<ID> {
        self.merged
            .map(|merged| encode_id(Kind::Publication, merged.from))
    }

    /// The number of moved reviews; null if they were not merged.
    fn moved_review_count(&self) -> Option<i32> {
        let merged = self.merged?;
        Some(int(merged.reviews))
    }

    /// All errors in the input; empty if the publications were merged.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
