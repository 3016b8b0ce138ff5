//! Looks up the rows that arguments refer to: by id, slug, name or title.

use async_graphql::{Context, Error, ID, Result};

use crate::{
    critic::store::CriticBySlug,
    error::{code, error_with_code},
    film::store::{FilmBySlug, title::FilmsByTitle},
    global_id::Kind,
    graphql::{
        decode_id, load,
        types::{
            critic::reference::CriticBy,
            film::reference::{FilmBy, TitleInput},
            publication::reference::PublicationBy,
        },
    },
    named::{NamedKind, check_slug, decode_key, store::RowsByName},
    patch::{self, Patch},
    publication::store::PublicationBySlug,
    text,
    user_error::{
        Candidate,
        UserErrorCode::{Ambiguous, Blank, Contradiction, NotFound},
        UserErrors, listed,
    },
};

/// A key that no row has.
pub const NO_ROW: i64 = 0;

/// The result of a lookup.
#[derive(Debug)]
pub enum Lookup {
    /// The key of the row. A row with an id may not exist.
    Found(i64),
    /// No row matches.
    Missing,
    /// Several rows have the name or the title.
    Ambiguous(Vec<Candidate>),
    /// The id is malformed or of another kind.
    InvalidId(Error),
}

impl Lookup {
    /// Returns the key; `None` if no row matches.
    ///
    /// # Errors
    ///
    /// `AMBIGUOUS` if several rows match; `INVALID_ID` if the id is invalid.
    pub fn into_key(self) -> Result<Option<i64>> {
        match self {
            Self::Found(key) => Ok(Some(key)),
            Self::Missing => Ok(None),
            Self::Ambiguous(candidates) => Err(error_with_code(
                code::AMBIGUOUS,
                ambiguous_message(&candidates),
            )),
            Self::InvalidId(error) => Err(error),
        }
    }

    /// Returns the key, or adds an error at `path`.
    fn into_key_or_user_error(
        self,
        kind: Kind,
        path: &str,
        errors: &mut UserErrors,
    ) -> Option<i64> {
        let noun = kind.name().to_lowercase();
        match self {
            Self::Found(key) => return Some(key),
            Self::Missing => {
                let message = format!("this {noun} does not exist; it may have been deleted");
                errors.add(path, NotFound, message);
            }
            Self::Ambiguous(candidates) => {
                let message = ambiguous_message(&candidates);
                errors.add_with_candidates(path, Ambiguous, message, candidates);
            }
            Self::InvalidId(_) => {
                errors.add(path, NotFound, format!("is not the id of a {noun}"));
            }
        }
        None
    }
}

fn ambiguous_message(candidates: &[Candidate]) -> String {
    let listed = listed(candidates);
    format!("several have this name: {listed}; give an `id` or a `slug`")
}

/// A reference to an existing row.
pub trait RowReference: Sized + Send {
    /// The kind of the row.
    const KIND: Kind;

    /// Checks the value of the reference, as an input at `path`. Adds an error at the member that is given if it is
    /// invalid. Also returns the path of that member.
    fn check(self, path: &str, errors: &mut UserErrors) -> (Option<Self>, String);

    /// Looks up the key of the row.
    fn look_up(self, ctx: &Context<'_>) -> impl Future<Output = Result<Lookup>> + Send;
}

impl RowReference for FilmBy {
    const KIND: Kind = Kind::Film;

    fn check(self, path: &str, errors: &mut UserErrors) -> (Option<Self>, String) {
        match self {
            Self::Id(id) => (Some(Self::Id(id)), format!("{path}.id")),
            Self::Slug(slug) => {
                let path = format!("{path}.slug");
                (check_slug(slug, &path, errors).map(Self::Slug), path)
            }
            Self::Titled(title) => {
                let path = format!("{path}.titled");
                let is_valid = title.clone().parse(&path, errors).is_some();
                (is_valid.then_some(Self::Titled(title)), path)
            }
        }
    }

    async fn look_up(self, ctx: &Context<'_>) -> Result<Lookup> {
        match self {
            Self::Id(id) => Ok(of_id(&id, Self::KIND)),
            Self::Slug(slug) if slug.contains('\0') => Ok(Lookup::Missing),
            Self::Slug(slug) => {
                let film = load(ctx, FilmBySlug(slug)).await?;
                Ok(film.map_or(Lookup::Missing, |film| Lookup::Found(film.id.0)))
            }
            Self::Titled(title) => of_title(ctx, title).await,
        }
    }
}

impl RowReference for CriticBy {
    const KIND: Kind = Kind::Critic;

    fn check(self, path: &str, errors: &mut UserErrors) -> (Option<Self>, String) {
        match self {
            Self::Id(id) => (Some(Self::Id(id)), format!("{path}.id")),
            Self::Slug(slug) => {
                let path = format!("{path}.slug");
                (check_slug(slug, &path, errors).map(Self::Slug), path)
            }
            Self::Name(name) => {
                let path = format!("{path}.name");
                (check_name(name, &path, errors).map(Self::Name), path)
            }
        }
    }

