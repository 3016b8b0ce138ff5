//! The columns of a tally's row, and the checks that turn them into a tally.

use std::error::Error;
use std::fmt;

use super::tally::SCORE_COUNT;
use super::{Group, Tally, Unscored};

/// The columns of a tally's row: signed, and not checked yet. Weights and sums are in hundredths.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TallyParts<'row> {
    /// The number of reviews with each score from 0 to 100: 101 counts.
    pub counts: &'row [i32],
    /// The number of positive reviews without a score.
    pub unscored_positive: i32,
    /// The sum of the weights of the positive reviews without a score.
    pub unscored_positive_weight: i64,
    /// The number of mixed reviews without a score.
    pub unscored_mixed: i32,
    /// The sum of the weights of the mixed reviews without a score.
    pub unscored_mixed_weight: i64,
    /// The number of negative reviews without a score.
    pub unscored_negative: i32,
    /// The sum of the weights of the negative reviews without a score.
    pub unscored_negative_weight: i64,
    /// The number of reviews with neither a score nor a sentiment nor a recommendation.
    pub unrated: i32,
    /// The number of reviews that recommend the film.
    pub recommended: i32,
    /// The number of reviews that advise against the film.
    pub not_recommended: i32,
    /// The sum of score times weight over the scored reviews.
    pub weighted_sum: i64,
    /// The sum of the weights of the scored reviews.
    pub weight: i64,
    /// The number of reviews by critics beyond the first one of each.
    pub repeated: i32,
}

/// The reason why a row is not a valid tally. It means a bug or a manually edited row; `marquee
/// check --repair` recounts the reviews and corrects it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TallyError {
    /// The row has this many counts by score instead of 101, one for each score.
    CountsLength(usize),
    /// The value of this column is negative.
    Negative(&'static str),
    /// The number of reviews exceeds a 32-bit signed integer, which the database and the API count
    /// with.
    TooMany,
    /// The weight in this column is impossible for its number of reviews: each review has a weight
    /// from 0.01 to 100.
    Weight(&'static str),
    /// The weighted mean is below the lowest or above the highest score.
    WeightedSum,
    /// The number of recommendations exceeds the number of reviews.
    Recommendations,
    /// All reviews are repeated ones, although the first one of a critic isn't.
    Repeated,
}

impl fmt::Display for TallyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CountsLength(length) => {
                write!(f, "a tally has {SCORE_COUNT} counts by score, not {length}")
            }
            Self::Negative(part) => write!(f, "a tally's {part} is negative"),
            Self::TooMany => f.write_str("a tally has more reviews than a 32-bit integer holds"),
            Self::Weight(part) => write!(f, "a tally's {part} is impossible for its count"),
            Self::WeightedSum => {
                f.write_str("a tally's weighted mean is outside the range of its scores")
            }
            Self::Recommendations => f.write_str("a tally has more recommendations than reviews"),
            Self::Repeated => f.write_str("a tally has as many repeated reviews as reviews"),
        }
    }
}

impl Error for TallyError {}

impl Tally {
    /// Reads a tally from the columns of a database row.
    ///
    /// A tally that passes the checks can be scored without further ones: its mean is from 0 to 100,
    /// and no sum overflows.
    ///
    /// # Errors
    /// When the values of the row contradict each other.
    pub fn from_parts(parts: &TallyParts<'_>) -> Result<Self, TallyError> {
        let group = |part, count, weight| {
            Ok(Group {
                count: non_negative(part, count)?,
                weight: non_negative(part, weight)?,
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
            unrated: non_negative("unrated", parts.unrated)?,
            recommended: non_negative("recommended", parts.recommended)?,
            not_recommended: non_negative("not_recommended", parts.not_recommended)?,
            weighted_sum: non_negative("weighted_sum", parts.weighted_sum)?,
            weight: non_negative("weight", parts.weight)?,
            repeated: non_negative("repeated", parts.repeated)?,
        };
        tally.validation_error().map_or(Ok(tally), Err)
    }
}

fn counts(row: &[i32]) -> Result<[u32; SCORE_COUNT], TallyError> {
    let row: &[i32; SCORE_COUNT] = row
        .try_into()
        .map_err(|_| TallyError::CountsLength(row.len()))?;
    let mut counts = [0; SCORE_COUNT];
    for (count, signed) in counts.iter_mut().zip(row) {
        *count = non_negative("counts", *signed)?;
    }
    Ok(counts)
}

fn non_negative<S, N: TryFrom<S>>(part: &'static str, signed: S) -> Result<N, TallyError> {
    N::try_from(signed).map_err(|_| TallyError::Negative(part))
}

#[cfg(test)]
mod tests;
