use super::*;
use crate::score::arbitrary::{policy, reviews};
use crate::score::{
    Group, PolicyDraft, ScoreInput, Sentiment, TallyParts, Unscored, Weight, Weighting,
};
use proptest::prelude::*;

fn scored(points: i32) -> ScoreInput {
    ScoreInput {
        points: Points::new(points),
        ..ScoreInput::default()
    }
}

fn declared(sentiment: Sentiment) -> ScoreInput {
    ScoreInput {
        declared: Some(sentiment),
        ..ScoreInput::default()
    }
}

fn default_score(reviews: &[ScoreInput]) -> Score {
    Policy::default().score(&Tally::of(reviews), Basis::Critics)
}

fn value(reviews: &[ScoreInput]) -> Option<u8> {
    default_score(reviews).value.map(Points::get)
}

#[test]
fn one_score_and_ten_sentiments_are_estimated_as_75() {
    let mut page = vec![scored(80)];
    page.extend([declared(Sentiment::Positive); 8]);
    page.extend([declared(Sentiment::Mixed); 2]);
    let score = default_score(&page);

    assert_eq!(score.value, Points::new(75));
    assert_eq!(score.mean, Some(824.0 / 11.0));
    assert_eq!(
        score.label,
        ScoreLabel::Scored {
            verdict: Verdict::GenerallyFavorable,
            count: 11,
            basis: Basis::Critics,
        }
    );
    assert_eq!(
        (score.review_count, score.scored_count, score.estimated),
        (11, 1, true)
    );
    assert_eq!(
        (score.median, score.standard_deviation),
        (Some(80.0), Some(0.0))
    );
    assert_eq!(score.percent_recommended, None);
}

#[test]
fn four_scores_suffice_and_unscored_reviews_are_ignored() {
    let mut reviews = vec![declared(Sentiment::Negative); 30];
    reviews.extend([scored(90); 4]);
    let score = default_score(&reviews);

    assert_eq!((score.value, score.estimated), (Points::new(90), false));
    assert_eq!(
        score.label,
        ScoreLabel::Scored {
            verdict: Verdict::UniversalAcclaim,
            count: 34,
            basis: Basis::Critics,
        }
    );
}

#[test]
fn the_label_counts_each_critic_of_a_film_once() {
    let tally = Tally::of([scored(90); 5]).with_repeated(2);
    let score = Policy::default().score(&tally, Basis::Critics);

    assert_eq!(
        score.label,
        ScoreLabel::Scored {
            verdict: Verdict::UniversalAcclaim,
            count: 3,
            basis: Basis::Critics,
        }
    );
    assert_eq!((score.review_count, score.critic_count), (5, 3));
    // Five reviews suffice for a score.
    assert_eq!(score.value, Points::new(90));
}

#[test]
fn three_scores_and_an_unrated_review_do_not_suffice() {
    let score = default_score(&[scored(80), scored(80), scored(80), ScoreInput::default()]);

    assert_eq!((score.value, score.verdict, score.mean), (None, None, None));
    assert_eq!(
        score.label,
        ScoreLabel::Unscored {
            counted: 3,
            wanted: 4,
        }
    );
    assert!(!score.estimated);
    assert_eq!(score.median, Some(80.0));
}

#[test]
fn a_recommendation_counts_towards_an_estimate_like_a_sentiment() {
    let negative = ScoreInput {
        recommended: Some(false),
        ..ScoreInput::default()
    };
    let score = default_score(&[scored(80), scored(80), scored(80), negative]);

    assert_eq!(
        (score.value, score.estimated),
        (Points::new(65), true),
        "the mean is 64.875"
    );
    assert_eq!(score.percent_recommended, Some(0));
}

#[test]
fn all_reviews_count_alike_under_equal_weighting() {
    let equal = Policy::new(PolicyDraft {
        weighting: Weighting::Equal,
        ..PolicyDraft::default()
    })
    .expect("a valid policy");
    let heavy = ScoreInput {
        weight: Weight::MAX,
        ..scored(100)
    };
    let reviews = [heavy, scored(0), scored(0), scored(0)];
    let score = equal.score(&Tally::of(reviews), Basis::Critics);
    assert_eq!(score.value, Points::new(25));
    // The middle of the mixed band is 50.
    let reviews = [heavy, scored(0), scored(0), declared(Sentiment::Mixed)];
    let score = equal.score(&Tally::of(reviews), Basis::Critics);
    assert_eq!((score.value, score.estimated), (Points::new(38), true));
}

