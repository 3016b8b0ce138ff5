use proptest::prelude::*;

use super::*;
use crate::score::Basis;
use crate::score::arbitrary::{policy, reviews};

/// Returns the review as it counts under a policy.
fn weighed(review: ScoreInput, policy: &Policy) -> ScoreInput {
    match policy.weighting() {
        Weighting::ByPublication => review,
        Weighting::Equal => ScoreInput {
            weight: Weight::default(),
            ..review
        },
    }
}

#[test]
fn an_estimate_counts_unscored_reviews_as_the_middle_of_their_band() {
    let scored = ScoreInput {
        points: Points::new(80),
        ..ScoreInput::default()
    };
    let declared = |sentiment| ScoreInput {
        declared: Some(sentiment),
        ..ScoreInput::default()
    };
    let reviews = [
        scored,
        declared(Sentiment::Positive),
        declared(Sentiment::Mixed),
        declared(Sentiment::Negative),
    ];
    let mean = Policy::default().mean(&Tally::of(reviews)).unwrap();
    let contributions = reviews.map(|review| mean.contribution(review).unwrap());
    let counted_as = contributions.map(|contribution| contribution.score().to_string());
    assert_eq!(counted_as, ["80", "80.5", "50", "19.5"]);
    assert_eq!(
        contributions.map(|contribution| contribution.share.numerator),
        [16_000, 16_100, 10_000, 3_900]
    );
    let denominators = contributions.map(|contribution| contribution.share.denominator);
    assert_eq!(denominators, [800; 4]);
    assert_eq!(mean.contribution(ScoreInput::default()), None);
}

proptest! {
    /// The law of explanations: the numerators add up to the mean, exactly and as numbers of the response.
    #[test]
    fn the_shares_of_all_reviews_add_up_to_the_mean(reviews in reviews(), policy in policy()) {
        let tally = Tally::of(&reviews);
        let score = policy.score(&tally, Basis::Critics);
        let Some(mean) = policy.mean(&tally) else {
            prop_assert_eq!(score.mean, None);
            return Ok(());
        };
        let contributions: Vec<_> = reviews
            .iter()
            .filter_map(|review| mean.contribution(weighed(*review, &policy)))
            .collect();
        let denominators: Vec<_> = contributions.iter().map(|it| it.share.denominator).collect();
        prop_assert!(denominators.iter().all(|each| *each == denominators[0]));
        let numerator: u64 = contributions.iter().map(|it| it.share.numerator).sum();
        let sum = Fraction { numerator, denominator: denominators[0] };
        prop_assert_eq!(score.mean, Some(sum.to_f64()));
        // The denominator is twice the sum of the weights in hundredths.
        let weights: u64 = contributions.iter().map(|it| u64::from(it.weight.hundredths())).sum();
        prop_assert_eq!(denominators[0], 2 * weights);
        let counted = if score.estimated { score.counted_count } else { score.scored_count };
        prop_assert_eq!(contributions.len(), counted as usize);
    }
}
