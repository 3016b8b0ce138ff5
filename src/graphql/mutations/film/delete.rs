//! The mutation `deleteFilm`.

use async_graphql::{Context, ID, InputObject, Object, Result};

use crate::{
    access::Role,
    film::{
        FilmId,
        store::{FilmById, write::DeleteFilm},
    },
    global_id::Kind,
    graphql::{
        encode_id, int,
        lookup::required_key,
        mutations::{commit::commit, idempotency::Idempotency},
        selection::Linked,
        types::{film::reference::FilmBy, viewer::require_role},
    },
    mutation::DeletedRow,
    user_error::{UserError, UserErrors},
};

/// The input of `deleteFilm`.
#[derive(Debug, InputObject)]
pub struct DeleteFilmInput {
    /// The global ID of the film. Exactly one of `id` and `by` is required.
    id: Option<ID>,
    /// The film.
    by: Option<FilmBy>,
    /// The version that the caller has read. If the current `version` differs, nothing is changed, and the user error
    /// is `STALE`. Not checked when null.
    expected_version: Option<i32>,
    /// Whether its reviews may be deleted too; false when null. Required if it has reviews.
    with_reviews: Option<bool>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

pub(super) async fn delete(ctx: &Context<'_>, input: DeleteFilmInput) -> Result<DeleteFilmPayload> {
    let principal = require_role(ctx, Role::Editor)?;
    let mut errors = UserErrors::default();
    let id = required_key(ctx, (input.id, input.by), ["id", "by"], &mut errors).await?;
    let command = DeleteFilm {
        id,
        expected_version: input.expected_version,
        with_reviews: input.with_reviews.unwrap_or_default(),
        errors,
    };
    let result = commit(ctx, principal, input.idempotency, &command).await?;
    Ok(DeleteFilmPayload {
        deleted: result.as_ref().ok().copied(),
        film: id.map(FilmId),
        user_errors: result.err().unwrap_or_default(),
    })
}

/// The result of `deleteFilm`.
#[derive(Debug)]
pub struct DeleteFilmPayload {
    deleted: Option<DeletedRow>,
    film: Option<FilmId>,
    user_errors: Vec<UserError>,
}

/// The result of `deleteFilm`.
#[Object]
impl DeleteFilmPayload {
    /// The global ID of the deleted film; null if it was not deleted.
    fn deleted_film_id(&self) -> Option<ID> {
        self.deleted
            .map(|deleted| encode_id(Kind::Film, deleted.id))
    }

    /// The number of reviews that were deleted with it; null if it was not deleted.
    fn deleted_review_count(&self) -> Option<i32> {
        let deleted = self.deleted?;
        Some(int(deleted.reviews))
    }

    /// The film in its current state; null if it was deleted or doesn't exist.
    fn film(&self) -> Linked<FilmById> {
        let existing = self.film.filter(|_| self.deleted.is_none());
        Linked(existing.map(FilmById))
    }

    /// All errors in the input; empty if the film was deleted.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
