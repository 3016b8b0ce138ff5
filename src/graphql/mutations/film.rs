//! The mutations of films: add, update and delete.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};

use crate::{
    access::Role,
    film::{
        Film, FilmId,
        draft::{FilmDraft, FilmPatch},
        store::{
            FilmById,
            write::{AddFilm, DeleteFilm, UpdateFilm},
        },
    },
    global_id::Kind,
    graphql::{
        constraint::{NAME, NAMES, NOT_A_LIST, PASSAGE, URL, constraint},
        encode_id, load,
        mutations::{commit::commit, idempotency::Idempotency},
        scalar::Date,
        selection::Inlined,
        to_nullable_field,
        types::token::require_role,
    },
    mutation::DeletedRow,
    named::decode_key,
    patch::Patch,
    user_error::{UserError, UserErrors},
};

/// The input of `addFilm`.
#[derive(Debug, InputObject)]
pub struct AddFilmInput {
    /// The title, at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    title: String,
    /// The year of the first release, 1870 to 2200; unknown when null.
    year: Option<i32>,
    /// The date of the first release; unknown when null. It must be in `year`.
    release_date: Option<Date>,
    /// The running time in minutes, 1 to 86,400; unknown when null.
    runtime_minutes: Option<i32>,
    /// The directors, in the order of the credits: at most 50, of at most 300 characters each; unknown when null.
    #[graphql(directive = constraint::apply(NAME, NAMES))]
    directors: Option<Vec<String>>,
    /// The genres: at most 50, of at most 300 characters each; unknown when null.
    #[graphql(directive = constraint::apply(NAME, NAMES))]
    genres: Option<Vec<String>>,
    /// The synopsis, at most 10,000 characters; none when null.
    #[graphql(directive = constraint::apply(PASSAGE, NOT_A_LIST))]
    synopsis: Option<String>,
    /// The URL of the film's page on another site, at most 2,000 characters; none when null.
    #[graphql(directive = constraint::apply(URL, NOT_A_LIST))]
    url: Option<String>,
    /// The unique slug for URLs: lower-case letters, digits and hyphens; derived from title and year when null. With a
    /// slug, the film is added even if one with the same title and year exists.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    slug: Option<String>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// The input of `updateFilm`. Omitted fields stay unchanged; null clears a field.
#[derive(Debug, InputObject)]
pub struct UpdateFilmInput {
    /// The global ID of the film.
    id: ID,
    /// The version that the caller has read. If the current `version` differs, nothing is changed, and the user error
    /// is `STALE`. Not checked when null.
    expected_version: Option<i32>,
    /// The title, at most 300 characters. It can't be cleared.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    title: MaybeUndefined<String>,
    /// The year of the first release, 1870 to 2200; null for unknown.
    year: MaybeUndefined<i32>,
    /// The date of the first release; null for unknown. It must be in `year`.
    release_date: MaybeUndefined<Date>,
    /// The running time in minutes, 1 to 86,400; null for unknown.
    runtime_minutes: MaybeUndefined<i32>,
    /// The directors, in the order of the credits: at most 50, of at most 300 characters each; null for none.
    #[graphql(directive = constraint::apply(NAME, NAMES))]
    directors: MaybeUndefined<Vec<String>>,
    /// The genres: at most 50, of at most 300 characters each; null for none.
    #[graphql(directive = constraint::apply(NAME, NAMES))]
    genres: MaybeUndefined<Vec<String>>,
    /// The synopsis, at most 10,000 characters; null for none.
    #[graphql(directive = constraint::apply(PASSAGE, NOT_A_LIST))]
    synopsis: MaybeUndefined<String>,
    /// The URL of the film's page on another site, at most 2,000 characters; null for none.
    #[graphql(directive = constraint::apply(URL, NOT_A_LIST))]
    url: MaybeUndefined<String>,
    /// The unique slug for URLs: lower-case letters, digits and hyphens. It can't be cleared.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    slug: MaybeUndefined<String>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// The input of `deleteFilm`.
#[derive(Debug, InputObject)]
pub struct DeleteFilmInput {
    /// The global ID of the film.
    id: ID,
    /// The version that the caller has read. If the current `version` differs, nothing is changed, and the user error
    /// is `STALE`. Not checked when null.
    expected_version: Option<i32>,
    /// Whether its reviews may be deleted too; false when null. Required if it has reviews.
    with_reviews: Option<bool>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// The mutations of films.
#[derive(Debug, Default)]
pub struct FilmMutation;

/// The mutations of films.
#[Object]
impl FilmMutation {
    /// Adds a film. Requires the role EDITOR. Null on a top-level error.
    async fn add_film(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The film to add.")] input: AddFilmInput,
    ) -> Option<Result<AddFilmPayload>> {
        Some(add(ctx, input).await)
    }

