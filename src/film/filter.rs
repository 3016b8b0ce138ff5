//! The filter of a list of films.

use crate::{
    filter::{DateRange, IntRange, Substring},
    score::{Points, Policy, Verdict},
    text::search::fold,
};

/// A filter of a list of films. A film must match all given fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FilmFilter {
    /// The films released in these years.
    pub year: IntRange,
    /// The films released on these days.
    pub release_date: DateRange,
    /// The genres of a film.
    pub genres: GenreFilter,
    /// The films with a director of this name.
    pub director: Option<DirectorName>,
    /// The films whose title contains this string, ignoring case and accents.
    pub title: Option<Substring>,
    /// The films with a score in this range.
    pub score: IntRange,
    /// The films with one of these scores, which have the requested verdicts.
    pub verdict: Option<ScoreSet>,
    /// The films with at least this number of reviews.
    pub minimum_reviews: Option<i32>,
    /// The films with a review without a score if true, without such a review if false.
    pub has_unscored: Option<bool>,
    /// The films that the critic with this key has reviewed.
    pub critic: Option<i64>,
    /// The films that were reviewed in the publication with this key.
    pub publication: Option<i64>,
}

impl FilmFilter {
    /// Returns whether the filter can't match any film, so that no statement is needed.
    #[must_use]
    pub fn excludes_all(&self) -> bool {
        // The keys of rows are positive.
        let is_no_key = |key: Option<i64>| key.is_some_and(|key| key < 1);
        self.year.excludes_all(YEAR_RANGE.0, YEAR_RANGE.1)
            || self.release_date.excludes_all()
            || self.genres.excludes_all()
            || self
                .director
                .as_ref()
                .is_some_and(DirectorName::excludes_all)
            || self.title.as_ref().is_some_and(Substring::excludes_all)
            || self.score.excludes_all(0, 100)
            || self.verdict.is_some_and(ScoreSet::is_empty)
            || is_no_key(self.critic)
            || is_no_key(self.publication)
    }

    /// Returns whether the filter depends on the scores of films, and so on the rules of the site.
    #[must_use]
    pub const fn depends_on_scores(&self) -> bool {
        self.score.is_given() || self.verdict.is_some()
    }

    /// Returns whether the filter can't match any film, whatever its year, its genres and its verdict are.
    #[must_use]
    pub fn excludes_all_facets(&self) -> bool {
        let rest = self.without_year().without_genres().without_verdict();
        rest.excludes_all()
    }

    /// Returns the filter without its range of years.
    #[must_use]
    pub fn without_year(&self) -> Self {
        Self {
            year: IntRange::default(),
            ..self.clone()
        }
    }

    /// Returns the filter without its genres.
    #[must_use]
    pub fn without_genres(&self) -> Self {
        Self {
            genres: GenreFilter::default(),
            ..self.clone()
        }
    }

    /// Returns the filter without its verdicts.
    #[must_use]
    pub fn without_verdict(&self) -> Self {
        Self {
            verdict: None,
            ..self.clone()
        }
    }
}

/// The first and the last year that the database can hold.
const YEAR_RANGE: (i32, i32) = (i16::MIN as i32, i16::MAX as i32);

/// A filter by genres, in the same spelling and case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct GenreFilter {
    /// A film has all of these genres.
    pub all: Vec<String>,
    /// A film has at least one of these genres.
    pub any: Option<Vec<String>>,
}

impl GenreFilter {
    /// Creates a filter. Equal genres in another order give an equal filter, so that they share a cache key.
    #[must_use]
    pub fn new(mut all: Vec<String>, mut any: Option<Vec<String>>) -> Self {
        for genres in [Some(&mut all), any.as_mut()].into_iter().flatten() {
            genres.sort_unstable();
            genres.dedup();
        }
        Self { all, any }
    }

    /// Returns whether no film can match: no stored genre has a control character.
    fn excludes_all(&self) -> bool {
        let is_unknown = |genre: &String| genre.contains(char::is_control);
        self.all.iter().any(is_unknown)
            || self
                .any
                .as_ref()
                .is_some_and(|any| any.iter().all(is_unknown))
    }
}

/// The name of a director, folded as searches compare names: without case and accents.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DirectorName(String);

impl DirectorName {
    /// Folds a name, without white space around it.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(fold(name.trim()))
    }

    /// Returns whether no film can have the director: no stored name has a control character.
    #[must_use]
    pub fn excludes_all(&self) -> bool {
        self.0.contains(char::is_control)
    }

    /// Returns the folded name.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.0
    }
}

/// A set of scores: a bit for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ScoreSet(u128);

impl ScoreSet {
    /// Returns the scores that have one of these verdicts under a policy.
    #[must_use]
    pub fn of_verdicts(verdicts: &[Verdict], policy: &Policy) -> Self {
        let matching = Points::all().filter(|score| verdicts.contains(&policy.verdict(*score)));
        Self(matching.fold(0, |bits, score| bits | 1 << score.get()))
    }

    /// Returns whether the set has no score.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns whether the set has a score. It has no missing one.
    #[must_use]
    pub fn contains(self, score: Option<i16>) -> bool {
        let bit = score.and_then(|score| u32::try_from(score).ok());
        let bits = bit.and_then(|bit| self.0.checked_shr(bit));
        bits.is_some_and(|bits| bits & 1 == 1)
    }

    /// Returns the scores, in ascending order.
    #[must_use]
    pub fn scores(self) -> Vec<i16> {
        let scores = Points::all().map(|score| i16::from(score.get()));
        scores.filter(|score| self.contains(Some(*score))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_score_has_exactly_one_verdict() {
        const VERDICTS: [Verdict; 5] = [
            Verdict::UniversalAcclaim,
            Verdict::GenerallyFavorable,
            Verdict::MixedOrAverage,
            Verdict::GenerallyUnfavorable,
            Verdict::OverwhelmingDislike,
        ];
        let policy = Policy::default();
        let all = ScoreSet::of_verdicts(&VERDICTS, &policy);
        assert_eq!(all.scores(), (0..=100).collect::<Vec<i16>>());
        let sizes =
            VERDICTS.map(|verdict| ScoreSet::of_verdicts(&[verdict], &policy).scores().len());
        assert_eq!(sizes, [20, 20, 21, 20, 20]);
        assert!(!all.contains(None));
        assert!(!all.contains(Some(101)));
        assert!(!all.contains(Some(-1)));
        assert!(ScoreSet::of_verdicts(&[], &policy).is_empty());
    }

    #[test]
    fn equal_genres_in_another_order_are_an_equal_filter() {
        let genres = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let one = GenreFilter::new(genres(&["b", "a", "b"]), Some(genres(&["d", "c"])));
        let other = GenreFilter::new(genres(&["a", "b"]), Some(genres(&["c", "d", "d"])));
        assert_eq!(one, other);
        assert!(!one.excludes_all());
        assert!(GenreFilter::new(Vec::new(), Some(Vec::new())).excludes_all());
        assert!(GenreFilter::new(genres(&["a", "\u{1}"]), None).excludes_all());
        assert!(!GenreFilter::new(Vec::new(), Some(genres(&["a", "\u{1}"]))).excludes_all());
    }
}
