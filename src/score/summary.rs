//! Computes a score, a verdict and a label from a tally.

use super::ratio::Ratio;
use super::{Basis, Points, Policy, ScoreLabel, Sentiment, Tally, Verdict, Weight, Weighting};

/// The score of a set of reviews under a policy.
///
/// `lowest`, `highest`, `median` and `standard_deviation` are unweighted statistics of the scored
/// reviews. They and `percent_recommended` don't depend on the policy's minimum number of reviews.
#[derive(Clone, PartialEq, Debug)]
pub struct Score {
    /// The score: `mean` rounded half up. `None` if the reviews are too few for a score.
    pub value: Option<Points>,
    /// The band of `value`. `None` if `value` is `None`.
    pub verdict: Option<Verdict>,
    /// The label for readers, such as "Generally favorable reviews - based on 11 Critics" or "No
    /// score yet - 3 of 4 reviews". The number of a score is that of all critics of a film, or of all
    /// reviews of a critic or a publication, with or without a score, as on other review sites.
    pub label: ScoreLabel,
    /// The number of reviews.
    pub review_count: u32,
    /// The number of critics of a film, each counted once; the number of reviews of a critic or a
    /// publication. A review without a critic counts as one by a critic of its own.
    pub critic_count: u32,
    /// The number of reviews with a score.
    pub scored_count: u32,
    /// The number of reviews that count towards `required_count`: those with a score, and, if the
    /// policy allows estimates, the unscored ones with a sentiment.
    pub counted_count: u32,
    /// The number of reviews that a score needs under the policy.
    pub required_count: u32,
    /// The weighted mean, 0 to 100, that `value` is rounded from. `None` if `value` is `None`.
    pub mean: Option<f64>,
    /// The median score, in points.
    pub median: Option<f64>,
    /// The population's standard deviation, in points.
    pub standard_deviation: Option<f64>,
    /// The lowest score.
    pub lowest: Option<Points>,
    /// The highest score.
    pub highest: Option<Points>,
    /// The percentage of recommendations among the reviews with a recommendation for or against the
    /// film. `None` if there are no such reviews.
    pub percent_recommended: Option<u8>,
    /// Whether `value` includes unscored reviews, each counted as the middle of its sentiment's band.
    pub estimated: bool,
}

/// The weighted mean of enough reviews for a score, not rounded yet.
struct UnroundedScore {
    mean: Ratio,
    estimated: bool,
}

impl Policy {
    /// Computes the score of a tally under this policy.
    #[must_use]
    pub fn score(&self, tally: &Tally, basis: Basis) -> Score {
        let unrounded = self.unrounded_score(tally);
        let value = unrounded.as_ref().and_then(UnroundedScore::value);
        let verdict = value.map(|value| self.verdict(value));
        let (counted, wanted) = (self.counted(tally), self.minimum_reviews());
        let label = verdict.map_or(ScoreLabel::Unscored { counted, wanted }, |verdict| {
            ScoreLabel::Scored {
                verdict,
                count: tally.critic_count(),
                basis,
            }
        });
        Score {
            value,
            verdict,
            label,
            review_count: tally.review_count(),
            critic_count: tally.critic_count(),
            scored_count: tally.scored_count(),
            counted_count: counted,
            required_count: wanted,
            mean: unrounded.as_ref().map(|unrounded| unrounded.mean.to_f64()),
            median: tally.median(),
            standard_deviation: tally.standard_deviation(),
            lowest: tally.lowest(),
            highest: tally.highest(),
            percent_recommended: tally.percent_recommended(),
            estimated: unrounded.is_some_and(|unrounded| unrounded.estimated),
        }
    }

    /// Computes only the `value` of a [`Score`].
    #[must_use]
    pub fn value(&self, tally: &Tally) -> Option<Points> {
        self.unrounded_score(tally)?.value()
    }

    /// Returns the number of reviews that count towards the minimum.
    fn counted(&self, tally: &Tally) -> u32 {
        let unscored = if self.estimate() {
            tally.unscored().count()
        } else {
            0
        };
        tally.scored_count().saturating_add(unscored)
    }

    /// Returns the weighted mean of the scores if enough reviews have one. Otherwise returns the
    /// estimate, if the policy allows it and there are enough reviews with a score or a sentiment.
    fn unrounded_score(&self, tally: &Tally) -> Option<UnroundedScore> {
        let scored = tally.scored_count();
        if scored >= self.minimum_reviews() {
            let (sum, weight) = self.scored_sums(tally);
            let mean = Ratio::new(sum, weight)?;
            return Some(UnroundedScore {
                mean,
                estimated: false,
            });
        }
        if !self.estimate() || self.counted(tally) < self.minimum_reviews() {
            return None;
        }
        Some(UnroundedScore {
            mean: self.estimated_mean(tally)?,
            estimated: true,
        })
    }

    /// Returns the weighted mean in which every unscored review counts as the middle of its
    /// sentiment's band. The numerator and the denominator are both doubled, because a middle may be
    /// half a point. Each sum of weights is below 2^64, so the numerator is below 2^74 and fits into
    /// 128 bits for any tally.
    fn estimated_mean(&self, tally: &Tally) -> Option<Ratio> {
        let (sum, weight) = self.scored_sums(tally);
        let mut doubled_sum = 2 * i128::from(sum);
        let mut weight = i128::from(weight);
        for sentiment in Sentiment::ALL {
            let group = tally.unscored().of(sentiment);
            let group_weight = i128::from(match self.weighting() {
                Weighting::ByPublication => group.weight,
                Weighting::Equal => equal_weight(group.count),
            });
            doubled_sum += i128::from(self.doubled_middle(sentiment)) * group_weight;
            weight += group_weight;
        }
        Ratio::new(doubled_sum, 2 * weight)
    }

    /// Returns the sum of score times weight over the scored reviews, and the sum of their weights, both
    /// in hundredths. If all reviews count alike, each has the weight 1.
    fn scored_sums(&self, tally: &Tally) -> (u64, u64) {
        match self.weighting() {
            Weighting::ByPublication => (tally.weighted_sum(), tally.weight()),
            Weighting::Equal => {
                let weighted = tally
                    .counts()
                    .map(|(points, count)| u64::from(points.get()) * equal_weight(count));
                (weighted.sum(), equal_weight(tally.scored_count()))
            }
        }
    }
}

/// Returns the weight of reviews that count alike, in hundredths.
fn equal_weight(count: u32) -> u64 {
    u64::from(count) * u64::from(Weight::default().hundredths())
}

impl UnroundedScore {
    /// Returns the rounded mean. It is never `None` for a valid tally, whose mean is from 0 to 100.
    fn value(&self) -> Option<Points> {
        Points::new(self.mean.round_half_up())
    }
}

#[cfg(test)]
mod tests;
