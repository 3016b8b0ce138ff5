//! The meanings of columns.

use std::fmt;

use crate::catalogue::{Column, Columns, RowKind};

/// What the cells of a column say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The value of a column of the catalogue.
    Column(Column),
    /// The web address of the film of a review.
    FilmUrl,
    /// The id of the film at a source.
    FilmId(String),
    /// The id of the critic at a source.
    CriticId(String),
}

/// A name that is no meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownMeaning;

/// The columns of the catalogue that only describe a film.
pub(super) const FILM_ONLY: Columns = Columns::of(&[
    Column::ReleaseDate,
    Column::RuntimeMinutes,
    Column::Directors,
    Column::Genres,
    Column::Synopsis,
]);

/// The columns that say what only a review says.
pub(super) const JUDGEMENT: Columns = Columns::of(&[
    Column::CriticSlug,
    Column::Critic,
    Column::PublicationSlug,
    Column::Publication,
    Column::Score,
    Column::OriginalScore,
    Column::Sentiment,
    Column::Recommended,
    Column::Byline,
    Column::Excerpt,
    Column::ReviewedOn,
]);

/// The columns with the grade of a review.
pub(super) const GRADE: Columns = Columns::of(&[Column::Score, Column::OriginalScore]);

impl Meaning {
    /// Returns the meaning with a name: that of a column of the catalogue, or `film_url`, `film_id:SOURCE` or
    /// `critic_id:SOURCE`.
    pub fn of_name(name: &str) -> Result<Self, UnknownMeaning> {
        let name = name.trim();
        if name == "film_url" {
            return Ok(Self::FilmUrl);
        }
        if let Some((kind, source)) = name.split_once(':') {
            let source = source.trim().to_owned();
            return match kind.trim() {
                "film_id" if !source.is_empty() => Ok(Self::FilmId(source)),
                "critic_id" if !source.is_empty() => Ok(Self::CriticId(source)),
                _ => Err(UnknownMeaning),
            };
        }
        Column::find(name).map(Self::Column).ok_or(UnknownMeaning)
    }

    /// Returns whether the meaning describes the film of a row, beyond its title and year.
    pub fn describes_film(&self) -> bool {
        match self {
            Self::Column(column) => FILM_ONLY.contains(*column),
            Self::FilmUrl => true,
            Self::FilmId(_) | Self::CriticId(_) => false,
        }
    }

    /// Returns the column of the catalogue that the value goes into, in a row of a kind; `None` if the kind has no such
    /// value.
    pub fn column_of(&self, kind: RowKind) -> Option<Column> {
        match (self, kind) {
            (Self::FilmUrl, RowKind::Film) => Some(Column::Url),
            (Self::Column(column), kind) => kind.columns().contains(*column).then_some(*column),
            _ => None,
        }
    }
}

impl fmt::Display for Meaning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Column(column) => formatter.write_str(column.name()),
            Self::FilmUrl => formatter.write_str("film_url"),
            Self::FilmId(source) => write!(formatter, "film_id:{source}"),
            Self::CriticId(source) => write!(formatter, "critic_id:{source}"),
        }
    }
}
