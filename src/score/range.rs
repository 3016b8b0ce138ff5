//! The scores that the reviews without a score allow.

use super::mean::equal_weight;
use super::ratio::Ratio;
use super::{Points, Policy, Sentiment, Tally, Weighting};

/// The lowest and the highest score that a set of reviews could have if each of them had a score.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ScoreRange {
    /// The score if each unscored review had the lowest score of its sentiment's band; 0 without a sentiment.
    pub lowest: Points,
    /// The score if each unscored review had the highest score of its sentiment's band; 100 without a sentiment.
    pub highest: Points,
}

impl Policy {
    /// Returns the scores that the reviews without a score allow. `None` if there were too few reviews for a score even
    /// if each of them had one. `unrated_weight` is the sum of the weights of the unrated reviews, in hundredths, which
    /// a tally doesn't have.
    #[must_use]
    pub fn range(&self, tally: &Tally, unrated_weight: u64) -> Option<ScoreRange> {
        if tally.review_count() < self.minimum_reviews() {
            return None;
        }
        let unrated_weight = match self.weighting() {
            Weighting::ByPublication => unrated_weight,
            Weighting::Equal => equal_weight(tally.unrated()),
        };
        let lowest = |sentiment| self.bands().range(sentiment).0;
        let highest = |sentiment| self.bands().range(sentiment).1;
        Some(ScoreRange {
            lowest: self.value_at(tally, lowest, (Points::MIN, unrated_weight))?,
            highest: self.value_at(tally, highest, (Points::MAX, unrated_weight))?,
        })
    }

    /// Returns the score if each unscored review had the score of its sentiment, and each unrated one another score.
    fn value_at(
        &self,
        tally: &Tally,
        points_of: impl Fn(Sentiment) -> u8,
        (unrated, unrated_weight): (Points, u64),
    ) -> Option<Points> {
        let parts = self.mean_parts(tally);
        let mut sum = i128::from(parts.weighted_sum);
        let mut weight = i128::from(parts.weight);
        let groups = Sentiment::ALL.into_iter().zip(parts.unscored_weights);
        let groups = groups.map(|(sentiment, weight)| (points_of(sentiment), weight));
        for (points, group_weight) in groups.chain([(unrated.get(), unrated_weight)]) {
            sum += i128::from(points) * i128::from(group_weight);
            weight += i128::from(group_weight);
        }
        Points::new(Ratio::new(sum, weight)?.round_half_up())
    }
}

#[cfg(test)]
mod tests;
