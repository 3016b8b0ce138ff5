//! The fields of a review that affect a score.

use super::{Points, Policy, Sentiment, Weight};

/// The fields of a review that affect a score.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct ScoreInput {
    /// The review's score; `None` if the critic gave none, or one that no rule can parse.
    pub points: Option<Points>,
    /// The sentiment that the review's source declared.
    pub declared: Option<Sentiment>,
    /// Whether the critic recommends the film; never derived from a score.
    pub recommended: Option<bool>,
    /// The review's weight in means.
    pub weight: Weight,
}

/// The part of a tally that counts a review.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum CountedAs {
    /// The review has a score.
    Scored(Points),
    /// The review has no score, but a sentiment or a recommendation.
    Unscored(Sentiment),
    /// The review has neither a score nor a sentiment nor a recommendation.
    Unrated,
}

impl ScoreInput {
    /// Returns the review's sentiment under `policy`; `None` if the review is unrated.
    #[must_use]
    pub fn sentiment(self, policy: &Policy) -> Option<Sentiment> {
        Sentiment::of_review(self.points, self.declared, self.recommended, policy)
    }

    pub(super) fn counted_as(self) -> CountedAs {
        if let Some(points) = self.points {
            return CountedAs::Scored(points);
        }
        Sentiment::of_unscored(self.declared, self.recommended)
            .map_or(CountedAs::Unrated, CountedAs::Unscored)
    }
}

#[cfg(test)]
mod tests;
