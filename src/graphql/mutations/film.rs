//! Adding, changing and deleting films.

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
        found, id, load,
        mutations::{commit::commit, idempotency::Idempotency},
        scalar::Date,
        selection::Inlined,
        types::token::require,
    },
    mutation::Deleted,
    named::key,
    patch::Patch,
    user_error::{UserError, UserErrors},
};

/// A film to be added.
#[derive(Debug, InputObject)]
pub struct AddFilmInput {
    /// The title, as shown, at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    title: String,
    /// The year of the first release, 1870 to 2200; that of `releaseDate` when null.
    year: Option<i32>,
    /// The day of the first release; not known when null.
    release_date: Option<Date>,
    /// How long the film is, in minutes; not known when null.
    runtime_minutes: Option<i32>,
    /// Who directed it, in the order of the credits, at most 50 of at most 300 characters each; not known when null.
    #[graphql(directive = constraint::apply(NAME, NAMES))]
    directors: Option<Vec<String>>,
    /// Its genres, at most 50 of at most 300 characters each; not known when null.
    #[graphql(directive = constraint::apply(NAME, NAMES))]
    genres: Option<Vec<String>>,
    /// What it is about, at most 10,000 characters; not said when null.
    #[graphql(directive = constraint::apply(PASSAGE, NOT_A_LIST))]
    synopsis: Option<String>,
    /// The address of its page elsewhere, at most 2,000 characters; none when null.
    #[graphql(directive = constraint::apply(URL, NOT_A_LIST))]
    url: Option<String>,
    /// Its name in addresses, small letters, digits and hyphens; made of title and year when null. Who gives one adds the film even
    /// if there is one of the same title and year.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    slug: Option<String>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// A change of a film. What is left out stays as it is; null takes it away.
#[derive(Debug, InputObject)]
pub struct UpdateFilmInput {
    /// The global id of the film.
    id: ID,
    /// The `version` that was read; whatever it is now when null.
    expected_version: Option<i32>,
    /// The title, as shown, at most 300 characters; it can't be taken away.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    title: MaybeUndefined<String>,
    /// The year of the first release, 1870 to 2200; null when it isn't known.
    year: MaybeUndefined<i32>,
    /// The day of the first release; null when it isn't known.
    release_date: MaybeUndefined<Date>,
    /// How long the film is, in minutes; null when it isn't known.
    runtime_minutes: MaybeUndefined<i32>,
    /// Who directed it, in the order of the credits, at most 50 of at most 300 characters each; null for none.
    #[graphql(directive = constraint::apply(NAME, NAMES))]
    directors: MaybeUndefined<Vec<String>>,
    /// Its genres, at most 50 of at most 300 characters each; null for none.
    #[graphql(directive = constraint::apply(NAME, NAMES))]
    genres: MaybeUndefined<Vec<String>>,
    /// What it is about, at most 10,000 characters; null for nothing.
    #[graphql(directive = constraint::apply(PASSAGE, NOT_A_LIST))]
    synopsis: MaybeUndefined<String>,
    /// The address of its page elsewhere, at most 2,000 characters; null for none.
    #[graphql(directive = constraint::apply(URL, NOT_A_LIST))]
    url: MaybeUndefined<String>,
    /// Its name in addresses, small letters, digits and hyphens; it can't be taken away.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    slug: MaybeUndefined<String>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// A film to be deleted.
#[derive(Debug, InputObject)]
pub struct DeleteFilmInput {
    /// The global id of the film.
    id: ID,
    /// The `version` that was read; whatever it is now when null.
    expected_version: Option<i32>,
    /// Whether its reviews may go along; no when null.
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
    /// Adds a film. Null when it could not be run. Needs the role EDITOR.
    async fn add_film(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The film.")] input: AddFilmInput,
    ) -> Option<Result<AddFilmPayload>> {
        Some(add(ctx, input).await)
    }

    /// Changes a film. Null when it could not be run. Needs the role EDITOR.
    async fn update_film(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The film, and what is to change.")] input: UpdateFilmInput,
    ) -> Option<Result<UpdateFilmPayload>> {
        Some(update(ctx, input).await)
    }

