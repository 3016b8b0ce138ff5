//! The mutation `mergeCritics`.

use async_graphql::{Context, ID, InputObject, Object, Result};

use super::KIND;
use crate::{
    critic::{CriticId, store::CriticById},
    global_id::Kind,
    graphql::{
        encode_id, int,
        mutations::{idempotency::Idempotency, named},
        selection::Linked,
    },
    named::store::Merged,
    user_error::UserError,
};

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

pub(super) async fn merge(
    ctx: &Context<'_>,
    input: MergeCriticsInput,
) -> Result<MergeCriticsPayload> {
    let ids = (&input.from, &input.into);
    let merged = named::merge(ctx, KIND, ids, input.idempotency).await?;
    Ok(MergeCriticsPayload {
        merged: merged.done,
        into: merged.row_id.map(CriticId),
        user_errors: merged.user_errors,
    })
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
    fn critic(&self) -> Linked<CriticById> {
        Linked(self.into.map(CriticById))
    }

    /// The global ID of the deleted critic; null if they were not merged.
    fn merged_critic_id(&self) -> Option<ID> {
        self.merged
            .map(|merged| encode_id(Kind::Critic, merged.from))
    }

    /// The number of moved reviews; null if they were not merged.
    fn moved_review_count(&self) -> Option<i32> {
        let merged = self.merged?;
        Some(int(merged.reviews))
    }

    /// All errors in the input; empty if the critics were merged.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
