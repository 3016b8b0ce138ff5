//! Films: what is reviewed.

pub mod draft;
pub mod store;

use std::sync::Arc;

use chrono::NaiveDate;

use crate::{
    filter::{IntRange, Substring},
    pagination::{Direction, KeyKind, OrderTag, Position, SortKey},
    score::{Judged, Policy},
};

/// A film's key in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FilmId(pub i64);

/// A film with the tally of its reviews.
#[derive(Clone, Debug)]
pub struct Film {
    /// Its key.
    pub id: FilmId,
    /// Its name in addresses: lower-case letters, digits and hyphens.
    pub slug: String,
    /// As shown.
    pub title: String,
    /// Of the first release.
    pub year: Option<i16>,
    /// Of the first release.
    pub release_date: Option<NaiveDate>,
    /// In minutes.
    pub runtime_minutes: Option<i32>,
    /// In the order of the credits.
    pub directors: Vec<String>,
    /// As the site names them.
    pub genres: Vec<String>,
    /// What it is about.
    pub synopsis: Option<String>,
    /// Its page elsewhere.
    pub url: Option<String>,
    /// Which of its states this is, from 1 on.
    pub version: i32,
    /// What its reviews add up to.
    pub tally: Arc<Judged>,
}

/// Which films a list is to hold. Everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FilmFilter {
    /// Released in these years.
    pub year: IntRange,
    /// Of this genre, written as the film has it.
    pub genre: Option<String>,
    /// With this text somewhere in the title, in upper or lower case.
    pub title: Option<Substring>,
    /// With a score, and the score in this range.
    pub score: IntRange,
    /// With at least so many reviews.
    pub minimum_reviews: Option<i32>,
}

impl FilmFilter {
    /// Whether no film can pass it, whatever is stored.
    #[must_use]
    pub fn excludes_all(&self) -> bool {
        let genre = self.genre.as_ref();
        self.year.excludes_all(YEARS.0, YEARS.1)
            || genre.is_some_and(|genre| genre.contains(char::is_control))
            || self.title.as_ref().is_some_and(Substring::excludes_all)
            || self.score.excludes_all(0, 100)
    }
}

/// The first and the last year that the database can hold.
const YEARS: (i32, i32) = (i16::MIN as i32, i16::MAX as i32);

/// What films can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FilmOrderField {
    /// The title, as Unicode sorts.
    Title,
    /// The date of release.
    ReleaseDate,
    /// The score under the default policy.
    Score,
    /// The number of reviews.
    ReviewCount,
}

/// The order of a list of films.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FilmOrder {
    /// What to sort by.
    pub field: FilmOrderField,
    /// Which end comes first.
    pub direction: Direction,
}

impl FilmOrder {
    /// By title, unless said.
    pub const DEFAULT: Self = Self {
        field: FilmOrderField::Title,
        direction: Direction::Ascending,
    };

    /// The order as its cursors know it.
    #[must_use]
    pub const fn tag(self) -> OrderTag {
        let (name, kind, nullable) = match self.field {
            FilmOrderField::Title => ("title", KeyKind::Text, false),
            FilmOrderField::ReleaseDate => ("releaseDate", KeyKind::Date, true),
            FilmOrderField::Score => ("score", KeyKind::Number, true),
            FilmOrderField::ReviewCount => ("reviewCount", KeyKind::Number, false),
        };
        OrderTag {
            name,
            kind,
            nullable,
            direction: self.direction,
        }
    }

    /// Where a film stands in this order.
    #[must_use]
    pub fn position(self, film: &Film) -> Position {
        let key = match self.field {
            FilmOrderField::Title => SortKey::Text(film.title.clone()),
            FilmOrderField::ReleaseDate => {
                film.release_date.map_or(SortKey::Missing, SortKey::Date)
            }
            FilmOrderField::Score => Policy::default()
                .value(&film.tally)
                .map_or(SortKey::Missing, |points| {
                    SortKey::Number(points.get().into())
                }),
            FilmOrderField::ReviewCount => SortKey::Number(film.tally.review_count().into()),
        };
        Position { key, id: film.id.0 }
    }
}
