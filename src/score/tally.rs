//! The counts that scores are computed from.

use std::borrow::Borrow;

use super::count::{decrement, increment, total};
use super::score_input::CountedAs;
use super::{Points, ScoreInput, Unscored, Weight};

/// The counts from which the score of a set of reviews is computed under any policy.
///
/// The number of reviews with each score from 0 to 100 suffices for any threshold, the median and the
/// standard deviation; the weighted mean needs two more sums. No count depends on a policy, so the
/// database stores one tally for each film, critic and publication.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tally {
    pub(super) counts: [u32; SCORE_COUNT],
    pub(super) unscored: Unscored,
    pub(super) unrated: u32,
    pub(super) recommended: u32,
    pub(super) not_recommended: u32,
    pub(super) weighted_sum: u64,
    pub(super) weight: u64,
    pub(super) repeated: u32,
}

/// The number of different scores, from 0 to 100.
pub(super) const SCORE_COUNT: usize = 101;

impl Default for Tally {
    /// Returns the tally of zero reviews.
    fn default() -> Self {
        Self {
            counts: [0; SCORE_COUNT],
            unscored: Unscored::default(),
            unrated: 0,
            recommended: 0,
            not_recommended: 0,
            weighted_sum: 0,
            weight: 0,
            repeated: 0,
        }
    }
}

impl Tally {
    /// Counts reviews one by one, as if each were by another critic. Tests compare the database's tallies with this.
    pub fn of(reviews: impl IntoIterator<Item: Borrow<ScoreInput>>) -> Self {
        let mut tally = Self::default();
        for review in reviews {
            tally.add(*review.borrow());
        }
        tally
    }

    /// Adds one review.
    pub fn add(&mut self, review: ScoreInput) {
        match review.counted_as() {
            CountedAs::Scored(points) => {
                increment(self.count_mut(points));
                self.weighted_sum = self
                    .weighted_sum
                    .saturating_add(weighted(points, review.weight));
                self.weight = self
                    .weight
                    .saturating_add(review.weight.hundredths().into());
            }
            CountedAs::Unscored(sentiment) => self.unscored.of_mut(sentiment).add(review.weight),
            CountedAs::Unrated => increment(&mut self.unrated),
        }
        match review.recommended {
            Some(true) => increment(&mut self.recommended),
            Some(false) => increment(&mut self.not_recommended),
            None => {}
        }
    }

    /// Returns the tally without one of its reviews. `None` if the tally can't include that review:
    /// if a count would become negative, or if the remaining counts would be inconsistent. It isn't
    /// known which of the remaining reviews are repeated ones, so none is.
    #[must_use]
    pub fn without(&self, review: ScoreInput) -> Option<Self> {
        let mut remaining = self.clone();
        remaining.repeated = 0;
        remaining.remove(review)?;
        remaining.validation_error().is_none().then_some(remaining)
    }

    /// Subtracts one review; on `None`, `self` is only partly updated.
    fn remove(&mut self, review: ScoreInput) -> Option<()> {
        match review.counted_as() {
            CountedAs::Scored(points) => {
                decrement(self.count_mut(points))?;
                self.weighted_sum = self
                    .weighted_sum
                    .checked_sub(weighted(points, review.weight))?;
                self.weight = self.weight.checked_sub(review.weight.hundredths().into())?;
            }
            CountedAs::Unscored(sentiment) => {
                self.unscored.of_mut(sentiment).remove(review.weight)?;
            }
            CountedAs::Unrated => decrement(&mut self.unrated)?,
        }
        match review.recommended {
            Some(true) => decrement(&mut self.recommended),
            Some(false) => decrement(&mut self.not_recommended),
            None => Some(()),
        }
    }

    /// Returns the number of all reviews: scored, unscored and unrated.
    #[must_use]
    pub fn review_count(&self) -> u32 {
        total([self.scored_count(), self.unscored.count(), self.unrated])
    }

    /// Returns the number of critics of a film: the number of reviews without those by critics beyond
    /// the first one of each. A review without a critic counts as one by a critic of its own. Of a
    /// critic or a publication, it is the number of reviews.
    #[must_use]
    pub fn critic_count(&self) -> u32 {
        self.review_count().saturating_sub(self.repeated)
    }

    /// Returns the tally with this number of reviews by critics beyond the first one of each.
    #[must_use]
    pub fn with_repeated(self, repeated: u32) -> Self {
        Self { repeated, ..self }
    }

    /// Returns the number of reviews with a score.
    #[must_use]
    pub fn scored_count(&self) -> u32 {
        total(self.counts.iter().copied())
    }

    /// Returns the number of reviews with each score, from 0 to 100.
    #[must_use]
    pub fn counts(&self) -> impl DoubleEndedIterator<Item = (Points, u32)> {
        Points::all().zip(self.counts)
    }

    /// Returns the reviews without a score that have a sentiment or a recommendation.
    #[must_use]
    pub const fn unscored(&self) -> Unscored {
        self.unscored
    }

    /// Returns the number of reviews with neither a score nor a sentiment nor a recommendation.
    #[must_use]
    pub const fn unrated(&self) -> u32 {
        self.unrated
    }

    /// Returns the number of reviews that recommend the film, with or without a score.
    #[must_use]
    pub const fn recommended(&self) -> u32 {
        self.recommended
    }

    /// Returns the number of reviews that advise against the film, with or without a score.
    #[must_use]
    pub const fn not_recommended(&self) -> u32 {
        self.not_recommended
    }

    /// Returns the sum of score times weight over the scored reviews, in hundredths of a point.
    #[must_use]
    pub const fn weighted_sum(&self) -> u64 {
        self.weighted_sum
    }

    /// Returns the sum of the weights of the scored reviews, in hundredths.
    #[must_use]
    pub const fn weight(&self) -> u64 {
        self.weight
    }

    /// Returns the count of a score. The index is in bounds because there are as many counts as
    /// scores.
    const fn count_mut(&mut self, points: Points) -> &mut u32 {
        &mut self.counts[points.get() as usize]
    }
}

fn weighted(points: Points, weight: Weight) -> u64 {
    u64::from(points.get()) * u64::from(weight.hundredths())
}

#[cfg(test)]
mod tests;
