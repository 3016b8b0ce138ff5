//! The mutation `updateFilm`.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};

use crate::graphql::types::changed_field::ChangedField;
use crate::{
    access::Role,
    film::{
        FilmId,
        details::Poster,
        draft::FilmPatch,
        store::{FilmById, write::UpdateFilm},
    },
    graphql::{
        constraint::{BY_TYPE, NAME, NAMES, NOT_A_LIST, PASSAGE, URL, constraint},
        lookup::required_key,
        mutations::{commit::commit, idempotency::Idempotency},
        scalar::Date,
        selection::Linked,
        types::{
            external_id::{ExternalIdInput, patch_of},
            film::{
                details::{AlternativeTitleInput, PosterInput, titles_of},
                field::FilmField,
                reference::FilmBy,
            },
            viewer::require_role,
        },
    },
    patch::Patch,
    user_error::{UserError, UserErrors},
};

/// The input of `updateFilm`. Omitted fields stay unchanged; null clears a field.
#[derive(Debug, InputObject)]
pub struct UpdateFilmInput {
    /// The global ID of the film. Exactly one of `id` and `by` is required.
    id: Option<ID>,
    /// The film.
    by: Option<FilmBy>,
    /// The version that the caller has read. If the current `version` differs, nothing is changed, and the user error
    /// is `STALE`. Not checked when null.
    expected_version: Option<i32>,
    /// The title, at most 300 characters. It can't be cleared.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    title: MaybeUndefined<String>,
    /// The year of the first release, 1870 to 2200; null for that of `releaseDate`, and for unknown without one.
    year: MaybeUndefined<i32>,
    /// The date of the first release; null for unknown. It must be in `year`. If the year is unknown, it becomes that of
    /// the date, which must then be from 1870 to 2200.
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
    /// The identifiers at sources, which replace the present ones: at most 50 different ones; null for none. If another
    /// film has one of them, the user error is `ALREADY_EXISTS`, and names that film among its `candidates`.
    #[graphql(directive = constraint::apply(BY_TYPE, NAMES))]
    external_ids: MaybeUndefined<Vec<ExternalIdInput>>,
    /// The countries of production: at most 50, of at most 300 characters each; null for none.
    #[graphql(directive = constraint::apply(NAME, NAMES))]
    countries: MaybeUndefined<Vec<String>>,
    /// The cast, in the order of the credits: at most 50, of at most 300 characters each; null for none.
    #[graphql(directive = constraint::apply(NAME, NAMES))]
    cast: MaybeUndefined<Vec<String>>,
    /// Other titles, which replace the present ones: at most 50 different ones; null for none.
    #[graphql(directive = constraint::apply(BY_TYPE, NAMES))]
    alternative_titles: MaybeUndefined<Vec<AlternativeTitleInput>>,
    /// The poster, which replaces the present one; null for none.
    poster: MaybeUndefined<PosterInput>,
    /// The unique slug for URLs: lower-case letters, digits and hyphens. It can't be cleared.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    slug: MaybeUndefined<String>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

pub(super) async fn update(ctx: &Context<'_>, input: UpdateFilmInput) -> Result<UpdateFilmPayload> {
    let principal = require_role(ctx, Role::Editor)?;
    let mut errors = UserErrors::default();
    let id = required_key(ctx, (input.id, input.by), ["id", "by"], &mut errors).await?;
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
        external_ids: patch_of(input.external_ids.into()),
        countries: input.countries.into(),
        cast: input.cast.into(),
        alternative_titles: titles_of(input.alternative_titles.into()),
        poster: Patch::from(input.poster).map(Poster::from),
    };
    let command = UpdateFilm {
        id,
        expected_version: input.expected_version,
        patch,
        errors,
    };
    let result = commit(ctx, principal, input.idempotency, &command).await?;
    let (changed, user_errors) = match result {
        Ok(row) => (row.changed, Vec::new()),
        Err(user_errors) => (Vec::new(), user_errors),
    };
    Ok(UpdateFilmPayload {
        film: id.map(FilmId),
        changed,
        user_errors,
    })
}

/// The result of `updateFilm`.
#[derive(Debug)]
pub struct UpdateFilmPayload {
    film: Option<FilmId>,
    changed: Vec<String>,
    user_errors: Vec<UserError>,
}

/// The result of `updateFilm`.
#[Object]
impl UpdateFilmPayload {
    /// The film in its current state, whether or not it was updated; null if it doesn't exist.
    fn film(&self) -> Linked<FilmById> {
        Linked(self.film.map(FilmById))
    }

    /// The fields that the update changed; empty if it changed nothing. It shows whether a null in the input has removed
    /// a value.
    fn changed(&self) -> Vec<FilmField> {
        FilmField::of(&self.changed)
    }

    /// All errors in the input; empty if the film was updated.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
