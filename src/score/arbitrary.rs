//! Random reviews and policies for the property tests.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{Points, Policy, PolicyDraft, ScoreInput, Sentiment, Weight, Weighting};

/// Generates reviews. Many scores are at the edges of the default policy's bands, where errors are likely.
pub(super) fn score_input() -> impl Strategy<Value = ScoreInput> {
    let edges = select(vec![0_u8, 19, 20, 39, 40, 60, 61, 80, 81, 100]);
    let points =
        prop_oneof![edges, 0_u8..=100].prop_map(|value| Points::new(value).expect("0 to 100"));
    let hundredths = prop_oneof![Just(100), 1_i32..=10_000];
    (
        option::of(points),
        option::of(select(&Sentiment::ALL)),
        option::of(any::<bool>()),
        hundredths,
    )
        .prop_map(|(points, declared, recommended, hundredths)| ScoreInput {
            points,
            declared,
            recommended,
            weight: Weight::from_hundredths(hundredths).expect("1 to 10,000"),
        })
}

/// Generates from 0 to 40 reviews.
pub(super) fn reviews() -> impl Strategy<Value = Vec<ScoreInput>> {
    vec(score_input(), 0..=40)
}

/// Generates policies whose minimum number of reviews is at most 30.
pub(super) fn policy() -> impl Strategy<Value = Policy> {
    let thresholds = subsequence((1_i64..=100).collect::<Vec<_>>(), 4);
    let flags = any::<(bool, bool)>();
    (1_i64..=30, thresholds, flags).prop_map(|(minimum_reviews, thresholds, flags)| {
        let (estimate, is_equal) = flags;
        let [dislike_below, mixed_from, positive_from, acclaim_from] = thresholds[..] else {
            unreachable!("the subsequence has four elements")
        };
        let draft = PolicyDraft {
            minimum_reviews,
            acclaim_from,
            positive_from,
            mixed_from,
            dislike_below,
            estimate,
            weighting: if is_equal {
                Weighting::Equal
            } else {
                Weighting::ByPublication
            },
        };
        Policy::new(draft).expect("the four thresholds are in order")
    })
}
