use super::*;
use crate::score::arbitrary::reviews;
use proptest::prelude::*;

const NO_COUNTS: [i32; SCORE_COUNT] = [0; SCORE_COUNT];

fn one_score(points: usize, count: i32) -> [i32; SCORE_COUNT] {
    let mut counts = NO_COUNTS;
    counts[points] = count;
    counts
}

fn error(parts: TallyParts<'_>) -> TallyError {
    Tally::from_parts(&parts).expect_err("the row is inconsistent")
}

#[test]
fn an_empty_row_is_the_tally_of_zero_reviews() {
    let parts = TallyParts {
        counts: &NO_COUNTS,
        ..TallyParts::default()
    };
    assert_eq!(Tally::from_parts(&parts), Ok(Tally::default()));
}

#[test]
fn a_row_must_have_exactly_one_count_for_each_score() {
    for length in [0, 100, 102] {
        let counts = vec![0; length];
        let parts = TallyParts {
            counts: &counts,
            ..TallyParts::default()
        };
        assert_eq!(error(parts), TallyError::CountsLength(length));
    }
}

#[test]
fn a_negative_value_is_rejected_with_its_column() {
    let empty = TallyParts {
        counts: &NO_COUNTS,
        ..TallyParts::default()
    };
    let counts = one_score(7, -1);
    let rows = [
        (
            "counts",
            TallyParts {
                counts: &counts,
                ..empty
            },
        ),
        (
            "unscored_positive",
            TallyParts {
                unscored_positive: -1,
                ..empty
            },
        ),
        (
            "unscored_mixed",
            TallyParts {
                unscored_mixed_weight: -1,
                ..empty
            },
        ),
        (
            "unrated",
            TallyParts {
                unrated: i32::MIN,
                ..empty
            },
        ),
        (
            "recommended",
            TallyParts {
                recommended: -1,
                ..empty
            },
        ),
        (
            "not_recommended",
            TallyParts {
                not_recommended: -1,
                ..empty
            },
        ),
        (
            "weighted_sum",
            TallyParts {
                weighted_sum: i64::MIN,
                ..empty
            },
        ),
        (
            "weight",
            TallyParts {
                weight: -1,
                ..empty
            },
        ),
    ];
    for (part, row) in rows {
        assert_eq!(error(row), TallyError::Negative(part));
    }
}

#[test]
fn an_inconsistent_row_is_rejected() {
    let empty = TallyParts {
        counts: &NO_COUNTS,
        ..TallyParts::default()
    };
    let eighty = one_score(80, 1);
    let scored = TallyParts {
        counts: &eighty,
        weight: 100,
        weighted_sum: 8_000,
        ..empty
    };
    assert!(Tally::from_parts(&scored).is_ok());

    let rows = [
        (
            TallyError::Weight("weight"),
            TallyParts {
                weight: 0,
                ..scored
            },
        ),
        (
            TallyError::Weight("weight"),
            TallyParts {
                weight: 10_001,
                ..scored
            },
        ),
        (
            TallyError::Weight("weight"),
            TallyParts {
                weight: 100,
                ..empty
            },
        ),
        (
            TallyError::Weight("unscored_negative_weight"),
            TallyParts {
                unscored_negative: 1,
                ..empty
            },
        ),
        (
            TallyError::WeightedSum,
            TallyParts {
                weighted_sum: 8_001,
                ..scored
            },
        ),
        (
            TallyError::WeightedSum,
            TallyParts {
                weighted_sum: 7_999,
                ..scored
            },
        ),
        (
            TallyError::WeightedSum,
            TallyParts {
                weighted_sum: 1,
                ..empty
            },
        ),
        (
            TallyError::Recommendations,
            TallyParts {
                recommended: 1,
                not_recommended: 1,
                ..scored
            },
        ),
        (
            TallyError::TooMany,
            TallyParts {
                unrated: i32::MAX,
                ..scored
            },
        ),
    ];
    for (expected, row) in rows {
        assert_eq!(error(row), expected);
    }
}

fn signed(count: u32) -> i32 {
    count.try_into().expect("a small count")
}

fn signed_weight(weight: u64) -> i64 {
    weight.try_into().expect("a small weight")
}

proptest! {
    #[test]
    fn a_tally_round_trips_through_a_row(reviews in reviews()) {
        let tally = Tally::of(reviews);
        let counts: Vec<_> = tally.counts().map(|(_, count)| signed(count)).collect();
        let Unscored { positive, mixed, negative } = tally.unscored();
        let parts = TallyParts {
            counts: &counts,
            unscored_positive: signed(positive.count),
            unscored_positive_weight: signed_weight(positive.weight),
            unscored_mixed: signed(mixed.count),
            unscored_mixed_weight: signed_weight(mixed.weight),
            unscored_negative: signed(negative.count),
            unscored_negative_weight: signed_weight(negative.weight),
            unrated: signed(tally.unrated()),
            recommended: signed(tally.recommended()),
            not_recommended: signed(tally.not_recommended()),
            weighted_sum: signed_weight(tally.weighted_sum()),
            weight: signed_weight(tally.weight()),
        };
        prop_assert_eq!(Tally::from_parts(&parts), Ok(tally));
    }
}
