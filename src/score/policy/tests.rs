use super::*;
use proptest::prelude::*;

fn points(value: i32) -> Points {
    Points::new(value).expect("0 to 100")
}

#[test]
fn the_default_thresholds_are_inclusive_lower_bounds() {
    use Sentiment::{Mixed, Negative, Positive};
    use Verdict::{
        GenerallyFavorable, GenerallyUnfavorable, MixedOrAverage, OverwhelmingDislike,
        UniversalAcclaim,
    };
    let expected = [
        (0, Negative, OverwhelmingDislike),
        (19, Negative, OverwhelmingDislike),
        (20, Negative, GenerallyUnfavorable),
        (39, Negative, GenerallyUnfavorable),
        (40, Mixed, MixedOrAverage),
        (60, Mixed, MixedOrAverage),
        (61, Positive, GenerallyFavorable),
        (80, Positive, GenerallyFavorable),
        (81, Positive, UniversalAcclaim),
        (100, Positive, UniversalAcclaim),
    ];
    let policy = Policy::default();
    for (value, sentiment, verdict) in expected {
        assert_eq!(policy.sentiment(points(value)), sentiment, "{value}");
        assert_eq!(policy.verdict(points(value)), verdict, "{value}");
    }
}

#[test]
fn the_default_middles_are_80_and_a_half_50_and_19_and_a_half() {
    let doubled = Sentiment::ALL.map(|sentiment| Policy::default().doubled_middle(sentiment));
    assert_eq!(doubled, [161, 100, 39]);
}

#[test]
fn an_error_names_the_field_and_its_range() {
    let message = |draft| Policy::new(draft).expect_err("out of range").to_string();
    let default = PolicyDraft::default();

    assert_eq!(
        message(PolicyDraft {
            minimum_reviews: 0,
            ..default
        }),
        "minimumReviews must be from 1 to 1000000, not 0"
    );
    assert_eq!(
        message(PolicyDraft {
            acclaim_from: 101,
            ..default
        }),
        "acclaimFrom must be from 4 to 100, not 101"
    );
    assert_eq!(
        message(PolicyDraft {
            positive_from: 81,
            ..default
        }),
        "positiveFrom must be from 3 to 80, not 81"
    );
    assert_eq!(
        message(PolicyDraft {
            mixed_from: 61,
            ..default
        }),
        "mixedFrom must be from 2 to 60, not 61"
    );
    assert_eq!(
        message(PolicyDraft {
            dislike_below: -1,
            ..default
        }),
        "dislikeBelow must be from 1 to 39, not -1"
    );
}

#[test]
fn the_narrowest_bands_are_valid() {
    let default = PolicyDraft::default();
    let low = PolicyDraft {
        acclaim_from: 4,
        positive_from: 3,
        mixed_from: 2,
        dislike_below: 1,
        ..default
    };
    let high = PolicyDraft {
        acclaim_from: 100,
        positive_from: 99,
        mixed_from: 98,
        dislike_below: 97,
        ..default
    };
    let middles = |draft| {
        let policy = Policy::new(draft).expect("the thresholds are strictly descending");
        Sentiment::ALL.map(|sentiment| policy.doubled_middle(sentiment))
    };
    assert_eq!(middles(low), [103, 4, 1]);
    assert_eq!(middles(high), [199, 196, 97]);
}

fn draft() -> impl Strategy<Value = PolicyDraft> {
    let threshold = || prop_oneof![-2_i64..=8, 94_i64..=103, any::<i64>()];
    (
        prop_oneof![-1_i64..=3, 999_999_i64..=1_000_001],
        threshold(),
        threshold(),
        threshold(),
        threshold(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(
                minimum_reviews,
                acclaim_from,
                positive_from,
                mixed_from,
                dislike_below,
                estimate,
                is_equal,
            )| PolicyDraft {
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
            },
        )
}

proptest! {
    #[test]
    fn a_draft_is_valid_if_and_only_if_its_thresholds_descend_within_the_scale(draft in draft()) {
        let PolicyDraft { acclaim_from, positive_from, mixed_from, dislike_below, .. } = draft;
        let thresholds = [acclaim_from, positive_from, mixed_from, dislike_below];
        let is_valid = thresholds.is_sorted_by(|above, below| above > below)
            && thresholds.iter().all(|threshold| (1..=100).contains(threshold))
            && (1..=1_000_000).contains(&draft.minimum_reviews);
        match Policy::new(draft) {
            Ok(policy) => {
                prop_assert!(is_valid);
                prop_assert_eq!(policy.draft(), draft);
            }
            Err(error) => {
                prop_assert!(!is_valid);
                prop_assert!(!error.allowed.is_empty());
                prop_assert!(!error.allowed.contains(&error.value));
            }
        }
    }

    #[test]
    fn the_doubled_middle_is_the_sum_of_the_lowest_and_highest_score_of_the_band(
        policy in crate::score::arbitrary::policy(),
    ) {
        for sentiment in Sentiment::ALL {
            let band: Vec<_> = Points::all()
                .filter(|points| policy.sentiment(*points) == sentiment)
                .collect();
            let (lowest, highest) = (band[0].get(), band[band.len() - 1].get());
            prop_assert_eq!(policy.doubled_middle(sentiment), lowest + highest);
        }
    }

    #[test]
    fn a_better_score_never_has_a_worse_verdict(policy in crate::score::arbitrary::policy()) {
        let verdicts: Vec<_> = Points::all().map(|points| policy.verdict(points)).collect();
        prop_assert!(verdicts.is_sorted_by(|worse, better| worse >= better));
        prop_assert_eq!(verdicts[0], Verdict::OverwhelmingDislike);
        prop_assert_eq!(verdicts[100], Verdict::UniversalAcclaim);
    }
}
