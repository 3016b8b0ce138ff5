//! The mutation `deleteCritic`.

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
    mutation::DeletedRow,
    user_error::UserError,
};

/// The input of `deleteCritic`.
#[derive(Debug, InputObject)]
pub struct DeleteCriticInput {
    /// The global ID of the critic. Exactly one of `id` and `by` is required.
    id: Option<ID>,
    /// The critic.
    by: Option<CriticBy>,
    /// The version that the caller has read. If the current `version` differs, nothing is changed, and the user error
    /// is `STALE`. Not checked when null.
    expected_version: Option<i32>,
    /// Whether its reviews may remain without a critic; false when null. Required if it has reviews. Their bylines
    /// name the critic.
    detach_reviews: Option<bool>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

pub(super) async fn delete(
    ctx: &Context<'_>,
    input: DeleteCriticInput,
) -> Result<DeleteCriticPayload> {
    let target = ((input.id, input.by), input.expected_version);
    let idempotency = input.idempotency;
    let deleted = named::delete(ctx, KIND, target, input.detach_reviews, idempotency).await?;
    Ok(DeleteCriticPayload {
        deleted: deleted.done,
        critic: deleted.row_id.map(CriticId),
        user_errors: deleted.user_errors,
    })
}

/// The result of `deleteCritic`.
#[derive(Debug)]
pub struct DeleteCriticPayload {
    deleted: Option<DeletedRow>,
    critic: Option<CriticId>,
    user_errors: Vec<UserError>,
}

/// The result of `deleteCritic`.
#[Object]
impl DeleteCriticPayload {
    /// The global ID of the deleted critic; null if it was not deleted.
    fn deleted_critic_id(&self) -> Option<ID> {
        self.deleted
            .map(|deleted| encode_id(Kind::Critic, deleted.id))
    }

    /// The number of reviews that remain without a critic; null if it was not deleted.
    fn detached_review_count(&self) -> Option<i32> {
        let deleted = self.deleted?;
        Some(int(deleted.reviews))
    }

    /// The critic in its current state; null if it was deleted or doesn't exist.
    fn critic(&self) -> Linked<CriticById> {
        let existing = self.critic.filter(|_| self.deleted.is_none());
        Linked(existing.map(CriticById))
    }

    /// All errors in the input; empty if the critic was deleted.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
