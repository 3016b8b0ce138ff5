//! Looks up the rows that arguments refer to: by id, slug, name, title or external id.

use async_graphql::{Context, Error, ID, Result};

use crate::{
    critic::store::CriticBySlug,
    error::{code, error_with_code},
    external_id::{IdentifiedKind, store::OwnerOfExternalId},
    film::store::{
        FilmBySlug,
        title::{FilmsByTitle, TitleMatch},
    },
    global_id::Kind,
    graphql::{
        decode_id, load,
        types::{
            critic::reference::CriticBy,
            external_id::ExternalIdInput,
            film::reference::{FilmBy, TitleInput},
            publication::reference::PublicationBy,
        },
    },
    named::{
        NamedKind, check_slug, decode_key, not_an_id,
        store::{NameMatch, RowsByName},
    },
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
    /// Returns the result for the rows that match a name or a title.
    fn of_rows<T>(
        rows: &[T],
        key: impl Fn(&T) -> i64,
        candidate: impl Fn(&T) -> Candidate,
    ) -> Self {
        match rows {
            [] => Self::Missing,
            [row] => Self::Found(key(row)),
            several => Self::Ambiguous(several.iter().map(candidate).collect()),
        }
    }

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
                errors.add(path, NotFound, not_an_id(kind, path));
            }
        }
        None
    }
}

fn ambiguous_message(candidates: &[Candidate]) -> String {
    let listed = listed(candidates);
    format!("several have this name: {listed}; give an `id` or a `slug`")
}

/// The member of a reference that is given.
#[derive(Debug)]
pub enum Member {
    /// The global id.
    Id(ID),
    /// The slug.
    Slug(String),
    /// The name of a critic or a publication.
    Name(NamedKind, String),
    /// The title of a film.
    Titled(TitleInput),
    /// The identifier of a film or a critic at a source.
    External(IdentifiedKind, ExternalIdInput),
}

impl Member {
    /// Checks the value, as that of an input at `path`. Adds an error at the member if it is invalid. Also returns the path
    /// of the member.
    fn check(self, path: &str, errors: &mut UserErrors) -> (Option<Self>, String) {
        let path_of = |member: &str| format!("{path}.{member}");
        match self {
            Self::Id(id) => (Some(Self::Id(id)), path_of("id")),
            Self::Slug(slug) => {
                let path = path_of("slug");
                (check_slug(slug, &path, errors).map(Self::Slug), path)
            }
            Self::Name(kind, name) => {
                let path = path_of("name");
                let name = check_name(name, &path, errors);
                (name.map(|name| Self::Name(kind, name)), path)
            }
            Self::Titled(title) => {
                let path = path_of("titled");
                let is_valid = title.clone().parse(&path, errors).is_some();
                (is_valid.then_some(Self::Titled(title)), path)
            }
            Self::External(kind, id) => {
                let path = path_of("external");
                let is_valid = id.clone().parse(&path, errors).is_some();
                (is_valid.then_some(Self::External(kind, id)), path)
            }
        }
    }

    /// Looks up the key of the row of this kind of reference.
    async fn look_up<R: RowReference>(self, ctx: &Context<'_>) -> Result<Lookup> {
        match self {
            Self::Id(id) => Ok(of_id(&id, R::KIND)),
            // No row has a slug that can't be stored.
            Self::Slug(slug) if slug.contains('\0') => Ok(Lookup::Missing),
            Self::Slug(slug) => {
                let key = R::key_of_slug(ctx, slug).await?;
                Ok(key.map_or(Lookup::Missing, Lookup::Found))
            }
            Self::Name(kind, name) => of_name(ctx, kind, &name).await,
            Self::Titled(title) => of_title(ctx, title).await,
            Self::External(kind, id) => of_external(ctx, kind, id).await,
        }
    }
}

/// A reference to an existing row.
pub trait RowReference: Sized + Send {
    /// The kind of the row.
    const KIND: Kind;

    /// Returns the member that is given.
    fn into_member(self) -> Member;

