//! The mutation `restoreReview`.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, Result};

use super::payload::UpdatePayload;
use crate::graphql::types::changed_field::ChangedField;
use crate::{
    access::{Role, WriteScope},
    film::{Film, store::FilmById},
    global_id::Kind,
    graphql::{
        mutations::{commit::commit, idempotency::Idempotency},
        selection::{Inlined, Linked},
        site_rules, to_nullable_field,
        types::{revision::ReviewField, viewer::require_role},
    },
    named::decode_key,
    review::{Review, store::write::RestoreReview},
    user_error::{UserError, UserErrors},
};

/// The input of `restoreReview`.
#[derive(Debug, InputObject)]
pub struct RestoreReviewInput {
    /// The global ID of the review, which may be deleted.
    id: ID,
    /// The version whose state is restored, from the review's `revisions`. When null, it is the latest earlier one; of a
    /// deleted review, the one that was deleted.
    version: Option<i32>,
    /// The version that the caller has read; of a deleted review, the last one. If the current `version` differs,
    /// nothing is changed, and the user error is `STALE`. Not checked when null.
    expected_version: Option<i32>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

pub(super) async fn restore(
    ctx: &Context<'_>,
    input: RestoreReviewInput,
) -> Result<RestoreReviewPayload> {
    let principal = require_role(ctx, Role::Critic)?;
    let mut errors = UserErrors::default();
    let id = decode_key(&input.id, Kind::Review, "id", &mut errors);
    let command = RestoreReview {
        id,
        version: input.version,
        expected_version: input.expected_version,
        scope: WriteScope::of(principal),
        allows_more_reviews: site_rules(ctx).await?.more_reviews_per_critic,
        errors,
    };
    let result = commit(ctx, principal, input.idempotency, &command).await?;
    Ok(RestoreReviewPayload(UpdatePayload::of(result, id)))
}

/// The result of `restoreReview`.
#[derive(Debug)]
pub struct RestoreReviewPayload(UpdatePayload);

/// The result of `restoreReview`.
#[Object]
impl RestoreReviewPayload {
    /// The restored review, or in its current state if it was not restored; null if it doesn't exist.
    async fn review(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Review>>>> {
        to_nullable_field(self.0.review.review(ctx).await)
    }

    /// The film in its current state, with its new score; null if the review or the film doesn't exist.
    async fn film(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Film>>>> {
        to_nullable_field(self.0.review.film(ctx).await)
    }

    /// The film that the review was moved from, in its current state, with its new score; null if the review was not
    /// moved, or if that film has been deleted since.
    fn previous_film(&self) -> Linked<FilmById> {
        Linked(self.0.previous_film.map(FilmById))
    }

    /// The fields that the restoration changed; of a deleted review, those that differ from its last state. Empty if it
    /// changed none.
    fn changed(&self) -> Vec<ReviewField> {
        ReviewField::of(&self.0.changed)
    }

    /// All errors in the input; empty if the review was restored.
    fn user_errors(&self) -> &[UserError] {
        &self.0.user_errors
    }
}
