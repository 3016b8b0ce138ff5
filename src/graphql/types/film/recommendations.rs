//! What a page of a film shows of critics: films that they like as well, and quotes.

use std::sync::Arc;

use async_graphql::{Context, Result};
use futures_util::future::try_join_all;
use macros::object;

use crate::{
    film::{Film, FilmId, store::FilmById},
    graphql::{
        int, list_length, load,
        selection::{Inlined, InlinedList},
        site_rules,
        types::score::Sentiment,
    },
    pagination::DEFAULT_PAGE_SIZE,
    review::{
        Review,
        store::{
            ReviewById,
            agreement::similar::{self, SimilarFilms, SimilarQuery},
            quotes::{QuoteQuery, QuotesOf},
        },
    },
};

/// The number of quotes if none is given.
pub const DEFAULT_QUOTES: u16 = 3;

/// A film that critics like who like another one.
#[derive(Debug)]
pub struct SimilarFilm {
    film: Arc<Film>,
    similar: similar::SimilarFilm,
}

/// A film that critics like who like another one. A critic likes a film whose reviews by the critic are positive: several
/// count as one with the mean of their scores.
#[object]
impl SimilarFilm {
    /// The film.
    fn film(&self) -> Inlined<Arc<Film>> {
        Inlined(Arc::clone(&self.film))
    }

    /// The number of critics who like both films: at least 2.
    fn critics_in_common(&self) -> i32 {
        int(self.similar.shared)
    }

    /// How similar the films are, 0 to 1: `criticsInCommon`, divided by the geometric mean of the numbers of critics who like
    /// each of the two.
    fn similarity(&self) -> f64 {
        self.similar.similarity()
    }
}

/// Loads the films that the critics who like a film like as well.
///
/// # Errors
///
/// `INVALID_PAGE` if the number of films is out of range; `UNAVAILABLE` or `INTERNAL` if a statement fails.
pub async fn similar_films(
    ctx: &Context<'_>,
    film: FilmId,
    first: Option<i32>,
) -> Result<InlinedList<SimilarFilm>> {
    let query = SimilarQuery {
        first: list_length(first, DEFAULT_PAGE_SIZE)?,
        bands: site_rules(ctx).await?.policy.bands(),
    };
    let films = load(ctx, SimilarFilms { film, query }).await?;
    let films = films.iter().flat_map(|films| films.iter().copied());
    let films = films.map(async |similar| {
        let film = load(ctx, FilmById(similar.film)).await;
        // A film may have been deleted since.
        film.map(|film| film.map(|film| SimilarFilm { film, similar }))
    });
    let films = try_join_all(films).await?;
    Ok(films.into_iter().flatten().collect())
}

/// Loads the reviews of a film that are worth quoting.
///
/// # Errors
///
/// `INVALID_PAGE` if the number of reviews is out of range; `UNAVAILABLE` or `INTERNAL` if a statement fails.
pub async fn top_quotes(
    ctx: &Context<'_>,
    film: FilmId,
    sentiment: Option<Sentiment>,
    first: Option<i32>,
) -> Result<InlinedList<Arc<Review>>> {
    let bands = site_rules(ctx).await?.policy.bands();
    let query = QuoteQuery {
        sentiment: sentiment.map(|sentiment| (sentiment.into(), bands)),
        first: list_length(first, DEFAULT_QUOTES)?,
    };
    let reviews = load(ctx, QuotesOf { film, query }).await?;
    let reviews = reviews.iter().flat_map(|reviews| reviews.iter().copied());
    let reviews = try_join_all(reviews.map(|review| load(ctx, ReviewById(review)))).await?;
    // A review may have been deleted since.
    Ok(reviews.into_iter().flatten().collect())
}
