//! Films.

pub mod details;
pub mod draft;
pub mod facets;
pub mod filter;
pub mod reference;
pub mod store;

use std::{ops::RangeInclusive, sync::Arc};

use chrono::{Datelike, NaiveDate};

use self::details::FilmDetails;
use crate::{
    pagination::{Direction, KeyKind, OrderTag, Position, SortKey},
    score::{Points, Policy, ScoredTally},
    text::sort_title::sort_title,
};

/// The years in which a film may have been released first.
pub const YEARS: RangeInclusive<i32> = 1870..=2200;

/// Returns the year of the first release that a release date implies; `None` if it is outside [`YEARS`].
#[must_use]
pub fn year_of(release_date: NaiveDate) -> Option<i16> {
    let year = Some(release_date.year()).filter(|year| YEARS.contains(year))?;
    i16::try_from(year).ok()
}

/// A film's key in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FilmId(pub i64);

/// A film with the tally of its reviews.
#[derive(Clone, Debug)]
pub struct Film {
    /// The film's key.
    pub id: FilmId,
    /// The slug: lower-case letters, digits and hyphens.
    pub slug: String,
    /// The title.
    pub title: String,
    /// The year of the first release.
    pub year: Option<i16>,
    /// The date of the first release.
    pub release_date: Option<NaiveDate>,
    /// The running time in minutes.
    pub runtime_minutes: Option<i32>,
    /// The directors, in the order of the credits.
    pub directors: Vec<String>,
    /// The genres, as named by the site.
    pub genres: Vec<String>,
    /// The synopsis.
    pub synopsis: Option<String>,
    /// The address of the film's page on another site.
    pub url: Option<String>,
    /// The details; `None` if the film has none, as most.
    pub details: Option<Box<FilmDetails>>,
    /// The day of the most recent review.
    pub last_reviewed_on: Option<NaiveDate>,
    /// The version of the row, from 1 on.
    pub version: i32,
    /// The tally of the film's reviews.
    pub tally: Arc<ScoredTally>,
}

/// A sort key of films.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FilmOrderField {
    /// The title, in Unicode's collation order.
    Title,
    /// The date of release.
    ReleaseDate,
    /// The score under the rules of the site.
    Score,
    /// The number of reviews.
    ReviewCount,
    /// The title as a reader looks it up, without article, accents and case.
    SortTitle,
    /// The day of the most recent review.
    LatestReview,
    /// The standard deviation of the scores.
    StandardDeviation,
    /// The score, less one point for each review.
    HiddenGem,
}

impl FilmOrderField {
    /// Returns whether the order depends on the reviews of films.
    #[must_use]
    pub const fn depends_on_reviews(self) -> bool {
        match self {
            Self::Title | Self::ReleaseDate | Self::SortTitle => false,
            Self::Score
            | Self::ReviewCount
            | Self::LatestReview
            | Self::StandardDeviation
            | Self::HiddenGem => true,
        }
    }

    /// Returns whether the order depends on the rules of the site.
    #[must_use]
    pub const fn depends_on_scores(self) -> bool {
        matches!(self, Self::Score | Self::HiddenGem)
    }

    /// Returns whether the database has an index of the order. Without one, it sorts all films.
    #[must_use]
    pub const fn has_database_index(self) -> bool {
        matches!(
            self,
            Self::Title | Self::ReleaseDate | Self::Score | Self::ReviewCount
        )
    }
}

/// The order of a list of films.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FilmOrder {
    /// The sort key.
    pub field: FilmOrderField,
    /// The direction of the sort key.
    pub direction: Direction,
}

impl FilmOrder {
    /// The default order: ascending by title.
    pub const DEFAULT: Self = Self {
        field: FilmOrderField::Title,
        direction: Direction::Ascending,
    };

    /// Returns the tag that identifies the order in cursors.
    #[must_use]
    pub const fn tag(self) -> OrderTag {
        let (name, kind, nullable) = match self.field {
            FilmOrderField::Title => ("title", KeyKind::Text, false),
            FilmOrderField::ReleaseDate => ("releaseDate", KeyKind::Date, true),
            FilmOrderField::Score => ("score", KeyKind::Number, true),
            FilmOrderField::ReviewCount => ("reviewCount", KeyKind::Number, false),
            FilmOrderField::SortTitle => ("sortTitle", KeyKind::FoldedText, false),
            FilmOrderField::LatestReview => ("latestReview", KeyKind::Date, true),
            FilmOrderField::StandardDeviation => ("deviation", KeyKind::Number, true),
            FilmOrderField::HiddenGem => ("hiddenGem", KeyKind::Number, true),
        };
        OrderTag {
            name,
            kind,
            is_nullable: nullable,
            direction: self.direction,
        }
    }

    /// Returns the position of a film in this order, with its score under the policy of the site.
    #[must_use]
    pub fn position(self, film: &Film, policy: &Policy) -> Position {
        let key = match self.field {
            FilmOrderField::Title => SortKey::Text(film.title.clone()),
            FilmOrderField::ReleaseDate => {
                film.release_date.map_or(SortKey::Missing, SortKey::Date)
            }
            FilmOrderField::Score => policy
                .value(&film.tally)
                .map_or(SortKey::Missing, |points| {
                    SortKey::Number(points.get().into())
                }),
            FilmOrderField::ReviewCount => SortKey::Number(film.tally.review_count().into()),
            FilmOrderField::SortTitle => SortKey::Text(sort_title(&film.title)),
            FilmOrderField::LatestReview => film
                .last_reviewed_on
                .map_or(SortKey::Missing, SortKey::Date),
            FilmOrderField::StandardDeviation => number(film.tally.deviation_key()),
            FilmOrderField::HiddenGem => {
                let score = policy.value(&film.tally).map(Points::get);
                let reviews = i64::from(film.tally.review_count());
                number(score.map(|score| hidden_gem(score, reviews)))
            }
        };
        Position { key, id: film.id.0 }
    }
}

/// Returns by how much a film is a hidden gem: its score, less one point for each review.
#[must_use]
pub fn hidden_gem(score: impl Into<i64>, reviews: impl Into<i64>) -> i64 {
    score.into() - reviews.into()
}

/// Returns the sort key of a number that may be missing.
#[must_use]
pub fn number(number: Option<impl Into<i64>>) -> SortKey {
    number.map_or(SortKey::Missing, |number| SortKey::Number(number.into()))
}
