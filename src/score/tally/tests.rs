use super::*;
use crate::score::arbitrary::{reviews, score_input};
use crate::score::{Group, Sentiment};
use proptest::prelude::*;

fn scored(points: i32, hundredths: i32) -> ScoreInput {
    ScoreInput {
        points: Points::new(points),
        weight: Weight::from_hundredths(hundredths).expect("1 to 10,000"),
        ..ScoreInput::default()
    }
}

#[test]
fn a_scored_review_is_counted_by_its_score_and_by_its_recommendation() {
    let review = ScoreInput {
        declared: Some(Sentiment::Negative),
        recommended: Some(true),
        ..scored(80, 250)
    };
    let tally = Tally::of([review]);

    assert_eq!((tally.review_count(), tally.scored_count()), (1, 1));
    assert_eq!(
        tally.counts().find(|(_, count)| *count > 0),
        Some((Points::new(80).expect("80 is a score"), 1))
    );
    assert_eq!((tally.weighted_sum(), tally.weight()), (20_000, 250));
    assert_eq!((tally.recommended(), tally.not_recommended()), (1, 0));
    assert_eq!(
        (tally.unscored(), tally.unrated()),
        (Unscored::default(), 0)
    );
}

#[test]
fn an_unscored_review_adds_its_weight_to_its_sentiment() {
    let weight = Weight::from_hundredths(50).expect("0.5 is a weight");
    let declared = ScoreInput {
        declared: Some(Sentiment::Mixed),
        weight,
        ..ScoreInput::default()
    };
    let recommended = ScoreInput {
        recommended: Some(false),
        ..ScoreInput::default()
    };
    let tally = Tally::of([declared, declared, recommended, ScoreInput::default()]);

    assert_eq!(
        tally.unscored().mixed,
        Group {
            count: 2,
            weight: 100
        }
    );
    assert_eq!(
        tally.unscored().negative,
        Group {
            count: 1,
            weight: 100
        }
    );
    assert_eq!((tally.unrated(), tally.not_recommended()), (1, 1));
    assert_eq!(
        (tally.review_count(), tally.scored_count(), tally.weight()),
        (4, 0, 0)
    );
}

#[test]
fn a_review_that_was_not_counted_cannot_be_subtracted() {
    let tally = Tally::of([scored(80, 100), scored(40, 100)]);

    assert_eq!(tally.without(scored(79, 100)), None);
    assert_eq!(tally.without(ScoreInput::default()), None);
    assert_eq!(
        tally.without(ScoreInput {
            recommended: Some(true),
            ..scored(80, 100)
        }),
        None
    );
    assert_eq!(
        tally.without(scored(80, 10_000)),
        None,
        "its weight exceeds the total weight"
    );
    assert_eq!(
        tally.without(scored(80, 50)),
        None,
        "the mean of the rest would not be 40"
    );
    assert_eq!(
        tally.without(scored(80, 100)),
        Some(Tally::of([scored(40, 100)]))
    );
}

proptest! {
    #[test]
    fn counting_is_the_same_in_any_order(
        (reviews, shuffled) in reviews()
            .prop_flat_map(|reviews| (Just(reviews.clone()), Just(reviews).prop_shuffle())),
    ) {
        prop_assert_eq!(Tally::of(&reviews), Tally::of(shuffled));
    }

    #[test]
    fn a_tally_equals_a_naive_count(reviews in reviews()) {
        let tally = Tally::of(&reviews);
        let count = |predicate: fn(&ScoreInput) -> bool| reviews.iter().filter(|review| predicate(review)).count();
        let recommending = count(|review| review.recommended == Some(true));
        let advising_against = count(|review| review.recommended == Some(false));

        prop_assert_eq!(tally.review_count() as usize, reviews.len());
        prop_assert_eq!(tally.scored_count() as usize, count(|review| review.points.is_some()));
        prop_assert_eq!(tally.recommended() as usize, recommending);
        prop_assert_eq!(tally.not_recommended() as usize, advising_against);
        for (points, count) in tally.counts() {
            let expected = reviews.iter().filter(|review| review.points == Some(points)).count();
            prop_assert_eq!(count as usize, expected);
        }
    }

    #[test]
    fn subtracting_a_review_undoes_adding_it(reviews in reviews(), review in score_input()) {
        let before = Tally::of(reviews);
        let mut after = before.clone();
        after.add(review);
        prop_assert_ne!(&after, &before);
        prop_assert_eq!(after.without(review), Some(before));
    }
}