    /// Updates a film. Requires the role EDITOR. Null on a top-level error.
    async fn update_film(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The film and its new values.")] input: UpdateFilmInput,
    ) -> Option<Result<UpdateFilmPayload>> {
        Some(update(ctx, input).await)
    }

    /// Deletes a film. A film with reviews is deleted only with `withReviews: true`, together with its reviews.
    /// Requires the role EDITOR. Null on a top-level error.
    async fn delete_film(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The film to delete.")] input: DeleteFilmInput,
    ) -> Option<Result<DeleteFilmPayload>> {
        Some(delete(ctx, input).await)
    }
}

async fn add(ctx: &Context<'_>, input: AddFilmInput) -> Result<AddFilmPayload> {
    let principal = require_role(ctx, Role::Editor)?;
    let mut errors = UserErrors::default();
    let mut draft = FilmDraft::default();
    let patch = FilmPatch {
        slug: input.slug.into(),
        title: Patch::Set(input.title),
        year: input.year.into(),
        release_date: input.release_date.map(|day| day.0).into(),
        runtime_minutes: input.runtime_minutes.into(),
        directors: input.directors.into(),
        genres: input.genres.into(),
        synopsis: input.synopsis.into(),
        url: input.url.into(),
    };
    draft.apply(patch, &mut errors);
    let command = AddFilm { draft, errors };
    let result = commit(ctx, principal, input.idempotency, &command).await?;
    Ok(AddFilmPayload {
        film: result.as_ref().ok().map(|row| FilmId(row.id)),
        user_errors: result.err().unwrap_or_default(),
    })
}

async fn update(ctx: &Context<'_>, input: UpdateFilmInput) -> Result<UpdateFilmPayload> {
    let principal = require_role(ctx, Role::Editor)?;
    let mut errors = UserErrors::default();
    let id = decode_key(&input.id, Kind::Film, "id", &mut errors);
    let patch = FilmPatch {
        slug: input.slug.into(),
        title: input.title.into(),
        year: input.year.into(),
        release_date: Patch::from(input.release_date).map(|day| day.0),
        runtime_minutes: input.runtime_minutes.into(),
        directors: input.directors.into(),
        genres: input.genres.into(),
        synopsis: input.synopsis.into(),
        url: input.url.into(),
    };
    let command = UpdateFilm {
        id,
        expected_version: input.expected_version,
        patch,
        errors,
    };
    let result = commit(ctx, principal, input.idempotency, &command).await?;
    Ok(UpdateFilmPayload {
        film: id.map(FilmId),
        user_errors: result.err().unwrap_or_default(),
    })
}

async fn delete(ctx: &Context<'_>, input: DeleteFilmInput) -> Result<DeleteFilmPayload> {
    let principal = require_role(ctx, Role::Editor)?;
    let mut errors = UserErrors::default();
    let id = decode_key(&input.id, Kind::Film, "id", &mut errors);
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

/// The result of `addFilm`.
#[derive(Debug)]
pub struct AddFilmPayload {
    film: Option<FilmId>,
    user_errors: Vec<UserError>,
}

/// The result of `addFilm`.
#[Object]
impl AddFilmPayload {
    /// The added film; null if it was not added, or has been deleted since.
    async fn film(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Film>>>> {
        to_nullable_field(load(ctx, FilmById(self.film?)).await)
    }

    /// All errors in the input; empty if the film was added.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// The result of `updateFilm`.
#[derive(Debug)]
pub struct UpdateFilmPayload {
    film: Option<FilmId>,
    user_errors: Vec<UserError>,
}

/// The result of `updateFilm`.
#[Object]
impl UpdateFilmPayload {
    /// The film in its current state, whether or not it was updated; null if it doesn't exist.
    async fn film(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Film>>>> {
        to_nullable_field(load(ctx, FilmById(self.film?)).await)
    }

    /// All errors in the input; empty if the film was updated.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
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
        Some(i32::try_from(deleted.reviews).unwrap_or(i32::MAX))
    }

    /// The film in its current state; null if it was deleted or doesn't exist.
    async fn film(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Film>>>> {
        if self.deleted.is_some() {
            return None;
        }
        to_nullable_field(load(ctx, FilmById(self.film?)).await)
    }

    /// All errors in the input; empty if the film was deleted.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