#[test]
fn a_policy_can_disable_estimates() {
    let strict = PolicyDraft {
        estimate: false,
        ..PolicyDraft::default()
    };
    let strict = Policy::new(strict).expect("the policy is valid");
    let score = strict.score(
        &Tally::of([declared(Sentiment::Positive); 11]),
        Basis::Critics,
    );

    assert_eq!((score.value, score.estimated), (None, false));
    assert_eq!((score.counted_count, score.required_count), (0, 4));
}

#[test]
fn a_half_rounds_up_and_can_change_the_verdict() {
    let score = default_score(&[scored(80), scored(80), scored(81), scored(81)]);
    assert_eq!((score.value, score.mean), (Points::new(81), Some(80.5)));
    assert_eq!(score.verdict, Some(Verdict::UniversalAcclaim));

    let below = [scored(80), scored(80), scored(80), scored(81)];
    assert_eq!(
        default_score(&below).verdict,
        Some(Verdict::GenerallyFavorable)
    );
}

#[test]
fn reviews_of_one_sentiment_score_the_middle_of_its_band() {
    assert_eq!(
        value(&[declared(Sentiment::Positive); 4]),
        Some(81),
        "80.5 rounds up"
    );
    assert_eq!(value(&[declared(Sentiment::Mixed); 4]), Some(50));
    assert_eq!(
        value(&[declared(Sentiment::Negative); 4]),
        Some(20),
        "19.5 rounds up"
    );
}

#[test]
fn a_weight_moves_the_mean_towards_its_review() {
    let heavy = Weight::from_hundredths(300).expect("weight 3");
    let reviews = [
        ScoreInput {
            weight: heavy,
            ..scored(100)
        },
        scored(0),
        scored(0),
        scored(0),
    ];
    assert_eq!(value(&reviews), Some(50));

    let unscored = ScoreInput {
        weight: heavy,
        ..declared(Sentiment::Mixed)
    };
    assert_eq!(
        value(&[unscored, scored(80), scored(80), scored(80)]),
        Some(65)
    );
}

/// The largest valid rows: the maximum number of reviews, all alike and with the maximum weight.
#[test]
fn the_largest_tallies_are_scored_without_overflow() {
    let max_reviews = i32::MAX;
    let weight = i64::from(max_reviews) * 10_000;
    let empty = [0; 101];
    let mut hundreds = empty;
    hundreds[100] = max_reviews;
    let all_100 = TallyParts {
        counts: &hundreds,
        weighted_sum: 100 * weight,
        weight,
        ..TallyParts::default()
    };
    let all_positive = TallyParts {
        counts: &empty,
        unscored_positive: max_reviews,
        unscored_positive_weight: weight,
        recommended: max_reviews,
        ..TallyParts::default()
    };
    let score_of = |parts| {
        let tally = Tally::from_parts(&parts).expect("the row is consistent");
        Policy::default().score(&tally, Basis::Critics)
    };

    let score = score_of(all_100);
    assert_eq!((score.value, score.mean), (Some(Points::MAX), Some(100.0)));
    assert_eq!(
        (score.median, score.standard_deviation),
        (Some(100.0), Some(0.0))
    );

    let score = score_of(all_positive);
    assert_eq!((score.value, score.mean), (Points::new(81), Some(80.5)));
    assert_eq!(score.percent_recommended, Some(100));
}

/// No valid row has these values; the arithmetic must not overflow nonetheless.
#[test]
fn counts_and_weights_at_their_integer_limits_do_not_overflow() {
    let full = Group {
        count: u32::MAX,
        weight: u64::MAX,
    };
    let tally = Tally {
        repeated: 0,
        counts: [u32::MAX; 101],
        unscored: Unscored {
            positive: full,
            mixed: full,
            negative: full,
        },
        unrated: u32::MAX,
        recommended: u32::MAX,
        not_recommended: u32::MAX,
        weighted_sum: u64::MAX,
        weight: u64::MAX,
    };
    let score = Policy::default().score(&tally, Basis::Reviews);
    assert_eq!(
        (score.review_count, score.value),
        (u32::MAX, Points::new(1))
    );
    assert_eq!(score.percent_recommended, Some(50));
    let deviation = score.standard_deviation.expect("there are scores");
    assert!(
        (deviation - 850_f64.sqrt()).abs() < 1e-9,
        "it is that of each score once"
    );

    let unscored = Tally {
        counts: [0; 101],
        weighted_sum: 0,
        weight: 0,
        ..tally
    };
    let score = Policy::default().score(&unscored, Basis::Reviews);
    assert_eq!((score.value, score.mean), (Points::new(50), Some(50.0)));
}

