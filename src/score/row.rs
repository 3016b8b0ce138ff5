//! Reading tallies from the rows of the three tally tables.

/// Reads the tally from a row of any of the three tally tables, which have the same columns. Only the tallies of films
/// have repeated reviews.
macro_rules! tally_of_row {
    ($row:expr) => {
        $crate::score::row::tally_of_row!($row, 0)
    };
    ($row:expr, $repeated:expr) => {
        $crate::score::Tally::from_parts(&$crate::score::TallyParts {
            counts: &$row.score_counts,
            unscored_positive: $row.unscored_positive,
            unscored_positive_weight: $row.unscored_positive_weight,
            unscored_mixed: $row.unscored_mixed,
            unscored_mixed_weight: $row.unscored_mixed_weight,
            unscored_negative: $row.unscored_negative,
            unscored_negative_weight: $row.unscored_negative_weight,
            unrated: $row.unrated,
            recommended: $row.recommended,
            not_recommended: $row.not_recommended,
            weighted_sum: $row.weighted_sum,
            weight: $row.weight,
            repeated: $repeated,
        })
        .map_err(|error| sea_orm::DbErr::Type(error.to_string()))
    };
}
pub(crate) use tally_of_row;
