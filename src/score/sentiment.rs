//! The sentiments of reviews: positive, mixed or negative.

use super::{Points, Policy};

/// A review's opinion of the film. The order is the usual one in lists: positive first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sentiment {
    /// The critic likes the film.
    Positive,
    /// The critic's opinion is mixed.
    Mixed,
    /// The critic dislikes the film.
    Negative,
}

impl Sentiment {
    /// The three sentiments, positive first.
    pub const ALL: [Self; 3] = [Self::Positive, Self::Mixed, Self::Negative];

    /// Returns the sentiment of a review. If the review has a score, it is that of the score under
    /// `policy`, because the score is the critic's own and the most precise value. Otherwise it is
    /// that of [`Sentiment::of_unscored`]. `None` for an unrated review.
    #[must_use]
    pub fn of_review(
        points: Option<Points>,
        declared: Option<Self>,
        recommended: Option<bool>,
        policy: &Policy,
    ) -> Option<Self> {
        points
            .map(|points| policy.sentiment(points))
            .or_else(|| Self::of_unscored(declared, recommended))
    }

    /// Returns the sentiment of a review without a score: the one that its source declared, or else
    /// that of its recommendation, where yes is positive and no is negative. `None` for an unrated
    /// review. It doesn't depend on a policy, so a tally can count unscored reviews by sentiment and
    /// still serve every policy.
    #[must_use]
    pub fn of_unscored(declared: Option<Self>, recommended: Option<bool>) -> Option<Self> {
        declared
            .or_else(|| recommended.map(|yes| if yes { Self::Positive } else { Self::Negative }))
    }
}

/// A set of sentiments. Lists of the same sentiments give equal sets, and thus share a cache key and a statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SentimentSet(u8);

impl SentimentSet {
    /// Returns whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns whether the set contains a sentiment.
    #[must_use]
    pub const fn contains(self, sentiment: Sentiment) -> bool {
        self.0 & Self::bit(sentiment) != 0
    }

    /// Returns the sentiments of the set, positive first.
    pub fn iter(self) -> impl Iterator<Item = Sentiment> {
        Sentiment::ALL
            .into_iter()
            .filter(move |sentiment| self.contains(*sentiment))
    }

    const fn bit(sentiment: Sentiment) -> u8 {
        match sentiment {
            Sentiment::Positive => 1,
            Sentiment::Mixed => 1 << 1,
            Sentiment::Negative => 1 << 2,
        }
    }
}

impl FromIterator<Sentiment> for SentimentSet {
    fn from_iter<I: IntoIterator<Item = Sentiment>>(sentiments: I) -> Self {
        let bits = sentiments.into_iter().map(Self::bit);
        Self(bits.fold(0, |set, bit| set | bit))
    }
}

#[cfg(test)]
mod tests;
