//! Ratings of reviews: what the filters by sentiment, score and recommendation distinguish, whatever the rules of the site
//! are. The database has an index of them.

use super::{
    class::{RECOMMENDATIONS, SENTIMENTS},
    filter::ReviewFilter,
};
use crate::score::Points;

/// The number of the lowest score without a recommendation.
const FIRST_SCORE: i16 = 12;

/// The number of ratings with the same sentiment or score.
const STEP: i16 = 3;

impl ReviewFilter {
    /// Returns the ratings of the reviews that match the filter, as far as it depends on them, as the database's function
    /// `review_rating` numbers them.
    pub fn ratings(&self) -> impl Iterator<Item = i16> {
        let unscored = (0..).zip(SENTIMENTS).flat_map(move |(number, sentiment)| {
            (0..)
                .zip(RECOMMENDATIONS)
                .filter(move |(_, recommended)| self.matches_class(sentiment, false, *recommended))
                .map(move |(recommendation, _)| STEP * number + recommendation)
        });
        let scored = Points::all().filter(|points| self.matches_score(*points));
        let scored = scored.flat_map(move |points| {
            (0..)
                .zip(RECOMMENDATIONS)
                .filter(|(_, recommended)| {
                    self.recommended.is_none() || self.recommended == *recommended
                })
                .map(move |(recommendation, _)| {
                    FIRST_SCORE + STEP * i16::from(points) + recommendation
                })
        });
        unscored.chain(scored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        review::filter::SentimentFilter,
        score::{Policy, Sentiment, SentimentSet},
    };

    #[test]
    fn a_filter_has_the_ratings_of_all_matching_reviews() {
        let filter = |sentiment: Option<Sentiment>, scored, recommended| ReviewFilter {
            sentiment: sentiment.map(|sentiment| SentimentFilter {
                sentiments: SentimentSet::from_iter([sentiment]),
                bands: Policy::default().bands(),
            }),
            scored,
            recommended,
            ..ReviewFilter::default()
        };
        let ratings = |filter: ReviewFilter| filter.ratings().collect::<Vec<_>>();
        let all: Vec<i16> = (0..12 + 3 * 101).collect();
        assert_eq!(ratings(filter(None, None, None)), all);
        let unscored = filter(Some(Sentiment::Negative), Some(false), Some(true));
        assert_eq!(ratings(unscored), [5]);
        let mixed = ratings(filter(Some(Sentiment::Mixed), None, Some(false)));
        let scores = (40..=60).map(|score| 12 + 3 * score + 1);
        let expected: Vec<i16> = [7].into_iter().chain(scores).collect();
        assert_eq!(mixed, expected);
    }
}
