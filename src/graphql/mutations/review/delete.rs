//! The mutation `deleteReview`.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, Result};

use super::payload::PayloadReview;
use crate::{
    access::{Role, WriteScope},
    film::Film,
    global_id::Kind,
    graphql::{
        encode_id,
        mutations::{commit::commit, idempotency::Idempotency},
        selection::Inlined,
        to_nullable_field,
        types::viewer::require_role,
    },
    named::decode_key,
    review::{Review, store::write::DeleteReview},
    user_error::{UserError, UserErrors},
};

/// The input of `deleteReview`.
#[derive(Debug, InputObject)]
pub struct DeleteReviewInput {
    /// The global ID of the review.
    id: ID,
    /// The version that the caller has read. If the current `version` differs, nothing is changed, and the user error
    /// is `STALE`. Not checked when null.
    expected_version: Option<i32>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

pub(super) async fn delete(
    ctx: &Context<'_>,
    input: DeleteReviewInput,
) -> Result<DeleteReviewPayload> {
    let principal = require_role(ctx, Role::Critic)?;
    let mut errors = UserErrors::default();
    let id = decode_key(&input.id, Kind::Review, "id", &mut errors);
    let mutation = DeleteReview {
        id,
        expected_version: input.expected_version,
        scope: WriteScope::of(principal),
        errors,
    };
    let key = input.idempotency;
    let result = commit(ctx, principal, key, &mutation).await?;
    Ok(DeleteReviewPayload {
        payload_review: PayloadReview::of(result.as_ref().ok().copied(), id),
        user_errors: result.err().unwrap_or_default(),
    })
}

/// The result of `deleteReview`.
#[derive(Debug)]
pub struct DeleteReviewPayload {
    payload_review: PayloadReview,
    user_errors: Vec<UserError>,
}

/// The result of `deleteReview`.
#[Object]
impl DeleteReviewPayload {
    /// The global ID of the deleted review; null if it was not deleted.
    fn deleted_review_id(&self) -> Option<ID> {
        match self.payload_review {
            PayloadReview::Written(written) => Some(encode_id(Kind::Review, written.id)),
            PayloadReview::Current(_) | PayloadReview::Absent => None,
        }
    }

    /// The review in its current state; null if it was deleted or doesn't exist.
    async fn review(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Review>>>> {
        match self.payload_review {
            PayloadReview::Written(_) => None,
            review => to_nullable_field(review.review(ctx).await),
        }
    }

    /// The film in its current state, with its new score; null if the review or the film doesn't exist.
    async fn film(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Film>>>> {
        to_nullable_field(self.payload_review.film(ctx).await)
    }

    /// All errors in the input; empty if the review was deleted.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