    async fn look_up(self, ctx: &Context<'_>) -> Result<Lookup> {
        match self {
            Self::Id(id) => Ok(of_id(&id, Self::KIND)),
            Self::Slug(slug) if slug.contains('\0') => Ok(Lookup::Missing),
            Self::Slug(slug) => {
                let critic = load(ctx, CriticBySlug(slug)).await?;
                Ok(critic.map_or(Lookup::Missing, |critic| Lookup::Found(critic.id.0)))
            }
            Self::Name(name) => of_name(ctx, NamedKind::Critic, &name).await,
        }
    }
}

impl RowReference for PublicationBy {
    const KIND: Kind = Kind::Publication;

    fn check(self, path: &str, errors: &mut UserErrors) -> (Option<Self>, String) {
        match self {
            Self::Id(id) => (Some(Self::Id(id)), format!("{path}.id")),
            Self::Slug(slug) => {
                let path = format!("{path}.slug");
                (check_slug(slug, &path, errors).map(Self::Slug), path)
            }
            Self::Name(name) => {
                let path = format!("{path}.name");
                (check_name(name, &path, errors).map(Self::Name), path)
            }
        }
    }

    async fn look_up(self, ctx: &Context<'_>) -> Result<Lookup> {
        match self {
            Self::Id(id) => Ok(of_id(&id, Self::KIND)),
            Self::Slug(slug) if slug.contains('\0') => Ok(Lookup::Missing),
            Self::Slug(slug) => {
                let publication = load(ctx, PublicationBySlug(slug)).await?;
                Ok(publication.map_or(Lookup::Missing, |found| Lookup::Found(found.id.0)))
            }
            Self::Name(name) => of_name(ctx, NamedKind::Publication, &name).await,
        }
    }
}

fn check_name(name: String, path: &str, errors: &mut UserErrors) -> Option<String> {
    match patch::name(Patch::Set(name), path, errors) {
        Patch::Set(name) => Some(name),
        Patch::Keep | Patch::Clear => None,
    }
}

fn of_id(id: &ID, kind: Kind) -> Lookup {
    match decode_id(id, kind) {
        Ok(key) => Lookup::Found(key),
        Err(error) => Lookup::InvalidId(error),
    }
}

/// Looks up the critic or the publication with a name.
///
/// # Errors
///
/// `UNAVAILABLE` or `INTERNAL` if the statement fails.
pub async fn of_name(ctx: &Context<'_>, kind: NamedKind, name: &str) -> Result<Lookup> {
    // No row has a name that can't be stored.
    let Ok(name) = text::line(name, text::MAX_NAME_LENGTH) else {
        return Ok(Lookup::Missing);
    };
    let rows = load(ctx, RowsByName { kind, name }).await?;
    Ok(match rows.as_deref() {
        None | Some([]) => Lookup::Missing,
        Some([row]) => Lookup::Found(row.id),
        Some(several) => {
            let candidates = several.iter().map(|row| row.clone().candidate(kind));
            Lookup::Ambiguous(candidates.collect())
        }
    })
}

/// Looks up the film with a title.
///
/// # Errors
///
/// `UNAVAILABLE` or `INTERNAL` if the statement fails.
pub async fn of_title(ctx: &Context<'_>, title: TitleInput) -> Result<Lookup> {
    // No film has a title or a year that can't be stored.
    let Some(title) = title.parse("", &mut UserErrors::default()) else {
        return Ok(Lookup::Missing);
    };
    let films = load(ctx, FilmsByTitle(title)).await?;
    Ok(match films.as_deref() {
        None | Some([]) => Lookup::Missing,
        Some([film]) => Lookup::Found(film.id),
        Some(several) => {
            let candidates = several.iter().map(|film| film.clone().candidate());
            Lookup::Ambiguous(candidates.collect())
        }
    })
}

/// Returns the key of the row that an input refers to in one of two forms: by the global id in the first field, or by the
/// reference in the second. Adds an error if both are given, or the row doesn't exist.
///
/// # Errors
///
/// `UNAVAILABLE` or `INTERNAL` if the statement fails.
pub async fn optional_key<R: RowReference>(
    ctx: &Context<'_>,
    (id, by): (Option<ID>, Option<R>),
    [id_field, by_field]: [&str; 2],
    errors: &mut UserErrors,
) -> Result<Option<i64>> {
    match (id, by) {
        (None, None) => Ok(None),
        (Some(id), None) => Ok(decode_key(&id, R::KIND, id_field, errors)),
        (Some(_), Some(_)) => {
            let message = format!("can't be combined with `{id_field}`");
            errors.add(by_field, Contradiction, message);
            Ok(None)
        }
        (None, Some(by)) => {
            let (by, path) = by.check(by_field, errors);
            let Some(by) = by else {
                return Ok(None);
            };
            let found = by.look_up(ctx).await?;
            Ok(found.into_key_or_user_error(R::KIND, &path, errors))
        }
    }
}

/// Does the same as [`optional_key`], and adds an error if none of the two is given.
///
/// # Errors
///
/// `UNAVAILABLE` or `INTERNAL` if the statement fails.
pub async fn required_key<R: RowReference>(
    ctx: &Context<'_>,
    references: (Option<ID>, Option<R>),
    [id_field, by_field]: [&str; 2],
    errors: &mut UserErrors,
) -> Result<Option<i64>> {
    if let (None, None) = references {
        let message = format!("give `{id_field}` or `{by_field}`");
        errors.add(id_field, Blank, message);
    }
    optional_key(ctx, references, [id_field, by_field], errors).await
}
