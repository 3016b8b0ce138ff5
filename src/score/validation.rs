//! The checks that the counts of a tally are consistent.

use super::{Group, Points, Sentiment, Tally, TallyError};

impl Tally {
    /// The largest number of reviews that a row can hold.
    const MAX_REVIEWS: u32 = i32::MAX.unsigned_abs();

    /// Returns the first inconsistency of the counts, if any: a value that no set of reviews has.
    pub(super) fn validation_error(&self) -> Option<TallyError> {
        let reviews = self.review_count();
        let scored = Group {
            count: self.scored_count(),
            weight: self.weight,
        };
        if reviews > Self::MAX_REVIEWS {
            Some(TallyError::TooMany)
        } else if !scored.is_possible() {
            Some(TallyError::Weight("weight"))
        } else if let Some(sentiment) = Sentiment::ALL
            .into_iter()
            .find(|sentiment| !self.unscored.of(*sentiment).is_possible())
        {
            Some(TallyError::Weight(weight_column(sentiment)))
        } else if !self.is_mean_in_range() {
            Some(TallyError::WeightedSum)
        } else if u64::from(self.recommended) + u64::from(self.not_recommended) > reviews.into() {
            Some(TallyError::Recommendations)
        } else if self.repeated > 0 && self.repeated >= reviews {
            Some(TallyError::Repeated)
        } else {
            None
        }
    }

    /// Returns whether the weighted mean is from the lowest to the highest score. Compares sums
    /// instead of quotients, to stay exact. Without a scored review both the weight and the sum must
    /// be zero.
    fn is_mean_in_range(&self) -> bool {
        let sum_at = |bound: Option<Points>| {
            u128::from(bound.map_or(0, Points::get)) * u128::from(self.weight)
        };
        (sum_at(self.lowest())..=sum_at(self.highest())).contains(&self.weighted_sum.into())
    }
}

const fn weight_column(sentiment: Sentiment) -> &'static str {
    match sentiment {
        Sentiment::Positive => "unscored_positive_weight",
        Sentiment::Mixed => "unscored_mixed_weight",
        Sentiment::Negative => "unscored_negative_weight",
    }
}
