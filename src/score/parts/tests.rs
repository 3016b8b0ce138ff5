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

/// A change that makes a row invalid.
type Change = fn(&mut TallyParts<'_>);

#[test]
fn a_negative_value_is_rejected_with_its_column() {
    let counts = one_score(7, -1);
    let row = TallyParts {
        counts: &counts,
        ..TallyParts::default()
    };
    assert_eq!(error(row), TallyError::Negative("counts"));

    let changes: [(&str, Change); 8] = [
        ("unscored_positive", |row| row.unscored_positive = -1),
        ("unscored_mixed", |row| row.unscored_mixed_weight = -1),
        ("unrated", |row| row.unrated = i32::MIN),
        ("recommended", |row| row.recommended = -1),
        ("not_recommended", |row| row.not_recommended = -1),
        ("weighted_sum", |row| row.weighted_sum = i64::MIN),
        ("weight", |row| row.weight = -1),
        ("repeated", |row| row.repeated = -1),
    ];
    for (column, change) in changes {
        let mut row = TallyParts {
            counts: &NO_COUNTS,
            ..TallyParts::default()
        };
        change(&mut row);
        assert_eq!(error(row), TallyError::Negative(column));
    }
}

#[test]
fn an_inconsistent_row_without_scores_is_rejected() {
    let changes: [(TallyError, Change); 3] = [
        (TallyError::Weight("weight"), |row| row.weight = 100),
        (TallyError::Weight("unscored_negative_weight"), |row| {
            row.unscored_negative = 1;
        }),
        (TallyError::WeightedSum, |row| row.weighted_sum = 1),
    ];
    for (expected, change) in changes {
        let mut row = TallyParts {
            counts: &NO_COUNTS,
            ..TallyParts::default()
        };
        change(&mut row);
        assert_eq!(error(row), expected);
    }
}

#[test]
fn an_inconsistent_row_with_a_score_is_rejected() {
    let counts = one_score(80, 1);
    let valid = TallyParts {
        counts: &counts,
        weight: 100,
        weighted_sum: 8_000,
        ..TallyParts::default()
    };
    assert!(Tally::from_parts(&valid).is_ok());

    let changes: [(TallyError, Change); 7] = [
        (TallyError::Weight("weight"), |row| row.weight = 0),
        (TallyError::Weight("weight"), |row| row.weight = 10_001),
        (TallyError::WeightedSum, |row| row.weighted_sum = 8_001),
        (TallyError::WeightedSum, |row| row.weighted_sum = 7_999),
        (TallyError::Recommendations, |row| {
            row.recommended = 1;
            row.not_recommended = 1;
        }),
        (TallyError::TooMany, |row| row.unrated = i32::MAX),
        (TallyError::Repeated, |row| row.repeated = 1),
    ];
    for (expected, change) in changes {
        let mut row = valid;
        change(&mut row);
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
    fn a_tally_round_trips_through_a_row(reviews in reviews(), repeated in 0_u32..40) {
        let tally = Tally::of(reviews);
        let repeated = repeated.min(tally.review_count().saturating_sub(1));
        let tally = tally.with_repeated(repeated);
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
            repeated: signed(repeated),
        };
        prop_assert_eq!(Tally::from_parts(&parts), Ok(tally));
    }
}
