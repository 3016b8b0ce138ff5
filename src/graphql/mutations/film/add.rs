//! The mutation `addFilm`.

use async_graphql::{Context, InputObject, Object, Result};

use crate::{
    access::Role,
    film::{
        FilmId,
        details::Poster,
        draft::{FilmDraft, FilmPatch},
        store::{FilmById, write::AddFilm},
    },
    graphql::{
        constraint::{BY_TYPE, NAME, NAMES, NOT_A_LIST, PASSAGE, URL, constraint},
        mutations::{commit::commit, idempotency::Idempotency},
        scalar::Date,
        selection::Linked,
        types::{
            external_id::{ExternalIdInput, patch_of},
            film::details::{AlternativeTitleInput, PosterInput, titles_of},
            viewer::require_role,
        },
    },
    patch::Patch,
    user_error::{UserError, UserErrors},
};

/// The input of `addFilm`.
#[derive(Debug, InputObject)]
pub struct AddFilmInput {
    /// The title, at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    title: String,
    /// The year of the first release, 1870 to 2200; that of `releaseDate` when null, and unknown without either.
    year: Option<i32>,
    /// The date of the first release, in a year from 1870 to 2200; unknown when null. It must be in `year`.
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
    /// The identifiers at sources: at most 50 different ones; none when null. If another film has one of them, the user
    /// error is `ALREADY_EXISTS`, and names that film among its `candidates`.
    #[graphql(directive = constraint::apply(BY_TYPE, NAMES))]
    external_ids: Option<Vec<ExternalIdInput>>,
    /// The countries of production: at most 50, of at most 300 characters each; unknown when null.
    #[graphql(directive = constraint::apply(NAME, NAMES))]
    countries: Option<Vec<String>>,
    /// The cast, in the order of the credits: at most 50, of at most 300 characters each; unknown when null.
    #[graphql(directive = constraint::apply(NAME, NAMES))]
    cast: Option<Vec<String>>,
    /// Other titles: at most 50 different ones; none when null.
    #[graphql(directive = constraint::apply(BY_TYPE, NAMES))]
    alternative_titles: Option<Vec<AlternativeTitleInput>>,
    /// The poster; none when null.
    poster: Option<PosterInput>,
    /// The unique slug for URLs: lower-case letters, digits and hyphens; derived from title and year when null. With a
    /// slug, the film is added even if one with the same title and year exists.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    slug: Option<String>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

pub(super) async fn add(ctx: &Context<'_>, input: AddFilmInput) -> Result<AddFilmPayload> {
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
        external_ids: patch_of(input.external_ids.into()),
        countries: input.countries.into(),
        cast: input.cast.into(),
        alternative_titles: titles_of(input.alternative_titles.into()),
        poster: Patch::from(input.poster).map(Poster::from),
    };
    draft.apply(patch, &mut errors);
    let command = AddFilm { draft, errors };
    let result = commit(ctx, principal, input.idempotency, &command).await?;
    Ok(AddFilmPayload {
        film: result.as_ref().ok().map(|row| FilmId(row.id)),
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
    fn film(&self) -> Linked<FilmById> {
        Linked(self.film.map(FilmById))
    }

    /// All errors in the input; empty if the film was added.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