/// The doubled value and the weight of each counted review: a naive implementation of the rule.
fn doubled_contributions(reviews: &[ScoreInput], policy: &Policy) -> Option<Vec<(i64, i64)>> {
    let weight = |review: &ScoreInput| match policy.weighting() {
        Weighting::ByPublication => i64::from(review.weight.hundredths()),
        Weighting::Equal => 100,
    };
    let minimum = policy.minimum_reviews() as usize;
    let scored: Vec<_> = reviews
        .iter()
        .filter_map(|review| Some((2 * i64::from(review.points?.get()), weight(review))))
        .collect();
    if scored.len() >= minimum {
        return Some(scored);
    }
    let mut all = scored;
    all.extend(
        reviews
            .iter()
            .filter(|review| review.points.is_none())
            .filter_map(|review| {
                Some((
                    i64::from(policy.doubled_middle(review.sentiment(policy)?)),
                    weight(review),
                ))
            }),
    );
    (policy.estimate() && all.len() >= minimum).then_some(all)
}

proptest! {
    /// The score v is correct if and only if v - 1/2 <= mean < v + 1/2, compared as integers.
    #[test]
    fn the_score_is_the_exact_weighted_mean_rounded_half_up(
        reviews in reviews(),
        policy in policy(),
    ) {
        let score = policy.score(&Tally::of(&reviews), Basis::Critics);
        let Some(contributions) = doubled_contributions(&reviews, &policy) else {
            prop_assert_eq!((score.value, score.verdict, score.mean), (None, None, None));
            prop_assert!(!score.estimated);
            return Ok(());
        };
        let weight: i64 = contributions.iter().map(|(_, weight)| weight).sum();
        let doubled: i64 = contributions.iter().map(|(doubled, weight)| doubled * weight).sum();
        let value = i64::from(score.value.expect("enough reviews").get());
        prop_assert!((2 * value - 1) * weight <= doubled && doubled < (2 * value + 1) * weight);
        prop_assert_eq!(score.estimated, score.scored_count < policy.minimum_reviews());
        prop_assert_eq!(score.verdict, score.value.map(|value| policy.verdict(value)));
    }

    #[test]
    fn a_score_is_missing_if_and_only_if_too_few_reviews_count(
        reviews in reviews(),
        policy in policy(),
        basis in prop_oneof![Just(Basis::Critics), Just(Basis::Reviews)],
    ) {
        let score = policy.score(&Tally::of(&reviews), basis);
        let counts = |review: &&ScoreInput| {
            review.points.is_some() || policy.estimate() && review.sentiment(&policy).is_some()
        };
        let counted = reviews.iter().filter(counts).count();
        prop_assert_eq!(score.counted_count as usize, counted);
        prop_assert_eq!(score.required_count, policy.minimum_reviews());
        prop_assert_eq!(score.value.is_none(), score.counted_count < score.required_count);
        let expected = match score.verdict {
            Some(verdict) => ScoreLabel::Scored { verdict, count: score.review_count, basis },
            None => ScoreLabel::Unscored { counted: score.counted_count, wanted: score.required_count },
        };
        prop_assert_eq!(score.label, expected);
    }

    #[test]
    fn the_published_mean_is_within_half_a_point_of_the_score(
        reviews in reviews(),
        policy in policy(),
    ) {
        let tally = Tally::of(reviews);
        let score = policy.score(&tally, Basis::Critics);
        prop_assert_eq!(policy.value(&tally), score.value);
        prop_assert_eq!(score.mean.is_some(), score.value.is_some());
        if let (Some(mean), Some(value)) = (score.mean, score.value) {
            prop_assert!((mean - f64::from(value.get())).abs() <= 0.5);
        }
    }
}
