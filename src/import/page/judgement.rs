//! Holds the reviews against what the page says of itself, and gives them their sentiments.

use std::mem;

use crate::score::{Policy, Sentiment};

use super::{
    Order, PageReview,
    distribution::Distribution,
    entry::List,
    error::{PageError, Problem},
    errors::Found,
    heading::Heading,
    published::Published,
};

/// Checks that the counts and the heading agree with one another and with the list, which ends on
/// `last_line`. Answers whether the list has as many reviews as the heading says; `None` if that
/// can't be told.
///
/// If all counts say that they are out of another number than the heading's, one wrong number in
/// the heading is as likely, unless the list has the heading's. Then only the first of them is
/// told, and nothing that would be right with their number.
pub(super) fn check_counts(
    heading: &Heading,
    distribution: &mut Distribution,
    list: Option<&List>,
    last_line: usize,
    found: &mut Found,
) -> Option<bool> {
    let listed = list.and_then(List::count);
    let rival = distribution
        .totals
        .rival(heading.critics)
        .filter(|_| listed.is_none() || listed != heading.critics);
    let wrong_totals = mem::take(&mut distribution.totals.wrong);
    if rival.is_some() {
        found.extend(wrong_totals.into_first());
    } else {
        found.merge(wrong_totals);
        found.extend(distribution.sum.take());
    }
    found.extend(distribution.end.take().filter(|_| rival != Some(0)));

    let (expected, list, listed) = (heading.critics?, list?, listed?);
    if listed != expected && rival != Some(listed) {
        let problem = Problem::Count {
            expected,
            found: list.reviews.len(),
            last_line,
        };
        found.push(PageError::new(heading.line, problem));
    }
    Some(listed == expected)
}

/// Gives each review its sentiment, and checks that its score agrees with the distribution. That is
/// only known if nothing in the distribution, the numbers and their count is wrong.
pub(super) fn judge(list: &mut List, distribution: &Distribution, order: Order, found: &mut Found) {
    if !list.numbering.is_right() || !distribution.is_sound {
        return;
    }
    let (reviews, published) = (&mut list.reviews, &distribution.published);
    match order {
        Order::BestToWorst if published.is_settled() => judge_by_place(reviews, published, found),
        Order::BestToWorst => {}
        Order::Unordered => judge_by_score(reviews, published, found),
    }
}

/// Checks that the distribution tells the sentiment of each place. `has_count` says whether the
/// list has as many reviews as the heading says, if it is known: else the heading may be wrong, and
/// only that there is no distribution at all is certain.
pub(super) fn check_distribution(
    heading: &Heading,
    distribution: &Distribution,
    list: &List,
    has_count: Option<bool>,
    found: &mut Found,
) {
    let published = &distribution.published;
    let has_none = published.has_no_distribution();
    let is_certain = has_count != Some(false) || (has_none && !list.reviews.is_empty());
    let is_read = distribution.is_sound && distribution.is_whole;
    if is_read && is_certain && !published.is_settled() {
        let found_counts = if has_none {
            "no distribution"
        } else {
            "only a part of it"
        };
        let problem = Problem::Unsettled {
            found: found_counts,
        };
        found.push(PageError::new(heading.line, problem));
    }
}

/// Gives each review the sentiment of its place on a page that goes from best to worst. A score
/// must agree with it.
fn judge_by_place(reviews: &mut [PageReview], published: &Published, found: &mut Found) {
    let policy = Policy::default();
    for review in reviews {
        let expected = sentiment_at(review.number, published);
        if let Some(score) = review
            .score
            .filter(|score| policy.sentiment(*score) != expected)
        {
            let problem = Problem::Place {
                expected,
                number: review.number,
                critics: published.critics,
                share: published.most(expected),
                found: score,
            };
            found.push(PageError::new(review.line, problem));
        }
        review.sentiment = Some(expected);
    }
}

/// The sentiment of a place: the first ones are positive, the last ones negative, and what is
/// between them mixed.
fn sentiment_at(number: u32, published: &Published) -> Sentiment {
    let last_mixed = published
        .critics
        .saturating_sub(published.most(Sentiment::Negative));
    if number <= published.most(Sentiment::Positive) {
        Sentiment::Positive
    } else if number <= last_mixed {
        Sentiment::Mixed
    } else {
        Sentiment::Negative
    }
}

/// Gives each review the sentiment of its score. There can't be more of one sentiment than the page
/// says.
fn judge_by_score(reviews: &mut [PageReview], published: &Published, found: &mut Found) {
    let policy = Policy::default();
    let mut positive = published.most(Sentiment::Positive);
    let mut mixed = published.most(Sentiment::Mixed);
    let mut negative = published.most(Sentiment::Negative);
    for review in reviews {
        let Some(score) = review.score else { continue };
        let sentiment = policy.sentiment(score);
        let left = match sentiment {
            Sentiment::Positive => &mut positive,
            Sentiment::Mixed => &mut mixed,
            Sentiment::Negative => &mut negative,
        };
        match left.checked_sub(1) {
            Some(fewer) => *left = fewer,
            None => found.push(PageError::new(
                review.line,
                Problem::Share {
                    sentiment,
                    expected: published.most(sentiment),
                    found: score,
                },
            )),
        }
        review.sentiment = Some(sentiment);
    }
}
