//! Reads a page of critic reviews, as copied from the web into a text file.
//!
//! A page is a heading (`LABEL - based on N Critics`), the distribution of the reviews over the
//! sentiments, and the reviews, numbered from 1. Each stage is a module, in the order of the page:
//!
//! 1. `lines` takes the text apart and cleans it, so that no later stage sees an odd blank;
//! 2. `heading` and `distribution` read what the page says of itself;
//! 3. `entry` reads the reviews, and `details`, `date` and `byline` what stands before an excerpt;
//! 4. `judgement` holds the reviews against what the page says, and gives them their sentiments.
//!
//! Blanks are tolerated everywhere, contradictions nowhere: a page is either read whole or refused
//! with a [`PageError`] that names the line. Nothing here does I/O.

mod byline;
mod date;
mod details;
mod distribution;
mod entry;
mod error;
mod heading;
mod judgement;
mod lines;
mod published;

#[cfg(test)]
mod tests;

pub use self::{
    byline::Byline,
    error::{PageError, Problem},
    published::Published,
};

use chrono::NaiveDate;

use crate::score::{Points, Sentiment};

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
/// The first thing on the page that is not of the format, or that contradicts the rest of the page:
/// a count that does not add up, a review that is missing, a score that its place does not allow, a
/// distribution that is missing where `order` needs it. The error names the line, what was expected
/// there, and what was found.
pub fn parse(text: &str, order: Order) -> Result<Page, PageError> {
    let lines = lines::read(text)?;
    let mut rest = lines.iter();
    let heading = heading::read(&mut rest)?;
    let published = distribution::read(&mut rest, &heading)?;
    let mut reviews = entry::read(rest, &published)?;

    let last_line = lines.last().map_or(heading.line, |line| line.number);
    judgement::check_count(&reviews, &heading, last_line)?;
    match order {
        Order::BestToWorst => judgement::judge_by_place(&mut reviews, &published, heading.line)?,
        Order::Unordered => judgement::judge_by_score(&mut reviews, &published)?,
    }
    Ok(Page { published, reviews })
}
