use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_review_is_counted_by_its_sentiment(
        review in crate::score::arbitrary::score_input(),
        policy in crate::score::arbitrary::policy(),
    ) {
        let expected = match review.counted_as() {
            CountedAs::Scored(points) => Some(policy.sentiment(points)),
            CountedAs::Unscored(sentiment) => Some(sentiment),
            CountedAs::Unrated => None,
        };
        prop_assert_eq!(review.sentiment(&policy), expected);
        let scored = matches!(review.counted_as(), CountedAs::Scored(_));
        prop_assert_eq!(scored, review.points.is_some());
    }
}
