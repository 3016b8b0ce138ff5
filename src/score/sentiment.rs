//! Whether a review likes the film.

use super::{Points, Policy};

/// Whether a review likes the film. Ordered as readers list them: positive first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sentiment {
    /// The critic likes the film.
    Positive,
    /// The critic is of two minds.
    Mixed,
    /// The critic dislikes the film.
    Negative,
}

impl Sentiment {
    /// The three sentiments, positive first.
    pub const ALL: [Self; 3] = [Self::Positive, Self::Mixed, Self::Negative];

    /// The sentiment of a review: that of its score under `policy` if it has one, because a score
    /// is the critic's own and the finest statement of the three; else as
    /// [`Sentiment::of_unscored`] has it. `None` is an unrated review.
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

    /// The sentiment of a review without a score: the one that its source declared; else of its
    /// recommendation, where yes is positive and no is negative; else `None`, which is an unrated
    /// review. It depends on no policy, which is why a tally can hold unscored reviews by sentiment
    /// and still serve every policy.
    #[must_use]
    pub fn of_unscored(declared: Option<Self>, recommended: Option<bool>) -> Option<Self> {
        declared
            .or_else(|| recommended.map(|yes| if yes { Self::Positive } else { Self::Negative }))
    }
}

/// A set of sentiments. Whatever list it is made of, equal sets are equal values: one cache key, one statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sentiments(u8);

impl Sentiments {
    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the set has this sentiment.
    #[must_use]
    pub const fn contains(self, sentiment: Sentiment) -> bool {
        self.0 & Self::bit(sentiment) != 0
    }

    /// The sentiments of the set, positive first.
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

impl FromIterator<Sentiment> for Sentiments {
    fn from_iter<I: IntoIterator<Item = Sentiment>>(sentiments: I) -> Self {
        let bits = sentiments.into_iter().map(Self::bit);
        Self(bits.fold(0, |set, bit| set | bit))
    }
}

#[cfg(test)]
mod tests {
    use super::Sentiment::{Mixed, Negative, Positive};
    use super::*;

    fn of_house(
        points: i32,
        declared: Option<Sentiment>,
        recommended: Option<bool>,
    ) -> Option<Sentiment> {
        Sentiment::of_review(
            Points::new(points),
            declared,
            recommended,
            &Policy::default(),
        )
    }

    #[test]
    fn a_score_outranks_what_the_source_declared_and_what_the_critic_recommends() {
        assert_eq!(of_house(80, Some(Negative), Some(false)), Some(Positive));
        assert_eq!(of_house(50, Some(Positive), Some(true)), Some(Mixed));
        assert_eq!(of_house(10, Some(Positive), Some(true)), Some(Negative));
    }

    #[test]
    fn a_declared_sentiment_outranks_a_recommendation() {
        let no_score = -1;
        for declared in Sentiment::ALL {
            for recommended in [None, Some(true), Some(false)] {
                assert_eq!(
                    of_house(no_score, Some(declared), recommended),
                    Some(declared)
                );
            }
        }
    }

    #[test]
    fn a_recommendation_speaks_when_nothing_else_does() {
        assert_eq!(Sentiment::of_unscored(None, Some(true)), Some(Positive));
        assert_eq!(Sentiment::of_unscored(None, Some(false)), Some(Negative));
    }

    #[test]
    fn a_set_of_sentiments_has_each_once_and_in_one_order() {
        let set = Sentiments::from_iter([Negative, Positive, Negative]);
        assert_eq!(set, Sentiments::from_iter([Positive, Negative]));
        assert_eq!(set.iter().collect::<Vec<_>>(), [Positive, Negative]);
        assert!(set.contains(Negative) && !set.contains(Mixed));
        assert!(Sentiments::default().is_empty() && !set.is_empty());
    }

    #[test]
    fn a_review_that_says_nothing_is_unrated() {
        assert_eq!(
            Sentiment::of_review(None, None, None, &Policy::default()),
            None
        );
    }
}
