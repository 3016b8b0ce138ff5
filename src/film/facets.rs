//! Numbers of films by year, decade, genre and verdict.

use std::collections::BTreeMap;

use super::YEARS;
use crate::score::{Points, Policy, Verdict};

/// The maximum number of genres of which the films are counted.
pub const MAX_GENRES: usize = 100;

/// The numbers of the films that match a filter, by each value of a property. The values of a property are counted without
/// the filter's own condition on it, so that a reader sees what else could be chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilmFacets {
    /// By year, the newest first. Films without a year, or outside of [`YEARS`], are not counted.
    years: Vec<(i32, u64)>,
    /// By genre, the most frequent first: at most [`MAX_GENRES`]. A film counts for each of its genres.
    genres: Vec<(String, u64)>,
    /// By score under the rules of the site.
    scores: Vec<(Points, u64)>,
}

impl FilmFacets {
    /// Creates the numbers from those of each value, which may be in any order. Each value is given once.
    #[must_use]
    pub fn new(
        years: impl IntoIterator<Item = (i32, u64)>,
        genres: impl IntoIterator<Item = (String, u64)>,
        scores: impl IntoIterator<Item = (Points, u64)>,
    ) -> Self {
        let is_year = |(year, _): &(i32, u64)| YEARS.contains(year);
        let mut years: Vec<_> = years.into_iter().filter(is_year).collect();
        years.sort_unstable_by(|one, other| other.cmp(one));
        let mut genres: Vec<_> = genres.into_iter().collect();
        genres.sort_unstable_by(|(one, films), (other, other_films)| {
            other_films.cmp(films).then_with(|| one.cmp(other))
        });
        genres.truncate(MAX_GENRES);
        Self {
            years,
            genres,
            scores: scores.into_iter().collect(),
        }
    }

    /// Returns the numbers by year, the newest first.
    #[must_use]
    pub fn years(&self) -> &[(i32, u64)] {
        &self.years
    }

    /// Returns the numbers by the first years of decades, such as 1990 for 1990 to 1999, the newest first.
    #[must_use]
    pub fn decades(&self) -> Vec<(i32, u64)> {
        let mut decades: Vec<(i32, u64)> = Vec::new();
        for (year, films) in &self.years {
            let decade = year - year.rem_euclid(10);
            match decades.last_mut() {
                Some((last, sum)) if *last == decade => *sum += films,
                _ => decades.push((decade, *films)),
            }
        }
        decades
    }

    /// Returns the numbers by genre, the most frequent first, and equally frequent ones by name.
    #[must_use]
    pub fn genres(&self) -> &[(String, u64)] {
        &self.genres
    }

    /// Returns the numbers by verdict under the policy of the scores, the best first.
    #[must_use]
    pub fn verdicts(&self, policy: &Policy) -> Vec<(Verdict, u64)> {
        let mut verdicts = BTreeMap::new();
        for (score, films) in &self.scores {
            *verdicts.entry(policy.verdict(*score)).or_default() += films;
        }
        verdicts.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_sorted_as_a_reader_expects() {
        let points = |score| Points::new(score).unwrap();
        let facets = FilmFacets::new(
            [
                (1999, 1),
                (2003, 2),
                (1990, 4),
                (2000, 3),
                (0, 9),
                (3000, 9),
            ],
            [("Drama", 2), ("Action", 2), ("War", 5)].map(|(name, films)| (name.to_owned(), films)),
            [(points(10), 1), (points(90), 2), (points(100), 3)],
        );
        assert_eq!(facets.years(), [(2003, 2), (2000, 3), (1999, 1), (1990, 4)]);
        assert_eq!(facets.decades(), [(2000, 5), (1990, 5)]);
        let genres = facets.genres().iter().map(|(name, _)| name.as_str());
        assert_eq!(genres.collect::<Vec<_>>(), ["War", "Action", "Drama"]);
        assert_eq!(
            facets.verdicts(&Policy::default()),
            [
                (Verdict::UniversalAcclaim, 5),
                (Verdict::OverwhelmingDislike, 1)
            ]
        );
    }
}
