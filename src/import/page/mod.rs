//! Parses a page of critic reviews, as copied from the web into a text file.
//!
//! A page is a heading (`LABEL - based on N Critics`), the distribution of the reviews over the
//! sentiments, and the reviews, numbered from 1. Each stage is a module, in the order of the page:
//!
//! 1. `lines` splits the text into lines and normalizes their whitespace;
//! 2. `heading` and `distribution` parse the label and the counts;
//! 3. `entry` parses the reviews, `numbering` checks their numbers, and `details`, `date` and
//!    `byline` parse the lines before an excerpt;
//! 4. `validation` checks the reviews against the counts, and assigns their sentiments.
//!
//! Extra whitespace is allowed everywhere, contradictions nowhere. A page is either parsed as a
//! whole or rejected with [`PageErrors`]; each error names its line. Nothing here does I/O.
//!
//! A parse reports all independent errors at once, and no consequential errors. After an error, a
//! stage continues with every meaning that the page may have once the error is corrected, and
//! reports only what is wrong in all of them. What depends on the correction is left to the next
//! parse.

mod byline;
mod date;
mod details;
mod distribution;
mod entry;
mod error;
mod errors;
mod heading;
mod lines;
mod numbering;
#[cfg(any(test, feature = "properties"))]
pub mod properties;
mod published;
mod validation;

#[cfg(test)]
mod tests;

pub use self::{
    byline::Byline,
    error::{NumberedText, PageError, Problem},
    errors::PageErrors,
    published::Published,
};

use chrono::NaiveDate;

use crate::{
    score::{Points, Sentiment},
    site_rules::SiteRules,
    text,
};

use self::errors::ErrorCollector;

/// A valid page: the label, the counts and the reviews.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The label and the counts, as the page states them.
    pub published: Published,
    /// The reviews in the order of the page; their number is [`Published::critics`].
    pub reviews: Vec<PageReview>,
}

/// One review of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageReview {
    /// The line of the review's number, counted from 1.
    pub line: usize,
    /// The number of the review on the page, counted from 1 without gaps.
    pub number: u32,
    /// The text after "Reviewed by:"; `None` if there is none.
    pub byline: Option<Byline>,
    /// The score, 0 to 100; `None` if the page has none.
    pub score: Option<Points>,
    /// The sentiment: by the review's position under [`Order::BestToWorst`], by its score under
    /// [`Order::Unordered`]. `None` only for a review without a score under [`Order::Unordered`].
    pub sentiment: Option<Sentiment>,
    /// The day of the review; `None` if the page has none.
    pub reviewed_on: Option<NaiveDate>,
    /// The excerpt, never empty; `None` if there is none. Each run of whitespace is one space, and
    /// the lines of the page are separated by one newline.
    pub excerpt: Option<String>,
}

/// The order of the reviews on a page, which decides how they get their sentiments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// From best to worst: the distribution and the position determine the sentiment.
    #[default]
    BestToWorst,
    /// In no particular order: only the score determines the sentiment.
    Unordered,
}

/// Parses a page under the rules of the site.
///
/// # Errors
///
/// Returns everything on the page that doesn't follow the format or contradicts the rest of the
/// page: counts that don't add up, a missing review, a score that its position doesn't allow, a
/// missing distribution where `order` needs it. Each error names the line, what was expected there,
/// and what was found. Errors that may only be a consequence of another error are left to the next
/// parse.
pub fn parse(text: &str, order: Order, rules: &SiteRules) -> Result<Page, PageErrors> {
    let mut errors = ErrorCollector::default();
    let lines = lines::read(text, &mut errors);
    let mut remaining_lines = lines.iter();
    let heading = heading::read(&mut remaining_lines, &mut errors);
    let mut distribution = distribution::read(&mut remaining_lines, &heading, &mut errors);
    let critics = distribution.certain_critics(&heading);
    let list = distribution.list.take();
    let date_order = rules.reading.date_order;
    let mut list = list
        .map(|numbering| entry::read(remaining_lines, critics, date_order, numbering, &mut errors));

    let last_line = lines.last().map_or(heading.line, |line| line.number);
    let has_count = validation::check_counts(
        &heading,
        &mut distribution,
        list.as_ref(),
        last_line,
        &mut errors,
    );
    if let Some(list) = &mut list {
        if order == Order::BestToWorst {
            validation::check_distribution(&heading, &distribution, list, has_count, &mut errors);
        }
        if has_count == Some(true) {
            let bands = rules.policy.bands();
            validation::assign_sentiments(list, &distribution, (order, bands), &mut errors);
        }
    }
    let page = Page {
        published: distribution.published,
        reviews: list.map_or_else(Vec::new, |list| list.reviews),
    };
    // With other errors, a text may only be too long because its end wasn't recognized.
    if errors.is_empty() {
        check_lengths(&page, heading.line, &mut errors);
    }
    errors.into_result(page)
}

/// Checks the lengths of the stored texts. `details` checks those of bylines.
fn check_lengths(page: &Page, heading: usize, errors: &mut ErrorCollector) {
    let label = (
        heading,
        "a label",
        text::MAX_NAME_LENGTH,
        page.published.label.as_str(),
    );
    let excerpts = page.reviews.iter().filter_map(|review| {
        let excerpt = review.excerpt.as_deref()?;
        Some((review.line, "an excerpt", text::MAX_PASSAGE_LENGTH, excerpt))
    });
    for (line, description, limit, text) in std::iter::once(label).chain(excerpts) {
        if let Err(length) = text::check_normalized_length(text, limit) {
            let problem = Problem::TooLong {
                what: description,
                limit,
                found: length,
            };
            errors.push(PageError::new(line, problem));
        }
    }
}
