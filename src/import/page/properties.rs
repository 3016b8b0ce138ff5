//! Properties of the parser that hold for any text.

use super::{Order, Page, PageError, PageErrors, PageReview, parse};
use crate::{score::Policy, site_rules::SiteRules};

/// The maximum number of reported errors.
const MAX_ERRORS: usize = 100;

/// Checks that a page either has as many reviews as it states, numbered from 1 and in the order of
/// their lines, or has errors that name their lines in order and the expected text.
///
/// # Panics
///
/// Panics when the property doesn't hold.
pub fn a_page_is_valid_or_rejected_within_its_lines(text: &str) {
    let lines = text.replace("\r\n", "\n").split(['\n', '\r']).count();
    for order in [Order::BestToWorst, Order::Unordered] {
        match parse(text, order, &SiteRules::default()) {
            Ok(page) => check_page(&page, lines),
            Err(errors) => check_errors(&errors, lines),
        }
    }
}

fn check_page(page: &Page, lines: usize) {
    let reviews = &page.reviews;
    let numbers = reviews.iter().map(|review| review.number);
    assert!(numbers.eq(1..=page.published.critics), "{page:?}");
    assert!(
        reviews.iter().map(|review| review.line).is_sorted(),
        "{page:?}"
    );
    for PageReview { line, excerpt, .. } in reviews {
        assert!((1..=lines).contains(line), "{page:?}");
        assert!(
            excerpt.as_ref().is_none_or(|text| !text.trim().is_empty()),
            "{page:?}"
        );
    }
}

fn check_errors(errors: &PageErrors, lines: usize) {
    let reported: Vec<_> = errors.as_slice().iter().map(PageError::line).collect();
    assert!((1..=MAX_ERRORS).contains(&reported.len()), "{errors}");
    assert!(reported.is_sorted(), "{errors}");
    assert!(
        reported.iter().all(|line| (1..=lines).contains(line)),
        "{errors}"
    );
    for error in errors.as_slice() {
        assert!(error.to_string().contains("expected"), "{error}");
    }
}

/// Checks that a page that is valid under [`Order::BestToWorst`] is also valid under
/// [`Order::Unordered`], with the same content except for the sentiments.
///
/// # Panics
///
/// Panics when the property doesn't hold.
pub fn an_order_only_adds_sentiments(text: &str) {
    let Ok(mut page) = parse(text, Order::BestToWorst, &SiteRules::default()) else {
        return;
    };
    for review in &mut page.reviews {
        let sentiment = review.sentiment.take();
        review.sentiment = review.score.map(|score| Policy::default().sentiment(score));
        assert!(sentiment.is_some(), "{review:?}");
        assert!(
            review.sentiment.is_none() || review.sentiment == sentiment,
            "{review:?}"
        );
    }
    assert_eq!(
        parse(text, Order::Unordered, &SiteRules::default()),
        Ok(page)
    );
}

/// Checks that the line endings of a page don't change the result.
///
/// # Panics
///
/// Panics when the property doesn't hold.
pub fn line_endings_change_nothing(text: &str) {
    let normalized = text.replace("\r\n", "\n").replace('\r', "\n");
    let result = parse(&normalized, Order::BestToWorst, &SiteRules::default());
    for ending in ["\r\n", "\r"] {
        let text = normalized.replace('\n', ending);
        assert_eq!(
            parse(&text, Order::BestToWorst, &SiteRules::default()),
            result,
            "{ending:?}"
        );
    }
}
