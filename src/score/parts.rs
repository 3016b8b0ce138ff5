//! A tally as a database row holds it, and the check that makes it a tally.

use std::error::Error;
use std::fmt;

use super::tally::SCORES;
use super::{Group, Tally, Unscored};

/// A tally as a database row holds it: signed, and not checked yet. Weights and sums are in
/// hundredths.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TallyParts<'row> {
    /// How many reviews gave each score from 0 to 100: 101 counts.
    pub counts: &'row [i32],
    /// How many reviews like the film and have no score.
    pub unscored_positive: i32,
    /// The sum of their weights.
    pub unscored_positive_weight: i64,
    /// How many reviews are of two minds and have no score.
    pub unscored_mixed: i32,
    /// The sum of their weights.
    pub unscored_mixed_weight: i64,
    /// How many reviews dislike the film and have no score.
    pub unscored_negative: i32,
    /// The sum of their weights.
    pub unscored_negative_weight: i64,
    /// How many reviews have neither a score nor a sentiment nor a recommendation.
    pub unrated: i32,
    /// How many reviews recommend the film.
    pub recommended: i32,
    /// How many reviews advise against it.
    pub not_recommended: i32,
    /// The sum of score times weight over the scored reviews.
    pub weighted_sum: i64,
    /// The sum of the weights of the scored reviews.
    pub weight: i64,
}

/// Why a row is no tally. Whoever reads this has found a bug or a hand-edited row: a recount mends
/// it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TallyError {
    /// There must be 101 counts, one for each score; there are this many.
    CountsLength(usize),
    /// This part is below zero.
    Negative(&'static str),
    /// There are more reviews than a 32-bit signed integer holds, the width that the database and
    /// the API count with.
    TooMany,
    /// The weight of this part can't be that of its reviews: each weighs from 0.01 to 100.
    Weight(&'static str),
    /// The weighted mean lies outside the lowest and the highest score.
    WeightedSum,
    /// More reviews have a recommendation than there are reviews.
    Recommendations,
}

impl fmt::Display for TallyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CountsLength(length) => {
                write!(f, "a tally has {SCORES} counts by score, not {length}")
            }
            Self::Negative(part) => write!(f, "a tally's {part} is below zero"),
            Self::TooMany => f.write_str("a tally has more reviews than can be counted"),
            Self::Weight(part) => write!(f, "a tally's {part} does not fit its count"),
            Self::WeightedSum => f.write_str("a tally's weighted mean is not among its scores"),
            Self::Recommendations => f.write_str("a tally has more recommendations than reviews"),
        }
    }
}

impl Error for TallyError {}

impl Tally {
    /// Reads a tally out of a database row.
    ///
    /// A tally that passes can be judged without further care: its mean lies within the scale, and
    /// no sum overflows.
    ///
    /// # Errors
    /// What makes the row impossible, if anything does.
    pub fn from_parts(parts: &TallyParts<'_>) -> Result<Self, TallyError> {
        let group = |part, count, weight| {
            Ok(Group {
                count: natural(part, count)?,
                weight: natural(part, weight)?,
            })
        };
        let tally = Self {
            counts: counts(parts.counts)?,
            unscored: Unscored {
                positive: group(
                    "unscored_positive",
                    parts.unscored_positive,
                    parts.unscored_positive_weight,
                )?,
                mixed: group(
                    "unscored_mixed",
                    parts.unscored_mixed,
                    parts.unscored_mixed_weight,
                )?,
                negative: group(
                    "unscored_negative",
                    parts.unscored_negative,
                    parts.unscored_negative_weight,
                )?,
            },
            unrated: natural("unrated", parts.unrated)?,
            recommended: natural("recommended", parts.recommended)?,
            not_recommended: natural("not_recommended", parts.not_recommended)?,
            weighted_sum: natural("weighted_sum", parts.weighted_sum)?,
            weight: natural("weight", parts.weight)?,
        };
        tally.contradiction().map_or(Ok(tally), Err)
    }
}

fn counts(row: &[i32]) -> Result<[u32; SCORES], TallyError> {
    let row: &[i32; SCORES] = row
        .try_into()
        .map_err(|_| TallyError::CountsLength(row.len()))?;
    let mut counts = [0; SCORES];
    for (count, signed) in counts.iter_mut().zip(row) {
        *count = natural("counts", *signed)?;
    }
    Ok(counts)
}

fn natural<S, N: TryFrom<S>>(part: &'static str, signed: S) -> Result<N, TallyError> {
    N::try_from(signed).map_err(|_| TallyError::Negative(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::arbitrary::reviews;
    use proptest::prelude::*;

    const NO_COUNTS: [i32; SCORES] = [0; SCORES];

    fn one_score(points: usize, count: i32) -> [i32; SCORES] {
        let mut counts = NO_COUNTS;
        counts[points] = count;
        counts
    }

    fn error(parts: TallyParts<'_>) -> TallyError {
        Tally::from_parts(&parts).expect_err("an impossible row")
    }

    #[test]
    fn an_empty_row_is_the_tally_of_no_review() {
        let parts = TallyParts {
            counts: &NO_COUNTS,
            ..TallyParts::default()
        };
        assert_eq!(Tally::from_parts(&parts), Ok(Tally::default()));
    }

    #[test]
    fn a_row_has_a_count_for_every_score_and_no_more() {
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
    fn nothing_is_below_zero() {
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
    fn a_row_that_contradicts_itself_is_no_tally() {
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
        fn a_tally_survives_the_way_through_a_row(reviews in reviews()) {
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
}
