//! Checks the reviews against the heading and the distribution, and assigns their sentiments.

use std::mem;

use crate::score::{Sentiment, SentimentBands};

use super::{
    Order, PageReview,
    distribution::Distribution,
    entry::ReviewList,
    error::{PageError, Problem},
    errors::ErrorCollector,
    heading::Heading,
    published::Published,
};

/// Checks that the counts, the heading and the list agree. The list ends on `last_line`. Returns
/// whether the list has as many reviews as the heading says; `None` if that is uncertain.
///
/// If all counts have the same total and the heading has another, the number in the heading may be
/// the wrong one, unless the list confirms it. Then only the first of these counts is reported, and
/// no error that would be none with their total.
pub(super) fn check_counts(
    heading: &Heading,
    distribution: &mut Distribution,
    list: Option<&ReviewList>,
    last_line: usize,
    errors: &mut ErrorCollector,
) -> Option<bool> {
    let list_count = list.and_then(ReviewList::count);
    let other_total = distribution
        .totals
        .contradicting_total(heading.critics)
        .filter(|_| list_count.is_none() || list_count != heading.critics);
    let wrong_totals = mem::take(&mut distribution.totals.errors);
    if other_total.is_some() {
        errors.extend(wrong_totals.into_first());
    } else {
        errors.merge(wrong_totals);
        errors.extend(distribution.sum.take());
    }
    errors.extend(distribution.end.take().filter(|_| other_total != Some(0)));

    let (expected, list, list_count) = (heading.critics?, list?, list_count?);
    if list_count != expected && other_total != Some(list_count) {
        let problem = Problem::WrongCount {
            expected,
            found: list.reviews.len(),
            last_line,
        };
        errors.push(PageError::new(heading.line, problem));
    }
    Some(list_count == expected)
}

/// Assigns each review its sentiment, and checks that its score agrees with the distribution. `bands`
/// are those by which scores count as sentiments. Does
/// nothing if the distribution or the numbering has an error.
pub(super) fn assign_sentiments(
    list: &mut ReviewList,
    distribution: &Distribution,
    (order, bands): (Order, SentimentBands),
    errors: &mut ErrorCollector,
) {
    if !list.numbering.is_correct() || !distribution.is_valid {
        return;
    }
    let (reviews, published) = (&mut list.reviews, &distribution.published);
    match order {
        Order::BestToWorst if published.is_determined() => {
            assign_by_position(reviews, published, bands, errors);
        }
        Order::BestToWorst => {}
        Order::Unordered => assign_by_score(reviews, published, bands, errors),
    }
}

/// Checks that the distribution determines the sentiment of each position. `has_count` is whether
/// the list has as many reviews as the heading says; `None` if that is uncertain. If it hasn't, the
/// heading may be wrong, and only a distribution without any count is reported.
pub(super) fn check_distribution(
    heading: &Heading,
    distribution: &Distribution,
    list: &ReviewList,
    has_count: Option<bool>,
    errors: &mut ErrorCollector,
) {
    let published = &distribution.published;
    let is_missing = published.has_no_distribution();
    let is_certain = has_count != Some(false) || (is_missing && !list.reviews.is_empty());
    let is_readable = distribution.is_valid && distribution.is_complete;
    if is_readable && is_certain && !published.is_determined() {
        let description = if is_missing {
            "no distribution"
        } else {
            "only part of the distribution"
        };
        let problem = Problem::AmbiguousDistribution { found: description };
        errors.push(PageError::new(heading.line, problem));
    }
}

/// Assigns each review the sentiment of its position, on a page from best to worst. Reports a score
/// that contradicts it.
fn assign_by_position(
    reviews: &mut [PageReview],
    published: &Published,
    bands: SentimentBands,
    errors: &mut ErrorCollector,
) {
    for review in reviews {
        let expected = sentiment_at(review.number, published);
        if let Some(score) = review
            .score
            .filter(|score| bands.sentiment(*score) != expected)
        {
            let problem = Problem::MisplacedScore {
                expected,
                number: review.number,
                critics: published.critics,
                share: published.max_count(expected),
                found: score,
            };
            errors.push(PageError::new(review.line, problem));
        }
        review.sentiment = Some(expected);
    }
}

/// Returns the sentiment of a position: the first are positive, the last negative, and those
/// between mixed.
fn sentiment_at(number: u32, published: &Published) -> Sentiment {
    let last_mixed = published
        .critics
        .saturating_sub(published.max_count(Sentiment::Negative));
    if number <= published.max_count(Sentiment::Positive) {
        Sentiment::Positive
    } else if number <= last_mixed {
        Sentiment::Mixed
    } else {
        Sentiment::Negative
    }
}

/// Assigns each review the sentiment of its score. Reports each score beyond the page's count for
/// its sentiment.
fn assign_by_score(
    reviews: &mut [PageReview],
    published: &Published,
    bands: SentimentBands,
    errors: &mut ErrorCollector,
) {
    let mut positive = published.max_count(Sentiment::Positive);
    let mut mixed = published.max_count(Sentiment::Mixed);
    let mut negative = published.max_count(Sentiment::Negative);
    for review in reviews {
        let Some(score) = review.score else { continue };
        let sentiment = bands.sentiment(score);
        let remaining = match sentiment {
            Sentiment::Positive => &mut positive,
            Sentiment::Mixed => &mut mixed,
            Sentiment::Negative => &mut negative,
        };
        match remaining.checked_sub(1) {
            Some(count) => *remaining = count,
            None => errors.push(PageError::new(
                review.line,
                Problem::ExcessScore {
                    sentiment,
                    expected: published.max_count(sentiment),
                    found: score,
                },
            )),
        }
        review.sentiment = Some(sentiment);
    }
}
