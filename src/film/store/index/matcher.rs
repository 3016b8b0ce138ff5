//! The comparison of films with a filter.

use memchr::memmem::Finder;

use super::{FilmIndex, entry::Entry};
use crate::film::filter::FilmFilter;

/// A filter that is prepared for the comparison with many films.
pub struct Matcher<'f> {
    filter: &'f FilmFilter,
    title: Option<Finder<'static>>,
    all_genres: Vec<u32>,
    any_genre: Option<Vec<u32>>,
    director: Option<u32>,
}

impl<'f> Matcher<'f> {
    /// Prepares a filter that depends only on what the index has.
    pub fn new(filter: &'f FilmFilter, index: &FilmIndex) -> Self {
        let title = filter.title.as_ref();
        let director = filter.director.as_ref();
        let ids = |genres: &Vec<String>| {
            let ids = genres.iter().map(|genre| index.genre_ids.find(genre));
            ids.collect()
        };
        Self {
            filter,
            title: title.map(|title| Finder::new(title.folded()).into_owned()),
            all_genres: ids(&filter.genres.all),
            any_genre: filter.genres.any.as_ref().map(ids),
            director: director.map(|director| index.director_ids.find(director.folded())),
        }
    }

    /// Returns whether a film matches the filter.
    pub fn matches(&self, film: &Entry) -> bool {
        self.matches_year(film)
            && self.matches_verdict(film)
            && self.matches_genres(film)
            && self.matches_rest(film)
    }

    /// Returns whether the film's year matches.
    pub fn matches_year(&self, film: &Entry) -> bool {
        self.filter.year.contains(film.year.map(i32::from))
    }

    /// Returns whether the film's verdict matches.
    pub fn matches_verdict(&self, film: &Entry) -> bool {
        let verdict = self.filter.verdict;
        verdict.is_none_or(|scores| scores.contains(film.score))
    }

    /// Returns whether the film's genres match.
    pub fn matches_genres(&self, film: &Entry) -> bool {
        let has = |genre: &u32| film.genres.contains(genre);
        self.all_genres.iter().all(has)
            && self
                .any_genre
                .as_ref()
                .is_none_or(|genres| genres.iter().any(has))
    }

    /// Returns whether the film matches the filter but for its year, its verdict and its genres.
    pub fn matches_rest(&self, film: &Entry) -> bool {
        let FilmFilter {
            year: _,
            release_date,
            genres: _,
            director: _,
            title: _,
            score,
            verdict: _,
            minimum_reviews,
            has_unscored,
            critic: _,
            publication: _,
        } = self.filter;
        release_date.contains(film.release_date)
            && score.contains(film.score.map(i32::from))
            && minimum_reviews.is_none_or(|minimum| film.review_count >= Some(minimum))
            && (has_unscored.is_none() || *has_unscored == film.has_unscored())
            && self
                .director
                .is_none_or(|director| film.directors.contains(&director))
            && self
                .title
                .as_ref()
                .is_none_or(|title| title.find(film.title.as_bytes()).is_some())
    }
}
