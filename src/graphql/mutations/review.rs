//! The mutations of reviews: add, update, delete and restore.

mod add;
mod delete;
mod payload;
mod restore;
mod update;

use async_graphql::{Context, ID, Object, Result};

use self::{
    add::{AddReviewInput, AddReviewPayload, add},
    delete::{DeleteReviewInput, DeleteReviewPayload, delete},
    restore::{RestoreReviewInput, RestoreReviewPayload, restore},
    update::{UpdateReviewInput, UpdateReviewPayload, update},
};

use crate::{
    film::{FilmId, reference::FilmReference},
    global_id::Kind,
    graphql::types::film::reference::FilmBy,
    named::decode_key,
    user_error::{UserErrorCode::Contradiction, UserErrors},
};

/// The paths of the values of `filmBy`.
const FILM_BY_PATHS: [&str; 4] = [
    "filmBy.id",
    "filmBy.slug",
    "filmBy.titled",
    "filmBy.external",
];

/// Parses the two forms of the reference to a film, `film` and `filmBy`; adds an error if both are given. Also returns the
/// path of the value.
fn read_film(
    id: Option<ID>,
    by: Option<FilmBy>,
    errors: &mut UserErrors,
) -> (Option<FilmReference>, &'static str) {
    match (id, by) {
        (Some(id), None) => {
            let key = decode_key(&id, Kind::Film, "film", errors);
            (key.map(|key| FilmReference::Key(FilmId(key))), "film")
        }
        (None, Some(by)) => by.read(FILM_BY_PATHS, errors),
        (None, None) => (None, "film"),
        (Some(_), Some(_)) => {
            errors.add("filmBy", Contradiction, "can't be combined with `film`");
            (None, "film")
        }
    }
}

/// The mutations of reviews.
#[derive(Debug, Default)]
pub struct ReviewMutation;

/// The mutations of reviews.
#[Object]
impl ReviewMutation {
    /// Adds a review. A critic can have one review of a film, not counting imported reviews, or one for each publication
    /// if `moreReviewsPerCritic` of the site's rules is true. Requires the role CRITIC for the caller's own reviews in existing publications, otherwise EDITOR. Null on a
    /// top-level error.
    async fn add_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The review to add.")] input: AddReviewInput,
    ) -> Option<Result<AddReviewPayload>> {
        Some(add(ctx, input).await)
    }

    /// Updates a review. The previous version is added to its `revisions`. Requires the role CRITIC for the caller's
    /// own reviews, otherwise EDITOR. Null on a top-level error.
    async fn update_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The review and its new values.")] input: UpdateReviewInput,
    ) -> Option<Result<UpdateReviewPayload>> {
        Some(update(ctx, input).await)
    }

    /// Deletes a review. Requires the role CRITIC for the caller's own reviews, otherwise EDITOR. Null on a top-level
    /// error.
    async fn delete_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The review to delete.")] input: DeleteReviewInput,
    ) -> Option<Result<DeleteReviewPayload>> {
        Some(delete(ctx, input).await)
    }

    /// Makes an earlier state of a review the current one, as a new version. A deleted review is added again, with the
    /// same ID. A critic or a publication that was deleted since stays as it is now. Requires the role CRITIC for the
    /// caller's own reviews, otherwise EDITOR. Null on a top-level error.
    async fn restore_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The review and the version to restore.")] input: RestoreReviewInput,
    ) -> Option<Result<RestoreReviewPayload>> {
        Some(restore(ctx, input).await)
    }
}
