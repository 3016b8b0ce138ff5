use super::*;
use crate::score::Points;
use crate::score::arbitrary::{policy, reviews};
use proptest::prelude::*;

fn scored(points: i32) -> ScoreInput {
    ScoreInput {
        points: Points::new(points),
        ..ScoreInput::default()
    }
}

fn film(points: &[i32]) -> Tally {
    Tally::of(points.iter().copied().map(scored))
}

#[test]
fn the_bias_is_the_mean_difference_from_the_other_reviews() {
    let liked = film(&[100, 70, 70, 70, 70]);
    let disliked = film(&[20, 60, 60, 61, 61]);
    let reviews = [(scored(100), &liked), (scored(20), &disliked)];

    assert_eq!(
        Policy::default().bias(reviews),
        Some((30.0 - 41.0) / 2.0),
        "60.5 rounds to 61"
    );
}

#[test]
fn a_film_without_a_score_from_the_other_reviews_is_skipped() {
    let too_few = film(&[100, 70, 70, 70]);
    let enough = film(&[50, 50, 50, 50, 50]);
    let policy = Policy::default();

    assert_eq!(policy.bias([(scored(100), &too_few)]), None);
    assert_eq!(
        policy.bias([(scored(100), &too_few), (scored(50), &enough)]),
        Some(0.0)
    );
}

#[test]
fn a_review_without_a_score_is_skipped() {
    let review = ScoreInput {
        recommended: Some(true),
        ..ScoreInput::default()
    };
    let mut tally = film(&[50, 50, 50, 50]);
    tally.add(review);

    assert_eq!(Policy::default().bias([(review, &tally)]), None);
    assert_eq!(Policy::default().bias([]), None);
}

proptest! {
    #[test]
    fn the_bias_equals_that_of_scoring_each_film_without_the_review(
        films in proptest::collection::vec(reviews(), 0..6),
        policy in policy(),
    ) {
        let tallies: Vec<_> = films.iter().map(Tally::of).collect();
        let reviews = films
            .iter()
            .zip(&tallies)
            .filter_map(|(reviews, tally)| Some((*reviews.first()?, tally)));

        let differences: Vec<_> = films
            .iter()
            .filter_map(|reviews| {
                let (first, others) = reviews.split_first()?;
                let others = policy.value(&Tally::of(others))?;
                Some(f64::from(first.points?.get()) - f64::from(others.get()))
            })
            .collect();
        match policy.bias(reviews) {
            None => prop_assert!(differences.is_empty()),
            Some(bias) => {
                let count = u32::try_from(differences.len()).expect("there are few films");
                let expected = differences.iter().sum::<f64>() / f64::from(count);
                prop_assert!((bias - expected).abs() < 1e-9);
                prop_assert!(bias.abs() <= 100.0);
            }
        }
    }
}
