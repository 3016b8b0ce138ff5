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
        }
    }
}

impl Tally {
    /// Counts reviews one by one. Tests compare the database's tallies with this.
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
    /// if a count would become negative, or if the rest would be inconsistent.
    #[must_use]
    pub fn without(&self, review: ScoreInput) -> Option<Self> {
        let mut rest = self.clone();
        rest.remove(review)?;
        rest.validation_error().is_none().then_some(rest)
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
mod tests {
    use super::*;
    use crate::score::arbitrary::{reviews, score_input};
    use crate::score::{Group, Sentiment};
    use proptest::prelude::*;

    fn scored(points: i32, hundredths: i32) -> ScoreInput {
        ScoreInput {
            points: Points::new(points),
            weight: Weight::from_hundredths(hundredths).expect("1 to 10,000"),
            ..ScoreInput::default()
        }
    }

    #[test]
    fn a_scored_review_is_counted_by_its_score_and_by_its_recommendation() {
        let review = ScoreInput {
            declared: Some(Sentiment::Negative),
            recommended: Some(true),
            ..scored(80, 250)
        };
        let tally = Tally::of([review]);

        assert_eq!((tally.review_count(), tally.scored_count()), (1, 1));
        assert_eq!(
            tally.counts().find(|(_, count)| *count > 0),
            Some((Points::new(80).expect("80 is a score"), 1))
        );
        assert_eq!((tally.weighted_sum(), tally.weight()), (20_000, 250));
        assert_eq!((tally.recommended(), tally.not_recommended()), (1, 0));
        assert_eq!(
            (tally.unscored(), tally.unrated()),
            (Unscored::default(), 0)
        );
    }

    #[test]
    fn an_unscored_review_adds_its_weight_to_its_sentiment() {
        let weight = Weight::from_hundredths(50).expect("0.5 is a weight");
        let declared = ScoreInput {
            declared: Some(Sentiment::Mixed),
            weight,
            ..ScoreInput::default()
        };
        let recommended = ScoreInput {
            recommended: Some(false),
            ..ScoreInput::default()
        };
        let tally = Tally::of([declared, declared, recommended, ScoreInput::default()]);

        assert_eq!(
            tally.unscored().mixed,
            Group {
                count: 2,
                weight: 100
            }
        );
        assert_eq!(
            tally.unscored().negative,
            Group {
                count: 1,
                weight: 100
            }
        );
        assert_eq!((tally.unrated(), tally.not_recommended()), (1, 1));
        assert_eq!(
            (tally.review_count(), tally.scored_count(), tally.weight()),
            (4, 0, 0)
        );
    }

    #[test]
    fn a_review_that_was_not_counted_cannot_be_subtracted() {
        let tally = Tally::of([scored(80, 100), scored(40, 100)]);

        assert_eq!(tally.without(scored(79, 100)), None);
        assert_eq!(tally.without(ScoreInput::default()), None);
        assert_eq!(
            tally.without(ScoreInput {
                recommended: Some(true),
                ..scored(80, 100)
            }),
            None
        );
        assert_eq!(
            tally.without(scored(80, 10_000)),
            None,
            "its weight exceeds the total weight"
        );
        assert_eq!(
            tally.without(scored(80, 50)),
            None,
            "the mean of the rest would not be 40"
        );
        assert_eq!(
            tally.without(scored(80, 100)),
            Some(Tally::of([scored(40, 100)]))
        );
    }

    proptest! {
        #[test]
        fn counting_is_the_same_in_any_order(
            (given, shuffled) in reviews()
                .prop_flat_map(|reviews| (Just(reviews.clone()), Just(reviews).prop_shuffle())),
        ) {
            prop_assert_eq!(Tally::of(&given), Tally::of(shuffled));
        }

        #[test]
        fn a_tally_equals_a_naive_count(given in reviews()) {
            let tally = Tally::of(&given);
            let count = |holds: fn(&ScoreInput) -> bool| given.iter().filter(|each| holds(each)).count();
            let recommending = count(|review| review.recommended == Some(true));
            let advising_against = count(|review| review.recommended == Some(false));

            prop_assert_eq!(tally.review_count() as usize, given.len());
            prop_assert_eq!(tally.scored_count() as usize, count(|review| review.points.is_some()));
            prop_assert_eq!(tally.recommended() as usize, recommending);
            prop_assert_eq!(tally.not_recommended() as usize, advising_against);
            for (points, found) in tally.counts() {
                let expected = given.iter().filter(|review| review.points == Some(points)).count();
                prop_assert_eq!(found as usize, expected);
            }
        }

        #[test]
        fn subtracting_a_review_undoes_adding_it(given in reviews(), review in score_input()) {
            let before = Tally::of(given);
            let mut after = before.clone();
            after.add(review);
            prop_assert_ne!(&after, &before);
            prop_assert_eq!(after.without(review), Some(before));
        }
    }
}