    /// Returns the key of the row with a slug; `None` if there is none.
    fn key_of_slug(
        ctx: &Context<'_>,
        slug: String,
    ) -> impl Future<Output = Result<Option<i64>>> + Send;

    /// Looks up the key of the row.
    fn look_up(self, ctx: &Context<'_>) -> impl Future<Output = Result<Lookup>> + Send {
        let member = self.into_member();
        member.look_up::<Self>(ctx)
    }
}

/// Looks up the key of the row of a filter; returns [`NO_ROW`] if it doesn't exist.
///
/// # Errors
///
/// `AMBIGUOUS` if several rows match; `INVALID_ID` if the id is invalid; `UNAVAILABLE` or `INTERNAL` if a statement fails.
pub async fn look_up(ctx: &Context<'_>, reference: impl RowReference) -> Result<i64> {
    let found = reference.look_up(ctx).await?;
    Ok(found.into_key()?.unwrap_or(NO_ROW))
}

impl RowReference for FilmBy {
    const KIND: Kind = Kind::Film;

    fn into_member(self) -> Member {
        match self {
            Self::Id(id) => Member::Id(id),
            Self::Slug(slug) => Member::Slug(slug),
            Self::Titled(title) => Member::Titled(title),
            Self::External(id) => Member::External(IdentifiedKind::Film, id),
        }
    }

    async fn key_of_slug(ctx: &Context<'_>, slug: String) -> Result<Option<i64>> {
        let film = load(ctx, FilmBySlug(slug)).await?;
        Ok(film.map(|film| film.id.0))
    }
}

impl RowReference for CriticBy {
    const KIND: Kind = Kind::Critic;

    fn into_member(self) -> Member {
        match self {
            Self::Id(id) => Member::Id(id),
            Self::Slug(slug) => Member::Slug(slug),
            Self::Name(name) => Member::Name(NamedKind::Critic, name),
            Self::External(id) => Member::External(IdentifiedKind::Critic, id),
        }
    }

    async fn key_of_slug(ctx: &Context<'_>, slug: String) -> Result<Option<i64>> {
        let critic = load(ctx, CriticBySlug(slug)).await?;
        Ok(critic.map(|critic| critic.id.0))
    }
}

impl RowReference for PublicationBy {
    const KIND: Kind = Kind::Publication;

    fn into_member(self) -> Member {
        match self {
            Self::Id(id) => Member::Id(id),
            Self::Slug(slug) => Member::Slug(slug),
            Self::Name(name) => Member::Name(NamedKind::Publication, name),
        }
    }

    async fn key_of_slug(ctx: &Context<'_>, slug: String) -> Result<Option<i64>> {
        let publication = load(ctx, PublicationBySlug(slug)).await?;
        Ok(publication.map(|publication| publication.id.0))
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
    let Ok(name) = text::name(name, text::MAX_NAME_LENGTH) else {
        return Ok(Lookup::Missing);
    };
    let rows = load(ctx, RowsByName { kind, name }).await?;
    let rows = rows.as_deref().unwrap_or_default();
    let candidate = |row: &NameMatch| row.clone().candidate(kind);
    Ok(Lookup::of_rows(rows, |row| row.id, candidate))
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
    let films = films.as_deref().unwrap_or_default();
    let candidate = |film: &TitleMatch| film.clone().candidate();
    Ok(Lookup::of_rows(films, |film| film.id, candidate))
}

/// Looks up the film or the critic with an external id.
///
/// # Errors
///
/// `UNAVAILABLE` or `INTERNAL` if the statement fails.
pub async fn of_external(
    ctx: &Context<'_>,
    kind: IdentifiedKind,
    id: ExternalIdInput,
) -> Result<Lookup> {
    // No row has an external id that can't be stored.
    let Some(id) = id.parse("", &mut UserErrors::default()) else {
        return Ok(Lookup::Missing);
    };
    let owner = load(ctx, OwnerOfExternalId { kind, id }).await?;
    Ok(owner.map_or(Lookup::Missing, Lookup::Found))
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
            let (member, path) = by.into_member().check(by_field, errors);
            let Some(member) = member else {
                return Ok(None);
            };
            let found = member.look_up::<R>(ctx).await?;
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
