use proptest::prelude::*;

use super::{AgreementSums, FilmReviews, MIN_FILMS, Opinion};
use crate::score::{Points, Policy, Sentiment};

fn scored(points: u8) -> Opinion {
    let mut reviews = FilmReviews::default();
    reviews.add(Points::new(points), None);
    reviews.opinion(Policy::default().bands())
}

fn sums(pairs: &[(u8, u8)]) -> AgreementSums {
    let mut sums = AgreementSums::default();
    for (one, other) in pairs {
        sums.add(scored(*one), scored(*other));
    }
    sums
}

#[test]
fn several_reviews_of_a_film_count_as_one_with_their_mean_rounded_half_up() {
    let bands = Policy::default().bands();
    let mut reviews = FilmReviews::default();
    reviews.add(Points::new(60), None);
    reviews.add(None, Some(Sentiment::Negative));
    reviews.add(Points::new(61), None);
    let opinion = reviews.opinion(bands);
    assert_eq!(opinion.points, Points::new(61));
    assert_eq!(opinion.sentiment, Some(Sentiment::Positive));
}

#[test]
fn without_a_score_the_sentiment_added_last_counts() {
    let mut reviews = FilmReviews::default();
    reviews.add(None, Some(Sentiment::Negative));
    reviews.add(None, Some(Sentiment::Mixed));
    reviews.add(None, None);
    let opinion = reviews.opinion(Policy::default().bands());
    assert_eq!(opinion.points, None);
    assert_eq!(opinion.sentiment, Some(Sentiment::Mixed));
}

#[test]
fn two_films_give_no_agreement_and_three_do() {
    assert_eq!(sums(&[(10, 20), (30, 40)]).agreement(), None);
    let agreement = sums(&[(10, 20), (30, 40), (50, 60)]).agreement().unwrap();
    assert_eq!(agreement.films_in_common, 3);
    assert_eq!(agreement.correlation, Some(1.0));
    assert_eq!(agreement.mean_absolute_difference, Some(10.0));
    assert_eq!(agreement.same_sentiment_share, Some(2.0 / 3.0));
}

#[test]
fn equal_scores_of_one_critic_have_no_correlation() {
    let agreement = sums(&[(50, 20), (50, 40), (50, 60)]).agreement().unwrap();
    assert_eq!(agreement.correlation, None);
    assert_eq!(agreement.mean_absolute_difference, Some(50.0 / 3.0));
}

#[test]
fn numbers_that_rest_on_fewer_than_three_films_are_missing() {
    let mut sums = sums(&[(10, 20), (30, 40)]);
    let unrated = FilmReviews::default().opinion(Policy::default().bands());
    sums.add(scored(90), unrated);
    let agreement = sums.agreement().unwrap();
    assert_eq!(
        (agreement.films_in_common, agreement.scored_in_common),
        (3, 2)
    );
    assert_eq!(agreement.correlation, None);
    assert_eq!(agreement.mean_absolute_difference, None);
    assert_eq!(agreement.same_sentiment_share, None);
}

/// Returns the correlation by its textbook formula.
fn naive_correlation(pairs: &[(u8, u8)]) -> f64 {
    let films = f64::from(u32::try_from(pairs.len()).unwrap());
    let mean =
        |of: fn(&(u8, u8)) -> u8| pairs.iter().map(|pair| f64::from(of(pair))).sum::<f64>() / films;
    let (one, other) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let deviations = pairs
        .iter()
        .map(|pair| (f64::from(pair.0) - one, f64::from(pair.1) - other));
    let (mut product, mut square, mut other_square) = (0.0, 0.0, 0.0);
    for (one, other) in deviations {
        product += one * other;
        square += one * one;
        other_square += other * other;
    }
    product / (square.sqrt() * other_square.sqrt())
}

proptest! {
    #[test]
    fn an_agreement_equals_the_naive_computation(pairs in prop::collection::vec((0..=100_u8, 0..=100_u8), 0..40)) {
        let Some(agreement) = sums(&pairs).agreement() else {
            prop_assert!((pairs.len() as u64) < MIN_FILMS);
            return Ok(());
        };
        let films = f64::from(u32::try_from(pairs.len()).unwrap());
        let difference = pairs.iter().map(|(one, other)| f64::from(one.abs_diff(*other))).sum::<f64>() / films;
        prop_assert!((agreement.mean_absolute_difference.unwrap() - difference).abs() < 1e-9);
        let is_constant = |of: fn(&(u8, u8)) -> u8| pairs.iter().all(|pair| of(pair) == of(&pairs[0]));
        match agreement.correlation {
            Some(correlation) => prop_assert!((correlation - naive_correlation(&pairs)).abs() < 1e-9),
            None => prop_assert!(is_constant(|pair| pair.0) || is_constant(|pair| pair.1)),
        }
    }

    #[test]
    fn an_agreement_is_the_same_from_both_sides(pairs in prop::collection::vec((0..=100_u8, 0..=100_u8), 3..40)) {
        let swapped: Vec<_> = pairs.iter().map(|(one, other)| (*other, *one)).collect();
        prop_assert_eq!(sums(&pairs).agreement(), sums(&swapped).agreement());
    }
}
