use proptest::prelude::*;

use super::*;
use crate::score::arbitrary::{policy, reviews};
use crate::score::{ScoreInput, Weight};

/// Returns the score if each unscored review had the lowest or the highest score that it allows.
fn value_if(reviews: &[ScoreInput], policy: &Policy, is_highest: bool) -> Option<Points> {
    let scored = reviews.iter().map(|review| {
        let band = |sentiment| policy.bands().range(sentiment);
        let sentiment = Sentiment::of_unscored(review.declared, review.recommended);
        let (lowest, highest) = sentiment.map_or((0, 100), band);
        let points = if is_highest { highest } else { lowest };
        ScoreInput {
            points: review.points.or(Points::new(points)),
            ..*review
        }
    });
    policy.value(&Tally::of(scored))
}

fn unrated_weight(reviews: &[ScoreInput]) -> u64 {
    let unrated = reviews.iter().filter(|review| {
        review.points.is_none() && review.declared.is_none() && review.recommended.is_none()
    });
    unrated
        .map(|review| u64::from(review.weight.hundredths()))
        .sum()
}

#[test]
fn a_positive_review_allows_its_band_and_an_unrated_one_everything() {
    let scored = ScoreInput {
        points: Points::new(80),
        ..ScoreInput::default()
    };
    let positive = ScoreInput {
        declared: Some(Sentiment::Positive),
        ..ScoreInput::default()
    };
    let policy = Policy::default();
    let range = |reviews: &[ScoreInput]| {
        let range = policy.range(&Tally::of(reviews), unrated_weight(reviews))?;
        Some((range.lowest.get(), range.highest.get()))
    };
    assert_eq!(range(&[scored; 4]), Some((80, 80)));
    // 301 / 4 and 340 / 4.
    assert_eq!(range(&[scored, scored, scored, positive]), Some((75, 85)));
    // 240 / 4 and 340 / 4.
    assert_eq!(
        range(&[scored, scored, scored, ScoreInput::default()]),
        Some((60, 85))
    );
    assert_eq!(range(&[scored; 3]), None);
    let heavy = ScoreInput {
        weight: Weight::MAX,
        ..ScoreInput::default()
    };
    assert_eq!(range(&[scored, scored, scored, heavy]), Some((2, 99)));
}

proptest! {
    #[test]
    fn the_range_is_that_of_scores_for_all_reviews(reviews in reviews(), policy in policy()) {
        let range = policy.range(&Tally::of(&reviews), unrated_weight(&reviews));
        prop_assert_eq!(range.map(|it| it.lowest), value_if(&reviews, &policy, false));
        prop_assert_eq!(range.map(|it| it.highest), value_if(&reviews, &policy, true));
    }
}
