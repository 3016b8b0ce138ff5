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
        types::critic::reference::CriticBy,
    },
    named::store::Merged,
    user_error::UserError,
};

/// The input of `mergeCritics`.
#[derive(Debug, InputObject)]
pub struct MergeCriticsInput {
    /// The global ID of the critic to delete, after its reviews are moved. Exactly one of `from` and `fromBy` is required.
    from: Option<ID>,
    /// The critic to delete.
    from_by: Option<CriticBy>,
    /// The global ID of the critic that remains. Exactly one of `into` and `intoBy` is required.
    into: Option<ID>,
    /// The critic that remains.
    into_by: Option<CriticBy>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

pub(super) async fn merge(
    ctx: &Context<'_>,
    input: MergeCriticsInput,
) -> Result<MergeCriticsPayload> {
    let rows = ((input.from, input.from_by), (input.into, input.into_by));
    let merged = named::merge(ctx, KIND, rows, input.idempotency).await?;
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
