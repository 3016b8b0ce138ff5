//! Scoring policies: the thresholds for scores, verdicts and sentiments.

use std::ops::RangeInclusive;

use super::{Points, PolicyDraft, PolicyError, PolicyField, Sentiment, Verdict};

/// A scoring policy: the thresholds that turn reviews into a score and a score into a verdict.
///
/// Verdicts and sentiments share their thresholds: a score is positive if its verdict is favorable or
/// better, mixed if its verdict is mixed, and negative otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Policy {
    minimum_reviews: u32,
    acclaim_from: u8,
    positive_from: u8,
    mixed_from: u8,
    dislike_below: u8,
    estimate: bool,
}

impl Default for Policy {
    /// Returns the default policy: at least four scores, verdicts from 81, 61, 40, 20 and 0, and
    /// estimates are allowed.
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Policy {
    /// The default policy.
    pub(super) const DEFAULT: Self = Self {
        minimum_reviews: 4,
        acclaim_from: 81,
        positive_from: 61,
        mixed_from: 40,
        dislike_below: 20,
        estimate: true,
    };

    /// The allowed minimums. No film has more reviews than the largest; a larger one is a mistake.
    const MINIMUM_REVIEWS_RANGE: RangeInclusive<u32> = 1..=1_000_000;

    /// Validates a draft: the minimum is from 1 to 1,000,000, and the four thresholds are strictly
    /// descending within 1 to 100.
    ///
    /// Each threshold must leave room for the lower ones (the highest is at least 4, the next at least
    /// 3, and so on), so that the range in an error is never empty.
    ///
    /// # Errors
    /// When a field is out of its range. The error names the first such field, in the order of the
    /// fields of [`PolicyDraft`].
    pub fn new(draft: PolicyDraft) -> Result<Self, PolicyError> {
        use PolicyField::{AcclaimFrom, DislikeBelow, MinimumReviews, MixedFrom, PositiveFrom};

        let minimum_reviews =
            MinimumReviews.check(draft.minimum_reviews, Self::MINIMUM_REVIEWS_RANGE)?;
        let acclaim_from = AcclaimFrom.check(draft.acclaim_from, 4..=Points::MAX.get())?;
        let positive_from = PositiveFrom.check(draft.positive_from, 3..=acclaim_from - 1)?;
        let mixed_from = MixedFrom.check(draft.mixed_from, 2..=positive_from - 1)?;
        let dislike_below = DislikeBelow.check(draft.dislike_below, 1..=mixed_from - 1)?;
        Ok(Self {
            minimum_reviews,
            acclaim_from,
            positive_from,
            mixed_from,
            dislike_below,
            estimate: draft.estimate,
        })
    }

    /// Returns the draft that gives this policy.
    #[must_use]
    pub const fn draft(&self) -> PolicyDraft {
        PolicyDraft {
            minimum_reviews: self.minimum_reviews as i64,
            acclaim_from: self.acclaim_from as i64,
            positive_from: self.positive_from as i64,
            mixed_from: self.mixed_from as i64,
            dislike_below: self.dislike_below as i64,
            estimate: self.estimate,
        }
    }

    /// Returns the number of scored reviews that a score needs: 1 to 1,000,000.
    #[must_use]
    pub const fn minimum_reviews(&self) -> u32 {
        self.minimum_reviews
    }

    /// Returns whether unscored reviews with a sentiment may replace missing scores.
    #[must_use]
    pub const fn estimate(&self) -> bool {
        self.estimate
    }

    /// Returns the sentiment of a review with this score.
    #[must_use]
    pub const fn sentiment(&self, points: Points) -> Sentiment {
        match points.get() {
            value if value >= self.positive_from => Sentiment::Positive,
            value if value >= self.mixed_from => Sentiment::Mixed,
            _ => Sentiment::Negative,
        }
    }

    /// Returns the verdict for a film with this score.
    #[must_use]
    pub const fn verdict(&self, value: Points) -> Verdict {
        match value.get() {
            value if value >= self.acclaim_from => Verdict::UniversalAcclaim,
            value if value >= self.positive_from => Verdict::GenerallyFavorable,
            value if value >= self.mixed_from => Verdict::MixedOrAverage,
            value if value >= self.dislike_below => Verdict::GenerallyUnfavorable,
            _ => Verdict::OverwhelmingDislike,
        }
    }

    /// Returns twice the middle of the sentiment's band. An estimate counts an unscored review as the
    /// middle of its band. It is doubled because the middle may be half a point: by default, 161, 100
    /// and 39 stand for 80.5, 50 and 19.5. The result is the sum of the band's lowest and highest
    /// score, both inclusive.
    #[must_use]
    pub const fn doubled_middle(&self, sentiment: Sentiment) -> u8 {
        match sentiment {
            Sentiment::Positive => self.positive_from + Points::MAX.get(),
            Sentiment::Mixed => self.mixed_from + self.positive_from - 1,
            Sentiment::Negative => self.mixed_from - 1,
        }
    }
}

#[cfg(test)]
mod tests;
