//! Holds the reviews against what the page says of itself, and gives them their sentiments.

use crate::score::{Policy, Sentiment};

use super::{
    PageReview,
    error::{PageError, Problem},
    heading::Heading,
    published::Published,
};

/// Checks that the page has as many reviews as its heading says; `last_line` is where the list
/// ended.
pub(super) fn check_count(
    reviews: &[PageReview],
    heading: &Heading,
    last_line: usize,
) -> Result<(), PageError> {
    if u32::try_from(reviews.len()) == Ok(heading.critics) {
        return Ok(());
    }
    let problem = Problem::Count {
        expected: heading.critics,
        found: reviews.len(),
        last_line,
    };
    Err(PageError::new(heading.line, problem))
}

/// Gives each review the sentiment of its place on a page that goes from best to worst. A score
/// must agree with it.
pub(super) fn judge_by_place(
    reviews: &mut [PageReview],
    published: &Published,
    heading_line: usize,
) -> Result<(), PageError> {
    if !published.is_settled() {
        let found = if published.has_no_distribution() {
            "no distribution"
        } else {
            "only a part of it"
        };
        return Err(PageError::new(heading_line, Problem::Unsettled { found }));
    }
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
            return Err(PageError::new(review.line, problem));
        }
        review.sentiment = Some(expected);
    }
    Ok(())
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
pub(super) fn judge_by_score(
    reviews: &mut [PageReview],
    published: &Published,
) -> Result<(), PageError> {
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
        *left = left.checked_sub(1).ok_or_else(|| {
            let problem = Problem::Share {
                sentiment,
                expected: published.most(sentiment),
                found: score,
            };
            PageError::new(review.line, problem)
        })?;
        review.sentiment = Some(sentiment);
    }
    Ok(())
}
