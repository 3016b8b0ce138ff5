//! Reads a page of critic reviews, as copied from the web into a text file.
//!
//! A page is a heading (`LABEL - based on N Critics`), the distribution of the reviews over the
//! sentiments, and the reviews, numbered from 1. Each stage is a module, in the order of the page:
//!
//! 1. `lines` takes the text apart and cleans it, so that no later stage sees an odd blank;
//! 2. `heading` and `distribution` read what the page says of itself;
//! 3. `entry` reads the reviews, `numbering` follows their numbers, and `details`, `date` and
//!    `byline` read what stands before an excerpt;
//! 4. `judgement` holds the reviews against what the page says, and gives them their sentiments.
//!
//! Blanks are tolerated everywhere, contradictions nowhere: a page is either read whole or refused
//! with [`PageErrors`], each of which names its line. Nothing here does I/O.
//!
//! Everything that is wrong is told at once, and nothing that is wrong only because of something
//! else: a stage that has found an error goes on with all that the page may mean once it is mended,
//! and tells what is wrong with each of them. What can be known only afterwards is told by the
//! next parse.

mod byline;
mod date;
mod details;
mod distribution;
mod entry;
mod error;
mod errors;
mod heading;
mod judgement;
#[cfg(any(test, feature = "laws"))]
pub mod laws;
mod lines;
mod numbering;
mod published;

#[cfg(test)]
mod tests;

pub use self::{
    byline::Byline,
    error::{PageError, Problem},
    errors::PageErrors,
    published::Published,
};

use chrono::NaiveDate;

use crate::{
    score::{Points, Sentiment},
    text,
};

use self::errors::Found;

/// A whole page: what it says of the film, and the reviews that it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The label and the counts, as the page states them.
    pub published: Published,
    /// The reviews in the order of the page; as many as [`Published::critics`] says.
    pub reviews: Vec<PageReview>,
}

/// One review of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageReview {
    /// The line of the review's number, counted from 1.
    pub line: usize,
    /// The number that the page gives the review: 1 for the first, and one more for each that
    /// follows.
    pub number: u32,
    /// What stands after "Reviewed by:"; `None` if nothing does.
    pub byline: Option<Byline>,
    /// The score, 0 to 100; `None` if the page gives none.
    pub score: Option<Points>,
    /// The sentiment, by the review's place under [`Order::BestToWorst`], by its score under
    /// [`Order::Unordered`]; `None` only for a review without a score under the latter.
    pub sentiment: Option<Sentiment>,
    /// The day that the page gives the review; `None` if it gives none.
    pub reviewed_on: Option<NaiveDate>,
    /// The excerpt, never empty; `None` if there is none. Runs of blanks are one space, and lines
    /// that were apart on the page are parted by one newline.
    pub excerpt: Option<String>,
}

/// Whether the place of a review on the page says what its sentiment is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// The page lists its reviews from best to worst, so that its distribution tells the sentiment
    /// of each.
    #[default]
    BestToWorst,
    /// The places say nothing: only a score gives a review a sentiment.
    Unordered,
}

/// Reads a page.
///
/// # Errors
///
/// Everything on the page that is not of the format, or that contradicts the rest of the page: a
/// count that does not add up, a review that is missing, a score that its place does not allow, a
/// distribution that is missing where `order` needs it. Each error names the line, what was
/// expected there, and what was found. What may be wrong only because of another error is left to
/// the next parse.
pub fn parse(text: &str, order: Order) -> Result<Page, PageErrors> {
    let mut found = Found::default();
    let lines = lines::read(text, &mut found);
    let mut rest = lines.iter();
    let heading = heading::read(&mut rest, &mut found);
    let mut distribution = distribution::read(&mut rest, &heading, &mut found);
    let critics = distribution.certain_critics(&heading);
    let list = distribution.list.take();
    let mut list = list.map(|numbering| entry::read(rest, critics, numbering, &mut found));

    let last_line = lines.last().map_or(heading.line, |line| line.number);
    let has_count = judgement::check_counts(
        &heading,
        &mut distribution,
        list.as_ref(),
        last_line,
        &mut found,
    );
    if let Some(list) = &mut list {
        if order == Order::BestToWorst {
            judgement::check_distribution(&heading, &distribution, list, has_count, &mut found);
        }
        if has_count == Some(true) {
            judgement::judge(list, &distribution, order, &mut found);
        }
    }
    let page = Page {
        published: distribution.published,
        reviews: list.map_or_else(Vec::new, |list| list.reviews),
    };
    // A text may be too long only because something above is wrong that parts it.
    if found.is_empty() {
        check_lengths(&page, heading.line, &mut found);
    }
    found.into_result(page)
}

/// Checks the texts that are stored. Those of bylines are checked where they are read.
fn check_lengths(page: &Page, heading: usize, found: &mut Found) {
    let label = (
        heading,
        "a label",
        text::NAME,
        page.published.label.as_str(),
    );
    let excerpts = page.reviews.iter().filter_map(|review| {
        let excerpt = review.excerpt.as_deref()?;
        Some((review.line, "an excerpt", text::PASSAGE, excerpt))
    });
    for (line, what, limit, text) in std::iter::once(label).chain(excerpts) {
        if let Err(found_length) = text::check_normalised_length(text, limit) {
            let problem = Problem::TooLong {
                what,
                limit,
                found: found_length,
            };
            found.push(PageError::new(line, problem));
        }
    }
}
