//! The cost of comparing critics.

use super::{COUNTED, FieldCost, KEY, ROWS_PER_UNIT, STATEMENT, hundredths};
use crate::review::{owner::OwnerKind, statistics::Statistics};

/// A review that is compared in memory, in hundredths of a unit.
const COMPARED: u64 = 3;

/// A review that the database compares, in hundredths of a unit: it sorts the reviews by film and critic.
const COMPARED_BY_STATEMENT: u64 = 4 * COUNTED;

/// A review that the database reads with the tally of its film, in hundredths of a unit.
const WITH_FILM: u64 = 200;

/// Returns the cost of the agreements of this many critics with others.
pub(super) fn agreement(critics: u64, statistics: &Statistics) -> FieldCost {
    let reviews = statistics.reviews_of(OwnerKind::Critic, critics.saturating_add(1));
    FieldCost::new(STATEMENT, KEY).with_examined(compared(reviews, statistics))
}

/// Returns the cost of comparing this many critics with all others, of whom as many are returned as the list has.
pub(super) fn by_distance(length: u64, critics: u64, statistics: &Statistics) -> FieldCost {
    let reviews = statistics.reviews_of(OwnerKind::Critic, critics);
    // Critics review well-known films more often than others, so the films of a critic have more reviews than the mean.
    let of_film = 4 * statistics.reviews().div_ceil(statistics.films.max(1));
    let all = statistics.reviews().saturating_mul(critics);
    let reviews = reviews.saturating_mul(of_film).min(all);
    FieldCost::new(2 * STATEMENT, KEY * (1 + length)).with_examined(compared(reviews, statistics))
}

/// Returns the cost of comparing the reviews of this many owners with the others of their films, of which as many are
/// returned as the list has.
pub(super) fn outliers(
    kind: OwnerKind,
    length: u64,
    owners: u64,
    statistics: &Statistics,
) -> FieldCost {
    let reviews = statistics.reviews_of(kind, owners);
    FieldCost::new(2 * STATEMENT, KEY + length / ROWS_PER_UNIT)
        .with_examined(hundredths(reviews, WITH_FILM))
}

/// Returns the cost of the reviews of this many owners by year.
pub(super) fn per_year(kind: OwnerKind, owners: u64, statistics: &Statistics) -> FieldCost {
    let each = if statistics.has_review_index {
        COMPARED
    } else {
        COUNTED
    };
    let reviews = statistics.reviews_of(kind, owners);
    FieldCost::new(STATEMENT, KEY).with_examined(hundredths(reviews, each))
}

/// Returns the cost of finding quotes among the reviews of this many films.
pub(super) fn quotes(length: u64, films: u64, statistics: &Statistics) -> FieldCost {
    let reviews = statistics.reviews_of(OwnerKind::Film, films);
    FieldCost::new(2 * STATEMENT, KEY + length / ROWS_PER_UNIT)
        .with_examined(hundredths(reviews, COUNTED))
}

/// Returns the cost of comparing this many films with all that their critics like.
pub(super) fn similar_films(length: u64, films: u64, statistics: &Statistics) -> FieldCost {
    let critics = statistics.reviews_of(OwnerKind::Film, films);
    // At most all critics of a film like it, and those with the most reviews are among them. As many reviews of the films
    // that they like are read.
    let reviews = statistics.reviews_of(OwnerKind::Critic, critics);
    FieldCost::new(2 * STATEMENT, KEY * (1 + length))
        .with_examined(compared(reviews.saturating_mul(2), statistics))
}

fn compared(reviews: u64, statistics: &Statistics) -> u64 {
    let each = if statistics.has_review_index {
        COMPARED
    } else {
        COMPARED_BY_STATEMENT
    };
    hundredths(reviews, each)
}
