use proptest::prelude::*;

use super::*;
use crate::score::arbitrary::{policy, reviews};
use crate::score::{PolicyDraft, ScoreInput};

fn scored(points: u8) -> ScoreInput {
    ScoreInput {
        points: Points::new(points),
        ..ScoreInput::default()
    }
}

fn numbers(policy: &Policy, reviews: &[ScoreInput]) -> [Option<u64>; 3] {
    let swing = policy.swing(&Tally::of(reviews));
    [swing.positive, swing.mixed, swing.negative]
}

#[test]
fn the_verdict_changes_when_the_mean_leaves_its_band() {
    let policy = Policy::default();
    // More reviews of 80.5 approach 80.5 from below, and never reach it. (4 * 70 + 3 * 50) / 7 is 61.4, and another
    // review of 50 gives 60.
    assert_eq!(numbers(&policy, &[scored(70); 4]), [None, Some(4), Some(1)]);
    // From above, the mean stays over 80.5.
    assert_eq!(numbers(&policy, &[scored(90); 4]), [None, Some(2), Some(1)]);
    // (4 * 50 + 2 * 19.5) / 6 is 39.8, which rounds to 40.
    assert_eq!(numbers(&policy, &[scored(50); 4]), [Some(3), None, Some(3)]);
    // One more review is missing for a score.
    assert_eq!(numbers(&policy, &[scored(50); 3]), [Some(1); 3]);
    assert_eq!(numbers(&policy, &[]), [Some(4); 3]);
}

#[test]
fn the_end_of_an_estimate_can_change_the_verdict() {
    let positive = ScoreInput {
        declared: Some(Sentiment::Positive),
        ..ScoreInput::default()
    };
    let reviews = [
        scored(10),
        scored(10),
        scored(10),
        positive,
        positive,
        positive,
    ];
    // (30 + 3 * 80.5) / 6 is 45.25. Without the unscored reviews it is (30 + 80.5) / 4, or 27.6.
    assert_eq!(numbers(&Policy::default(), &reviews), [Some(1); 3]);
}

/// Returns the verdict if a number of reviews with the middle of a band are added. Their scores are doubled, as those of
/// all reviews, so that the middle is a whole number.
fn verdict_with(
    reviews: &[ScoreInput],
    policy: &Policy,
    more: u32,
    doubled_middle: u8,
) -> Option<Verdict> {
    let scored = reviews
        .iter()
        .filter(|review| review.points.is_some())
        .count()
        + more as usize;
    let minimum = policy.minimum_reviews() as usize;
    let is_estimated = scored < minimum;
    let (mut counted, mut sum, mut weights) = (
        more as usize,
        f64::from(more) * f64::from(doubled_middle) * 100.0,
        f64::from(more) * 100.0,
    );
    for review in reviews {
        let sentiment = Sentiment::of_unscored(review.declared, review.recommended);
        let doubled = match (review.points, sentiment) {
            (Some(points), _) => 2 * points.get(),
            (None, Some(sentiment)) if is_estimated && policy.estimate() => {
                policy.doubled_middle(sentiment)
            }
            _ => continue,
        };
        let weight = match policy.weighting() {
            crate::score::Weighting::ByPublication => review.weight,
            crate::score::Weighting::Equal => Weight::default(),
        };
        counted += 1;
        sum += f64::from(doubled) * f64::from(weight.hundredths());
        weights += f64::from(weight.hundredths());
    }
    if counted < minimum {
        return None;
    }
    // All numbers are whole and small, so they are exact.
    let value = (0..=100_u8)
        .rev()
        .find(|value| f64::from(2 * value) - 1.0 <= sum / weights)?;
    Points::new(value).map(|value| policy.verdict(value))
}

proptest! {
    #[test]
    fn the_swing_is_the_first_number_that_changes_the_verdict(reviews in reviews(), policy in policy()) {
        let swing = numbers(&policy, &reviews);
        for (sentiment, number) in Sentiment::ALL.into_iter().zip(swing) {
            let middle = policy.doubled_middle(sentiment);
            let current = verdict_with(&reviews, &policy, 0, middle);
            let changes = |more: u32| verdict_with(&reviews, &policy, more, middle) != current;
            let first = (1..3_000).find(|more| changes(*more));
            match number {
                Some(number) if number < 3_000 => {
                    prop_assert_eq!(first.map(u64::from), Some(number), "{:?}", sentiment);
                }
                Some(number) => {
                    let number = u32::try_from(number).unwrap();
                    prop_assert_eq!(first, None);
                    prop_assert!(changes(number) && !changes(number - 1), "{:?} {}", sentiment, number);
                }
                None => {
                    prop_assert_eq!(first, None, "{:?}", sentiment);
                    prop_assert!(!changes(100_000_000));
                }
            }
        }
    }

    #[test]
    fn huge_tallies_have_a_swing(weight in 1_u64..=u64::from(u32::MAX), points in 0_u8..=100) {
        let mut tally = Tally::of([scored(points); 4]);
        tally.weight = weight * 1_000_000;
        tally.weighted_sum = tally.weight * u64::from(points);
        let policy = Policy::new(PolicyDraft::default()).unwrap();
        let swing = policy.swing(&tally);
        let numbers = [swing.positive, swing.mixed, swing.negative];
        prop_assert!(numbers.iter().any(Option::is_some));
    }
}
