//! The reviews: a head with the review's number, its details, and its excerpt.

use super::{
    PageReview,
    details::Details,
    error::{PageError, Problem, shorten},
    lines::{self, Line, Rest},
    published::Published,
};

/// Reads the reviews, which are numbered from 1 without gaps, up to the end of the page.
pub(super) fn read(rest: Rest, published: &Published) -> Result<Vec<PageReview>, PageError> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in rest {
        let at_line = |problem| PageError::new(line.number, problem);
        let expected = entries
            .last()
            .map_or(1, |entry| entry.number.saturating_add(1));
        let head = Head::read(&line.text);
        match (head, entries.last_mut()) {
            (Some(head), Some(entry)) if entry.has_as_text(&head, expected, published) => {
                entry.add_text(&line.text);
            }
            (Some(head), _) => entries.push(Entry::open(line, head, expected).map_err(at_line)?),
            (None, Some(entry)) => entry.add(&line.text).map_err(at_line)?,
            (None, None) => {
                return Err(at_line(Problem::unexpected(
                    r#"review 1, such as "1. Reviewed by: …""#,
                    &line.text,
                )));
            }
        }
    }
    Ok(entries.into_iter().map(PageReview::from).collect())
}

/// A line that starts a review: its number and a dot, and then nothing or details.
///
/// Any other text after the dot makes the line part of an excerpt ("2. The second act…"). Details
/// there make it a head even if the number is wrong, so that a review that lost its number can't
/// hide in the excerpt before it.
struct Head<'a> {
    digits: &'a str,
    is_bare: bool,
    details: Result<Details, Problem>,
}

impl<'a> Head<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (digits, rest) = lines::split_list_number(text)?;
        // "8.5" is a number, but nothing else than a head looks like "8.Reviewed by:".
        let is_apart =
            rest.is_empty() || rest.starts_with(' ') || rest.starts_with(char::is_alphabetic);
        let content = rest.trim_start();
        let details = Details::read(content).filter(|_| is_apart)?;
        Some(Self {
            digits,
            is_bare: content.is_empty(),
            details,
        })
    }

    fn number(&self) -> Option<u32> {
        lines::count(self.digits)
    }
}

/// A review while it is being read.
struct Entry {
    line: usize,
    number: u32,
    details: Details,
    excerpt: String,
}

impl Entry {
    fn open(line: &Line, head: Head, expected: u32) -> Result<Self, Problem> {
        if head.number() != Some(expected) {
            return Err(Problem::Number {
                expected,
                found: shorten(head.digits),
            });
        }
        Ok(Self {
            line: line.number,
            number: expected,
            details: head.details?,
            excerpt: String::new(),
        })
    }

    /// Whether a head is the end of a sentence instead ("…the best film of" / "1995."): a number
    /// alone, amid an excerpt, and beyond the reviews of the page.
    fn has_as_text(&self, head: &Head, expected: u32, published: &Published) -> bool {
        let is_beyond = head
            .number()
            .is_none_or(|number| number != expected && number > published.critics);
        head.is_bare && is_beyond && !self.excerpt.is_empty()
    }

    /// Takes over a line that follows the head: of the details as long as there is no excerpt, of
    /// the excerpt after that.
    fn add(&mut self, text: &str) -> Result<(), Problem> {
        match Details::read(text) {
            Some(details) if self.excerpt.is_empty() => self.details.add(details?),
            _ => {
                self.add_text(text);
                Ok(())
            }
        }
    }

    fn add_text(&mut self, text: &str) {
        if !self.excerpt.is_empty() {
            self.excerpt.push('\n');
        }
        self.excerpt.push_str(text);
    }
}

impl From<Entry> for PageReview {
    fn from(entry: Entry) -> Self {
        Self {
            line: entry.line,
            number: entry.number,
            byline: entry.details.byline,
            score: entry.details.score,
            sentiment: None,
            reviewed_on: entry.details.reviewed_on,
            excerpt: (!entry.excerpt.is_empty()).then_some(entry.excerpt),
        }
    }
}
