//! What of a review bears on a score.

use super::{Points, Policy, Sentiment, Weight};

/// What of a review bears on a score, and nothing else of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Rated {
    /// The review's score; `None` if the critic gave none, or one that no rule could read.
    pub points: Option<Points>,
    /// The sentiment that the review's source declared.
    pub declared: Option<Sentiment>,
    /// The critic's own yes or no; never derived from a score.
    pub recommended: Option<bool>,
    /// How much the review counts.
    pub weight: Weight,
}

/// Where a review stands in a tally.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    /// It has a score.
    Scored(Points),
    /// It has no score, yet says whether it likes the film.
    Unscored(Sentiment),
    /// It says nothing that could be counted.
    Unrated,
}

impl Rated {
    /// The review's sentiment under `policy`; `None` if it is unrated.
    #[must_use]
    pub fn sentiment(self, policy: &Policy) -> Option<Sentiment> {
        Sentiment::of_review(self.points, self.declared, self.recommended, policy)
    }

    pub(super) fn standing(self) -> Standing {
        if let Some(points) = self.points {
            return Standing::Scored(points);
        }
        Sentiment::of_unscored(self.declared, self.recommended)
            .map_or(Standing::Unrated, Standing::Unscored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_review_stands_where_its_sentiment_puts_it(
            review in crate::score::arbitrary::rated(),
            policy in crate::score::arbitrary::policy(),
        ) {
            let expected = match review.standing() {
                Standing::Scored(points) => Some(policy.sentiment(points)),
                Standing::Unscored(sentiment) => Some(sentiment),
                Standing::Unrated => None,
            };
            prop_assert_eq!(review.sentiment(&policy), expected);
            let scored = matches!(review.standing(), Standing::Scored(_));
            prop_assert_eq!(scored, review.points.is_some());
        }
    }
}
