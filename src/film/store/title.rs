//! Finds films by their titles.

use std::{collections::HashMap, sync::Arc};

use entity::film;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::{
    cache::tag::{Tag, TagKind},
    database::{
        session::Session,
        sql::{self, NameColumn},
    },
    film::reference::FilmTitle,
    global_id::Kind,
    loader::key::{LoaderKey, one_by_one},
    text,
    user_error::{Candidate, MAX_CANDIDATES},
};

/// A film with a title.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct TitleMatch {
    /// The key of the film.
    pub id: i64,
    /// The slug.
    pub slug: String,
    /// The title of the film, which may differ in case.
    pub title: String,
}

impl From<film::Model> for TitleMatch {
    fn from(film: film::Model) -> Self {
        Self {
            id: film.id,
            slug: film.slug,
            title: film.title,
        }
    }
}

impl TitleMatch {
    /// Returns the film as a candidate of a user error.
    #[must_use]
    pub fn candidate(self) -> Candidate {
        Candidate::of_row(Kind::Film, self.id, self.slug, self.title)
    }
}

/// The titles of films.
pub const TITLE: NameColumn = NameColumn {
    table: "film",
    column: "title",
};

/// The conditions for [`NameColumn::matching_rows`] that a film has the year `given_year`. If that is null, the film has
/// no year, or no film of this title is without a year.
pub const HAS_YEAR: [&str; 2] = [
    "(year = given_year OR given_year IS NULL AND (
        year IS NULL OR NOT EXISTS (SELECT FROM film AS other WHERE other.title = value AND other.year IS NULL)
    ))",
    "(year = given_year OR given_year IS NULL AND (
        year IS NULL OR NOT EXISTS (SELECT FROM film AS other WHERE other.title_folded = folded AND other.year IS NULL)
    ))",
];

/// The columns of a film with its title as text, for [`NameColumn::matching_rows`].
const COLUMNS: &str = "id, slug, title::text COLLATE \"C\" AS title";

/// Returns the films with exactly this title and year, or if there are none, those with this year whose title differs
/// only in case. Without a year, they have none either. They are sorted by key. There are at most [`MAX_CANDIDATES`] and
/// one more.
///
/// # Errors
///
/// When the statement fails.
pub async fn find_by_title(
    title: &str,
    year: Option<i16>,
    connection: &impl ConnectionTrait,
) -> Result<Vec<TitleMatch>, DbErr> {
    find(
        title,
        year,
        ["year IS NOT DISTINCT FROM given_year"; 2],
        connection,
    )
    .await
}

/// Returns the films that a title and a year mean. See
/// [`FilmReference::Titled`](crate::film::reference::FilmReference::Titled).
///
/// # Errors
///
/// When the statement fails.
pub async fn find_meant(
    title: &str,
    year: Option<i16>,
    connection: &impl ConnectionTrait,
) -> Result<Vec<TitleMatch>, DbErr> {
    find(title, year, HAS_YEAR, connection).await
}

/// Returns the films with this year whose titles differ from the title at most in accents, punctuation and blanks. At most
/// [`MAX_CANDIDATES`] and one more.
///
/// # Errors
///
/// When the statement fails.
pub async fn find_similar(
    title: &str,
    year: Option<i16>,
    connection: &impl ConnectionTrait,
) -> Result<Vec<TitleMatch>, DbErr> {
    let has_year = "year IS NOT DISTINCT FROM given_year";
    let rows = TITLE.similar_rows(COLUMNS, has_year, MAX_CANDIDATES + 1);
    let statement = format!(
        "SELECT id, slug, title FROM (SELECT $1::text, $2::smallint) AS given (folded, given_year)
        CROSS JOIN LATERAL ({rows}) AS alike ORDER BY id"
    );
    let values = [text::folded(title).into(), year.into()];
    sql::all(connection, &statement, values).await
}

async fn find(
    title: &str,
    year: Option<i16>,
    conditions: [&str; 2],
    connection: &impl ConnectionTrait,
) -> Result<Vec<TitleMatch>, DbErr> {
    let rows = TITLE.matching_rows(COLUMNS, conditions, MAX_CANDIDATES + 1);
    let statement = format!(
        "SELECT id, slug, title FROM (SELECT $1::text, $2::text, $3::smallint) AS given (value, folded, given_year)
        CROSS JOIN LATERAL ({rows}) AS matching ORDER BY id"
    );
    let values = [title.into(), text::folded(title).into(), year.into()];
    sql::all(connection, &statement, values).await
}

/// The films that a title and a year mean. See [`FilmReference::Titled`](crate::film::reference::FilmReference::Titled).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilmsByTitle(pub FilmTitle);

impl LoaderKey for FilmsByTitle {
    type Value = Arc<[TitleMatch]>;
    type Group = Self;

    fn group(&self) -> Self {
        self.clone()
    }

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(Tag::any(TagKind::Film));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        one_by_one(keys, |key| async move {
            let FilmTitle { title, year } = &key.0;
            let found = find_meant(title, *year, session).await?;
            Ok(found.into())
        })
        .await
    }
}
