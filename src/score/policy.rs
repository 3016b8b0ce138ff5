//! Scoring policies: the thresholds for scores, verdicts and sentiments.

use std::ops::RangeInclusive;

use super::{
    Points, PolicyDraft, PolicyError, PolicyField, Sentiment, SentimentBands, Verdict, Weighting,
};

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
    weighting: Weighting,
}

impl Default for Policy {
    /// Returns the default policy: at least four scores, verdicts from 81, 61, 40, 20 and 0,
    /// estimates are allowed, and reviews count by the weights of their publications.
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
        weighting: Weighting::ByPublication,
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
        let mut errors = Vec::new();
        let policy = Self::validate(draft, |error| errors.push(error));
        match errors.into_iter().next() {
            Some(error) => Err(error),
            None => Ok(policy),
        }
    }

    /// Validates a draft as [`Policy::new`] does, and passes all errors to `report`. The range of a
    /// threshold depends on the lowest valid one before it. The returned policy is the draft's only
    /// if there are no errors.
    pub fn validate(draft: PolicyDraft, mut report: impl FnMut(PolicyError)) -> Self {
        use PolicyField::{AcclaimFrom, DislikeBelow, MinimumReviews, MixedFrom, PositiveFrom};

        let minimum = MinimumReviews.check(draft.minimum_reviews, Self::MINIMUM_REVIEWS_RANGE);
        let minimum_reviews = minimum.unwrap_or_else(|error| {
            report(error);
            Self::DEFAULT.minimum_reviews
        });
        let mut highest = Points::MAX.get();
        let mut threshold = |field: PolicyField, value, lowest: u8| {
            let checked = field
                .check(value, lowest..=highest)
                .unwrap_or_else(|error| {
                    report(error);
                    highest
                });
            highest = checked - 1;
            checked
        };
        Self {
            minimum_reviews,
            acclaim_from: threshold(AcclaimFrom, draft.acclaim_from, 4),
            positive_from: threshold(PositiveFrom, draft.positive_from, 3),
            mixed_from: threshold(MixedFrom, draft.mixed_from, 2),
            dislike_below: threshold(DislikeBelow, draft.dislike_below, 1),
            estimate: draft.estimate,
            weighting: draft.weighting,
        }
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
            weighting: self.weighting,
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

    /// Returns how the reviews count in a mean.
    #[must_use]
    pub const fn weighting(&self) -> Weighting {
        self.weighting
    }

    /// Returns the bands of scores with the same sentiment.
    #[must_use]
    pub const fn bands(&self) -> SentimentBands {
        SentimentBands::new(self.positive_from, self.mixed_from)
    }

    /// Returns the sentiment of a review with this score.
    #[must_use]
    pub const fn sentiment(&self, points: Points) -> Sentiment {
        self.bands().sentiment(points)
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
