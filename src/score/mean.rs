//! The exact mean of a set of reviews, and the share of each review in it.

use super::ratio::Ratio;
use super::{Points, Policy, ScoreInput, Sentiment, Tally, Weight, Weighting};

/// The sums that a mean is computed from. Weights are in hundredths.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct MeanParts {
    /// The sum of score times weight over the scored reviews.
    pub weighted_sum: u64,
    /// The sum of the weights of the scored reviews.
    pub weight: u64,
    /// The sums of the weights of the unscored reviews, in the order of [`Sentiment::ALL`].
    pub unscored_weights: [u64; 3],
}

/// A fraction of whole numbers, not reduced. Both are below 2^53, so that they are exact as floating-point numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Fraction {
    /// The numerator.
    pub numerator: u64,
    /// The denominator, which is positive.
    pub denominator: u64,
}

impl Fraction {
    /// Returns the fraction as a floating-point number.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        Ratio::new(self.numerator, self.denominator).map_or(0.0, Ratio::to_f64)
    }
}

/// The mean of a set of reviews, in a form in which each review's share of it is a whole number of parts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mean {
    policy: Policy,
    parts: MeanParts,
    is_estimated: bool,
}

/// What a review contributes to a mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Contribution {
    doubled_points: u8,
    /// The weight of the review.
    pub weight: Weight,
    /// The part of the mean that is the review's. The shares of all reviews have the same denominator and add up to the
    /// mean.
    pub share: Fraction,
}

impl Contribution {
    /// Returns the score that the review counts as, which may be half a point: its own, or the middle of a band.
    #[must_use]
    pub fn score(self) -> f64 {
        f64::from(self.doubled_points) / 2.0
    }
}

impl Policy {
    /// Returns the mean of a tally with the shares of its reviews; `None` if the reviews are too few for a score.
    #[must_use]
    pub fn mean(&self, tally: &Tally) -> Option<Mean> {
        let is_estimated = self.is_estimated(tally)?;
        Some(Mean {
            policy: *self,
            parts: self.mean_parts(tally),
            is_estimated,
        })
    }

    /// Returns the sums that the mean of a tally is computed from. If all reviews count alike, each has the weight 1.
    #[must_use]
    pub fn mean_parts(&self, tally: &Tally) -> MeanParts {
        let (weighted_sum, weight) = match self.weighting() {
            Weighting::ByPublication => (tally.weighted_sum(), tally.weight()),
            Weighting::Equal => {
                let weighted = tally
                    .counts()
                    .map(|(points, count)| u64::from(points.get()) * equal_weight(count));
                (weighted.sum(), equal_weight(tally.scored_count()))
            }
        };
        let unscored_weights = Sentiment::ALL.map(|sentiment| {
            let group = tally.unscored().of(sentiment);
            match self.weighting() {
                Weighting::ByPublication => group.weight,
                Weighting::Equal => equal_weight(group.count),
            }
        });
        MeanParts {
            weighted_sum,
            weight,
            unscored_weights,
        }
    }

    /// Returns whether the score of a tally is an estimate, because too few reviews have a score; `None` if it has none.
    pub(super) fn is_estimated(&self, tally: &Tally) -> Option<bool> {
        if tally.scored_count() >= self.minimum_reviews() {
            return Some(false);
        }
        (self.estimate() && self.counted(tally) >= self.minimum_reviews()).then_some(true)
    }

    /// Returns the number of reviews that count towards the minimum.
    pub(super) fn counted(&self, tally: &Tally) -> u32 {
        let unscored = if self.estimate() {
            tally.unscored().count()
        } else {
            0
        };
        tally.scored_count().saturating_add(unscored)
    }
}

/// Returns the weight of reviews that count alike, in hundredths.
pub(super) fn equal_weight(count: u32) -> u64 {
    u64::from(count) * u64::from(Weight::default().hundredths())
}

impl Mean {
    /// Returns the mean of these sums, even if the reviews are too few for a score.
    pub(super) const fn of_parts(policy: Policy, parts: MeanParts, is_estimated: bool) -> Self {
        Self {
            policy,
            parts,
            is_estimated,
        }
    }

    /// Returns the policy that the mean is computed by.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Returns the sums that the mean is computed from.
    #[must_use]
    pub const fn parts(&self) -> MeanParts {
        self.parts
    }

    /// Returns whether unscored reviews with a sentiment have a share, each as the middle of its band.
    #[must_use]
    pub const fn is_estimated(&self) -> bool {
        self.is_estimated
    }

    /// Returns what a review of the set contributes; `None` if it has no share. If all reviews count alike, its weight
    /// must be 1.
    #[must_use]
    pub fn contribution(&self, review: ScoreInput) -> Option<Contribution> {
        let doubled_points = match review.points {
            Some(points) => 2 * points.get(),
            None if self.is_estimated => {
                let sentiment = Sentiment::of_unscored(review.declared, review.recommended)?;
                self.policy.doubled_middle(sentiment)
            }
            None => return None,
        };
        let denominator = u64::try_from(self.doubled_weight()).ok()?;
        (denominator > 0).then_some(Contribution {
            doubled_points,
            weight: review.weight,
            share: Fraction {
                numerator: u64::from(doubled_points) * u64::from(review.weight.hundredths()),
                denominator,
            },
        })
    }

    /// Returns the mean; `None` if no review has a weight.
    pub(super) fn ratio(&self) -> Option<Ratio> {
        Ratio::new(self.doubled_sum(), self.doubled_weight())
    }

    /// Returns twice the sum of score times weight. It is doubled, because the middle of a band may be half a point. Each
    /// sum of weights is below 2^64, so the result is below 2^74 and fits into 128 bits for any tally.
    pub(super) fn doubled_sum(&self) -> i128 {
        let scored = 2 * i128::from(self.parts.weighted_sum);
        scored + self.of_unscored(|sentiment| self.policy.doubled_middle(sentiment))
    }

    /// Returns twice the sum of the weights.
    pub(super) fn doubled_weight(&self) -> i128 {
        2 * i128::from(self.parts.weight) + self.of_unscored(|_| 2)
    }

    /// Returns the sum of the weights of the unscored reviews with a share, multiplied by a factor for their sentiment.
    fn of_unscored(&self, factor: impl Fn(Sentiment) -> u8) -> i128 {
        if !self.is_estimated {
            return 0;
        }
        let groups = Sentiment::ALL.into_iter().zip(self.parts.unscored_weights);
        groups
            .map(|(sentiment, weight)| i128::from(factor(sentiment)) * i128::from(weight))
            .sum()
    }

    /// Returns the rounded mean. It is never `None` for a valid tally, whose mean is from 0 to 100.
    pub(super) fn value(&self) -> Option<Points> {
        Points::new(self.ratio()?.round_half_up())
    }
}

#[cfg(test)]
mod tests;
