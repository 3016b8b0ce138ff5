//! The filter and the order of a list of films.

use async_graphql::{Context, Enum, Error, InputObject, Result};

use crate::{
    film::{
        FilmOrder,
        filter::{DirectorName, FilmFilter, GenreFilter, ScoreSet},
    },
    graphql::{
        constraint::{NAME, NAMES, NOT_A_LIST, constraint},
        filter::{DateRangeInput, IntRangeInput, exact, substring},
        lookup::look_up,
        order::OrderDirection,
        types::{
            critic::reference::CriticBy, publication::reference::PublicationBy, score::Verdict,
        },
    },
    pagination::Direction,
    score::{self, Policy},
};

/// A filter of films. A film must match all fields that aren't null.
#[derive(Debug, Default, InputObject)]
#[graphql(name = "FilmFilter")]
pub struct FilmFilterInput {
    /// Only films whose year of the first release is in this range.
    year: Option<IntRangeInput>,
    /// Only films whose date of the first release is in this range. Films without a date don't match.
    release_date: Option<DateRangeInput>,
    /// Only films of this genre, in the same spelling and case, ignoring blanks around it; at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    genre: Option<String>,
    /// Only films that have all of these genres, compared as `genre`; at most 50.
    #[graphql(directive = constraint::apply(NAME, NAMES))]
    all_genres: Option<Vec<String>>,
    /// Only films that have at least one of these genres, compared as `genre`; at most 50. An empty list matches no film.
    #[graphql(directive = constraint::apply(NAME, NAMES))]
    any_genre: Option<Vec<String>>,
    /// Only films with a director of this name, ignoring case, accents and blanks around it; at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    director: Option<String>,
    /// Only films whose title contains this string, ignoring case, accents and blanks around it; at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    title: Option<String>,
    /// Only films whose score under the rules of the site is in this range. Films without a score don't match.
    score: Option<IntRangeInput>,
    /// Only films with one of these verdicts under the rules of the site. An empty list matches no film.
    verdict: Option<Vec<Verdict>>,
    /// Only films with at least this number of reviews.
    minimum_reviews: Option<i32>,
    /// Only films with a review without a score if true, only films of which all reviews have a score if false.
    has_unscored: Option<bool>,
    /// Only films that this critic has reviewed; none if the critic doesn't exist.
    reviewed_by: Option<CriticBy>,
    /// Only films that were reviewed in this publication; none if it doesn't exist.
    reviewed_in: Option<PublicationBy>,
}

impl FilmFilterInput {
    /// Parses a filter, and looks up the critic and the publication. `None` matches all films. `policy` is that of the rules
    /// of the site.
    ///
    /// # Errors
    ///
    /// `INVALID_VALUE` if a string can't be stored; `INVALID_ID` if an ID isn't the ID of a critic or of a publication;
    /// `AMBIGUOUS` if several have a name; `UNAVAILABLE` or `INTERNAL` if a statement fails.
    pub async fn resolve(
        ctx: &Context<'_>,
        input: Option<Self>,
        policy: &Policy,
    ) -> Result<FilmFilter> {
        let Some(mut input) = input else {
            return Ok(FilmFilter::default());
        };
        let (critic, publication) = (input.reviewed_by.take(), input.reviewed_in.take());
        let mut filter = input.parse(policy)?;
        if let Some(critic) = critic {
            filter.critic = Some(Box::pin(look_up(ctx, critic)).await?);
        }
        if let Some(publication) = publication {
            filter.publication = Some(Box::pin(look_up(ctx, publication)).await?);
        }
        Ok(filter)
    }

    /// Parses all fields but the critic and the publication.
    fn parse(self, policy: &Policy) -> Result<FilmFilter> {
        let genres = |name: &str, genres: Vec<String>| {
            let genres = genres.into_iter().map(|genre| exact(name, Some(genre)));
            let genres: Result<Vec<Option<String>>> = genres.collect();
            Ok::<_, Error>(genres?.into_iter().flatten().collect())
        };
        let mut all: Vec<String> = genres("allGenres", self.all_genres.unwrap_or_default())?;
        all.extend(exact("genre", self.genre)?);
        let any = self.any_genre.map(|any| genres("anyGenre", any));
        let director = exact("director", self.director)?;
        let verdicts: Option<Vec<score::Verdict>> = self
            .verdict
            .map(|verdicts| verdicts.into_iter().map(score::Verdict::from).collect());
        Ok(FilmFilter {
            year: self.year.into(),
            release_date: self.release_date.into(),
            genres: GenreFilter::new(all, any.transpose()?),
            director: director.as_deref().map(DirectorName::new),
            title: substring("title", self.title)?,
            score: self.score.into(),
            verdict: verdicts.map(|verdicts| ScoreSet::of_verdicts(&verdicts, policy)),
            minimum_reviews: self.minimum_reviews,
            has_unscored: self.has_unscored,
            critic: None,
            publication: None,
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
    /// The title as a reader looks it up: without case, accents, leading marks and a leading article of English, French,
    /// German, Spanish, Italian or Portuguese. "L'Été" is among the titles with E.
    SortTitle,
    /// The date of the most recent review.
    LatestReview,
    /// The standard deviation of the scores, in thousandths of a point: descending, the most divisive films are first.
    StandardDeviation,
    /// The score under the rules of the site, less one point for each review: descending, the best of the films that few
    /// have reviewed are first.
    HiddenGem,
}

/// An order of films. Films with equal sort keys are in the order of their addition.
#[derive(Clone, Copy, Debug, InputObject)]
#[graphql(name = "FilmOrder")]
pub struct FilmOrderInput {
    /// The sort key.
    field: FilmOrderField,
    /// The direction; when null, ascending for `TITLE` and `SORT_TITLE`, and descending for the others.
    direction: Option<OrderDirection>,
}

impl From<FilmOrderInput> for FilmOrder {
    fn from(FilmOrderInput { field, direction }: FilmOrderInput) -> Self {
        let default_direction = match field {
            FilmOrderField::Title | FilmOrderField::SortTitle => Direction::Ascending,
            _ => Direction::Descending,
        };
        Self {
            field: field.into(),
            direction: direction.map_or(default_direction, Direction::from),
        }
    }
}
