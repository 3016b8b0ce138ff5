//! The comparison of films with a filter.

use memchr::memmem::Finder;

use super::entry::{Entry, GenreIds};
use crate::film::FilmFilter;

/// A filter that is prepared for the comparison with many films.
pub struct Matcher<'f> {
    filter: &'f FilmFilter,
    title: Option<Finder<'static>>,
    genre: Option<u32>,
}

impl<'f> Matcher<'f> {
    pub fn new(filter: &'f FilmFilter, genre_ids: &GenreIds) -> Self {
        let title = filter.title.as_ref();
        Self {
            filter,
            title: title.map(|title| Finder::new(title.folded()).into_owned()),
            genre: filter.genre.as_ref().map(|genre| genre_ids.find(genre)),
        }
    }

    /// Returns whether a film matches the filter.
    pub fn matches(&self, film: &Entry) -> bool {
        let FilmFilter {
            year,
            genre: _,
            title: _,
            score,
            minimum_reviews,
        } = self.filter;
        year.contains(film.year.map(i32::from))
            && score.contains(film.score.map(i32::from))
            && minimum_reviews.is_none_or(|minimum| film.review_count >= Some(minimum))
            && self.genre.is_none_or(|genre| film.genres.contains(&genre))
            && self
                .title
                .as_ref()
                .is_none_or(|title| title.find(film.title.as_bytes()).is_some())
    }
}
