//! The cost of the reviews that filters, policies and histories examine.

use async_graphql::{InputType, parser::types::Field};

use super::{COUNTED, FieldContext, List, OF_HISTORY, argument, hundredths};
use crate::{
    graphql::{
        price::Price,
        scalar::Date,
        types::{review::filter::ReviewFilterInput, scoring_policy::ScoringPolicyInput},
    },
    review::{
        counting::Counting, filter::ReviewFilter, owner::OwnerKind, statistics::Statistics,
        store::page::MAX_FEW,
    },
    score::{Policy, Weighting},
};

/// Returns the cost of examining all reviews of the owners of a score.
pub(super) fn examined_of_score(list: Option<List<'_>>, context: FieldContext<'_>) -> u64 {
    match list.map(|list| list.price) {
        Some(Price::Score(kind)) => hundredths(
            context.statistics.reviews_of(kind, context.objects),
            COUNTED,
        ),
        _ => 0,
    }
}

/// Returns the cost of the histories of this many owners.
pub(super) fn examined_of_history(
    kind: OwnerKind,
    counting: &Counting,
    owners: u64,
    statistics: &Statistics,
) -> u64 {
    let filter = counting.as_filter();
    let is_indexed = filter.is_some_and(|filter| is_indexed(kind, filter, statistics));
    let each = if is_indexed { 2 } else { OF_HISTORY };
    hundredths(statistics.reviews_of(kind, owners), each)
}

/// Returns the cost of counting the reviews of this many owners.
pub(super) fn count_reviews(
    kind: OwnerKind,
    counting: &Counting,
    owners: u64,
    statistics: &Statistics,
) -> u64 {
    match counting.as_filter() {
        Some(filter) => count_filtered(kind, filter, owners, statistics),
        // Only the database has all that counts.
        None => hundredths(statistics.reviews_of(kind, owners), COUNTED),
    }
}

/// Returns the cost of counting the reviews of this many owners that match a filter.
pub(super) fn count_filtered(
    kind: OwnerKind,
    filter: &ReviewFilter,
    owners: u64,
    statistics: &Statistics,
) -> u64 {
    let reviews = statistics.reviews_of(kind, owners);
    let each = if is_indexed(kind, filter, statistics) {
        1
    } else {
        COUNTED
    };
    hundredths(reviews, each)
}

/// Returns the cost of the reviews that are examined for the pages of this many owners.
pub(super) fn author_pages(
    kind: OwnerKind,
    filter: &ReviewFilter,
    page: u64,
    owners: u64,
    statistics: &Statistics,
) -> u64 {
    let all = statistics.reviews_of(kind, owners);
    if is_indexed(kind, filter, statistics) {
        return hundredths(all, 1);
    }
    let until_full = until_full(filter, page, statistics);
    let rows = until_full.map_or(all, |rows| rows.saturating_mul(owners).min(all));
    hundredths(rows, 20)
}

/// Returns whether the reviews of owners that match a filter are found in memory.
pub(super) fn is_indexed(kind: OwnerKind, filter: &ReviewFilter, statistics: &Statistics) -> bool {
    statistics.has_review_index
        && kind != OwnerKind::Film
        && filter.author().is_none()
        && !filter.rest.is_given()
}

/// Returns the number of reviews that are sorted for a page, if few match its filter; `None` if the order's index is
/// used.
pub(super) fn sorted_reviews(filter: &ReviewFilter, statistics: &Statistics) -> Option<u64> {
    Some(statistics.matching(filter)).filter(|reviews| *reviews <= MAX_FEW)
}

/// Returns the number of reviews among which as many match a filter as a page has, if they are spread evenly. `None` if
/// the statistics don't tell.
pub(super) fn until_full(filter: &ReviewFilter, page: u64, statistics: &Statistics) -> Option<u64> {
    if filter.author().is_some() || filter.rest.is_given() {
        return None;
    }
    let all = statistics.reviews();
    let matching = statistics.matching(filter).max(1);
    Some((page + 1).saturating_mul(all) / matching).map(|rows| rows.min(all))
}

/// Returns the filter of reviews of a field; `None` if it has none, or an invalid one, which the field reports.
pub(super) fn review_filter(field: &Field) -> Option<ReviewFilter> {
    let value = argument(field, "filter")?.clone().into_const()?;
    let input = <Option<ReviewFilterInput> as InputType>::parse(Some(value)).ok()?;
    // The statistics count by sentiment. So the bands don't matter.
    let bands = Policy::default().bands();
    let filter = ReviewFilterInput::parse(input, bands).ok()?;
    Some(filter).filter(|filter| !filter.is_empty())
}

/// Returns which reviews count for a score; `None` if all do, or an argument is invalid, which the field reports.
pub(super) fn counting(field: &Field) -> Option<Counting> {
    let as_of: Option<Date> = input(field, "asOf")?;
    let counting = Counting::of_filter(review_filter(field).unwrap_or_default());
    let counting = counting.within(None, as_of.map(|day| day.0));
    let policy: Option<ScoringPolicyInput> = input(field, "policy")?;
    let counting = match policy {
        Some(policy) => policy.estimated_counting(counting),
        None => counting,
    };
    Some(counting).filter(|counting| !counting.is_default())
}

/// Returns whether all reviews of a score without custom weights count alike, by its policy or by that of the site. Stored
/// sums are those of other weights.
pub(super) fn is_equal(field: &Field, statistics: &Statistics) -> bool {
    let policy: Option<ScoringPolicyInput> = input(field, "policy").unwrap_or_default();
    let weighting = policy.and_then(|policy| policy.weighting());
    weighting.unwrap_or(statistics.weighting) == Weighting::Equal
}

/// Returns the value of an argument, as if it were null without one; `None` if it is invalid.
pub(super) fn input<T: InputType>(field: &Field, name: &str) -> Option<T> {
    let value = match argument(field, name) {
        Some(value) => Some(value.clone().into_const()?),
        None => None,
    };
    T::parse(value).ok()
}
