//! The filter and the order of a list of films.

use async_graphql::{Enum, Error, InputObject, Result};

use crate::{
    film::{FilmFilter, FilmOrder},
    graphql::{
        constraint::{NAME, NOT_A_LIST, constraint},
        filter::{IntRangeInput, exact, substring},
        order::OrderDirection,
    },
    pagination::Direction,
};

/// A filter of films. A film must match all fields that aren't null.
#[derive(Debug, Default, InputObject)]
#[graphql(name = "FilmFilter")]
pub struct FilmFilterInput {
    /// Only films whose year of the first release is in this range.
    year: Option<IntRangeInput>,
    /// Only films of this genre, in the same spelling and case, ignoring blanks around it; at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    genre: Option<String>,
    /// Only films whose title contains this string, ignoring case, accents and blanks around it; at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    title: Option<String>,
    /// Only films whose score under the rules of the site is in this range. Films without a score don't match.
    score: Option<IntRangeInput>,
    /// Only films with at least this number of reviews.
    minimum_reviews: Option<i32>,
}

impl TryFrom<FilmFilterInput> for FilmFilter {
    type Error = Error;

    fn try_from(input: FilmFilterInput) -> Result<Self> {
        Ok(Self {
            year: input.year.into(),
            genre: exact("genre", input.genre)?,
            title: substring("title", input.title)?,
            score: input.score.into(),
            minimum_reviews: input.minimum_reviews,
        })
    }
}

/// The sort keys of films.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::film::FilmOrderField")]
pub enum FilmOrderField {
    /// The title, in Unicode's collation order.
    Title,
    /// The date of the first release.
    ReleaseDate,
    /// The score under the rules of the site.
    Score,
    /// The number of reviews.
    ReviewCount,
}

/// An order of films. Films with equal sort keys are in the order of their addition.
#[derive(Clone, Copy, Debug, InputObject)]
#[graphql(name = "FilmOrder")]
pub struct FilmOrderInput {
    /// The sort key.
    field: FilmOrderField,
    /// The direction; when null, ascending for `TITLE` and descending for the others.
    direction: Option<OrderDirection>,
}

impl From<FilmOrderInput> for FilmOrder {
    fn from(FilmOrderInput { field, direction }: FilmOrderInput) -> Self {
        let default_direction = match field {
            FilmOrderField::Title => Direction::Ascending,
            _ => Direction::Descending,
        };
        Self {
            field: field.into(),
            direction: direction.map_or(default_direction, Direction::from),
        }
    }
}
