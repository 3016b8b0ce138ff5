//! Counts of the films of the index by their properties.

use std::collections::HashMap;

use super::{FilmIndex, matcher::Matcher};
use crate::{
    film::{facets::FilmFacets, filter::FilmFilter},
    score::Points,
};

impl FilmIndex {
    /// Counts the films that match a filter by year, genre and score, each without the filter's own condition on it.
    pub fn facets(&self, filter: &FilmFilter) -> FilmFacets {
        let matcher = Matcher::new(filter, self);
        let mut years: HashMap<i16, u64> = HashMap::new();
        let mut genres: HashMap<u32, u64> = HashMap::new();
        let mut scores: HashMap<i16, u64> = HashMap::new();
        for film in &self.entries {
            let has_year = matcher.matches_year(film);
            let has_genres = matcher.matches_genres(film);
            let has_verdict = matcher.matches_verdict(film);
            // A film that two conditions exclude is in no count.
            let matching = [has_year, has_genres, has_verdict];
            let excluding = matching.into_iter().filter(|matches| !matches).count();
            if excluding > 1 || !matcher.matches_rest(film) {
                continue;
            }
            if let Some(year) = film.year
                && has_genres
                && has_verdict
            {
                *years.entry(year).or_default() += 1;
            }
            if let Some(score) = film.score
                && has_year
                && has_genres
            {
                *scores.entry(score).or_default() += 1;
            }
            if has_year && has_verdict {
                for (index, genre) in film.genres.iter().enumerate() {
                    // A film may list a genre twice.
                    if !film.genres[..index].contains(genre) {
                        *genres.entry(*genre).or_default() += 1;
                    }
                }
            }
        }
        let genres = self.genre_ids.names().filter_map(|(name, id)| {
            let films = genres.get(&id)?;
            Some((name.to_owned(), *films))
        });
        let scores = scores.into_iter().filter_map(|(score, films)| {
            let score = Points::new(u8::try_from(score).ok()?)?;
            Some((score, films))
        });
        let years = years.into_iter().map(|(year, films)| (year.into(), films));
        FilmFacets::new(years, genres, scores)
    }
}