    /// Deletes a film, with its reviews if `withReviews` says so. Null when it could not be run. Needs the role EDITOR.
    async fn delete_film(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The film.")] input: DeleteFilmInput,
    ) -> Option<Result<DeleteFilmPayload>> {
        Some(delete(ctx, input).await)
    }
}

async fn add(ctx: &Context<'_>, input: AddFilmInput) -> Result<AddFilmPayload> {
    let principal = require(ctx, Role::Editor)?;
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
    let mutation = AddFilm { draft, errors };
    let done = commit(ctx, principal, input.idempotency, &mutation).await?;
    Ok(AddFilmPayload {
        film: done.as_ref().ok().map(|written| FilmId(written.id)),
        user_errors: done.err().unwrap_or_default(),
    })
}

async fn update(ctx: &Context<'_>, input: UpdateFilmInput) -> Result<UpdateFilmPayload> {
    let principal = require(ctx, Role::Editor)?;
    let mut errors = UserErrors::default();
    let id = key(&input.id, Kind::Film, "id", &mut errors);
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
    let mutation = UpdateFilm {
        id,
        expected_version: input.expected_version,
        patch,
        errors,
    };
    let done = commit(ctx, principal, input.idempotency, &mutation).await?;
    Ok(UpdateFilmPayload {
        film: id.map(FilmId),
        user_errors: done.err().unwrap_or_default(),
    })
}

async fn delete(ctx: &Context<'_>, input: DeleteFilmInput) -> Result<DeleteFilmPayload> {
    let principal = require(ctx, Role::Editor)?;
    let mut errors = UserErrors::default();
    let id = key(&input.id, Kind::Film, "id", &mut errors);
    let mutation = DeleteFilm {
        id,
        expected_version: input.expected_version,
        with_reviews: input.with_reviews.unwrap_or_default(),
        errors,
    };
    let done = commit(ctx, principal, input.idempotency, &mutation).await?;
    Ok(DeleteFilmPayload {
        deleted: done.as_ref().ok().copied(),
        film: id.map(FilmId),
        user_errors: done.err().unwrap_or_default(),
    })
}

/// What came of adding a film.
#[derive(Debug)]
pub struct AddFilmPayload {
    film: Option<FilmId>,
    user_errors: Vec<UserError>,
}

/// What came of adding a film.
#[Object]
impl AddFilmPayload {
    /// The film; null when it was not added, or is gone again.
    async fn film(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Film>>>> {
        found(load(ctx, FilmById(self.film?)).await)
    }

    /// What is wrong with the input: all of it. Empty when the film was added.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// What came of changing a film.
#[derive(Debug)]
pub struct UpdateFilmPayload {
    film: Option<FilmId>,
    user_errors: Vec<UserError>,
}

/// What came of changing a film.
#[Object]
impl UpdateFilmPayload {
    /// The film as it is now, whether or not it was changed; null when it isn't there.
    async fn film(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Film>>>> {
        found(load(ctx, FilmById(self.film?)).await)
    }

    /// What is wrong with the input: all of it. Empty when the film was changed.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// What came of deleting a film.
#[derive(Debug)]
pub struct DeleteFilmPayload {
    deleted: Option<Deleted>,
    film: Option<FilmId>,
    user_errors: Vec<UserError>,
}

/// What came of deleting a film.
#[Object]
impl DeleteFilmPayload {
    /// The global id that the film had; null when it was not deleted.
    fn deleted_film_id(&self) -> Option<ID> {
        self.deleted.map(|deleted| id(Kind::Film, deleted.id))
    }

    /// How many reviews were deleted along with it; null when it was not deleted.
    fn deleted_review_count(&self) -> Option<i32> {
        let deleted = self.deleted?;
        Some(i32::try_from(deleted.reviews).unwrap_or(i32::MAX))
    }

    /// The film as it is now when it was not deleted; null when it was, or isn't there.
    async fn film(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Film>>>> {
        if self.deleted.is_some() {
            return None;
        }
        found(load(ctx, FilmById(self.film?)).await)
    }

    /// What is wrong with the input: all of it. Empty when the film was deleted.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
