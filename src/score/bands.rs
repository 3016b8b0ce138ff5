//! The bands of scores with the same sentiment.

use super::{Points, Sentiment};

/// The two scores that separate the sentiments. Every policy has them, and filters by sentiment need nothing else of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SentimentBands {
    positive_from: u8,
    mixed_from: u8,
}

impl SentimentBands {
    pub(super) const fn new(positive_from: u8, mixed_from: u8) -> Self {
        Self {
            positive_from,
            mixed_from,
        }
    }

    /// Returns the lowest score of positive reviews.
    #[must_use]
    pub const fn positive_from(self) -> u8 {
        self.positive_from
    }

    /// Returns the lowest score of mixed reviews.
    #[must_use]
    pub const fn mixed_from(self) -> u8 {
        self.mixed_from
    }

    /// Returns the sentiment of a review with this score.
    #[must_use]
    pub const fn sentiment(self, points: Points) -> Sentiment {
        match points.get() {
            value if value >= self.positive_from => Sentiment::Positive,
            value if value >= self.mixed_from => Sentiment::Mixed,
            _ => Sentiment::Negative,
        }
    }

    /// Returns the lowest and the highest score of a sentiment. No band is empty.
    #[must_use]
    pub const fn range(self, sentiment: Sentiment) -> (u8, u8) {
        match sentiment {
            Sentiment::Positive => (self.positive_from, Points::MAX.get()),
            Sentiment::Mixed => (self.mixed_from, self.positive_from - 1),
            Sentiment::Negative => (0, self.mixed_from - 1),
        }
    }
}
