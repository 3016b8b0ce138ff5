//! Computes a score, a verdict and a label from a tally.

use super::ratio::Ratio;
use super::{Basis, Mean, Points, Policy, ScoreLabel, Tally, Verdict};

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

impl Policy {
    /// Computes the score of a tally under this policy.
    #[must_use]
    pub fn score(&self, tally: &Tally, basis: Basis) -> Score {
        let mean = self.mean(tally);
        let value = mean.as_ref().and_then(Mean::value);
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
            mean: mean.as_ref().and_then(Mean::ratio).map(Ratio::to_f64),
            median: tally.median(),
            standard_deviation: tally.standard_deviation(),
            lowest: tally.lowest(),
            highest: tally.highest(),
            percent_recommended: tally.percent_recommended(),
            estimated: mean.is_some_and(|mean| mean.is_estimated()),
        }
    }

    /// Computes only the `value` of a [`Score`].
    #[must_use]
    pub fn value(&self, tally: &Tally) -> Option<Points> {
        self.mean(tally)?.value()
    }
}

#[cfg(test)]
mod tests;
