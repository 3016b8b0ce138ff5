//! What holds for any text.

use super::{Order, Page, PageError, PageErrors, PageReview, parse};
use crate::score::Policy;

/// How many errors are told at the most.
const ERRORS: usize = 100;

/// A page has as many reviews as it says, numbered from 1, in the order of their lines; or it is told in what lines, in their order, what
/// was expected.
///
/// # Panics
///
/// When it doesn't hold.
pub fn a_page_is_whole_or_refused_within_its_lines(text: &str) {
    let lines = text.replace("\r\n", "\n").split(['\n', '\r']).count();
    for order in [Order::BestToWorst, Order::Unordered] {
        match parse(text, order) {
            Ok(page) => whole(&page, lines),
            Err(errors) => refused(&errors, lines),
        }
    }
}

fn whole(page: &Page, lines: usize) {
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

fn refused(errors: &PageErrors, lines: usize) {
    let told: Vec<_> = errors.kept().iter().map(PageError::line).collect();
    assert!((1..=ERRORS).contains(&told.len()), "{errors}");
    assert!(told.is_sorted(), "{errors}");
    assert!(
        told.iter().all(|line| (1..=lines).contains(line)),
        "{errors}"
    );
    for error in errors.kept() {
        assert!(error.to_string().contains("expected"), "{error}");
    }
}

/// A page from best to worst is read without its order as well, and the same but for the sentiments.
///
/// # Panics
///
/// When it doesn't hold.
pub fn an_order_adds_nothing_but_sentiments(text: &str) {
    let Ok(mut page) = parse(text, Order::BestToWorst) else {
        return;
    };
    for review in &mut page.reviews {
        let told = review.sentiment.take();
        review.sentiment = review.score.map(|score| Policy::default().sentiment(score));
        assert!(told.is_some(), "{review:?}");
        assert!(
            review.sentiment.is_none() || review.sentiment == told,
            "{review:?}"
        );
    }
    assert_eq!(parse(text, Order::Unordered), Ok(page));
}

/// The same comes of a page whichever way its lines end.
///
/// # Panics
///
/// When it doesn't hold.
pub fn lines_end_as_they_like(text: &str) {
    let plain = text.replace("\r\n", "\n").replace('\r', "\n");
    let outcome = parse(&plain, Order::BestToWorst);
    for ending in ["\r\n", "\r"] {
        let text = plain.replace('\n', ending);
        assert_eq!(parse(&text, Order::BestToWorst), outcome, "{ending:?}");
    }
}
