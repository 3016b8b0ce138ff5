//! The errors of a page.

use thiserror::Error;

use crate::score::{Points, Sentiment};

/// The maximum number of characters that an error quotes from the page.
const MAX_QUOTE_LENGTH: usize = 60;

/// An error on a page, with its line.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {problem}")]
pub struct PageError {
    line: usize,
    problem: Problem,
}

impl PageError {
    pub(super) fn new(line: usize, problem: Problem) -> Self {
        Self { line, problem }
    }

    /// Returns the line of the error, counted from 1. An error of the page as a whole has the line
    /// of the heading. An error about a missing part has the last line that isn't blank.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// Returns the problem on that line.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

/// A problem on a line: what was expected, and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Problem {
    /// A control character that is neither a tab nor part of a line break.
    #[error("expected text, found the control character U+{:04X}", u32::from(*.0))]
    ControlCharacter(char),

    /// A line, or a part of it, that doesn't have the expected form.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// The description of the expected text.
        expected: &'static str,
        /// The text of the page: quoted, escaped, and shortened.
        found: String,
    },

    /// A text that is longer than its limit.
    #[error("expected {what} of at most {limit} characters, found {found} characters")]
    TooLong {
        /// The description of the text.
        what: &'static str,
        /// The maximum number of characters.
        limit: usize,
        /// The number of characters on the page.
        found: usize,
    },

    /// The page ends too early.
    #[error("expected {expected}, found the end of the page")]
    UnexpectedEnd {
        /// The description of the missing part.
        expected: &'static str,
    },

    /// A count whose total differs from the number in the heading.
    #[error(r#"expected "out of {expected}", as the heading says, found "out of {found}""#)]
    WrongTotal {
        /// The number of critics in the heading.
        expected: u32,
        /// The total in the distribution.
        found: u32,
    },

    /// A second count of the same sentiment.
    #[error("expected one count of {} reviews, found a second", sentiment_word(*.0))]
    RepeatedCount(Sentiment),

    /// Counts with a sum above the number of critics, or three counts with a sum below it.
    #[error("expected the distribution to add up to {expected}, found {found}")]
    WrongSum {
        /// The number of critics in the heading.
        expected: u32,
        /// The sum of the counts up to this line.
        found: u64,
    },

    /// A review with another number than the one that follows the number before it.
    #[error("expected review {expected}, found review {found}{}", skipped_note(.skipped.as_ref()))]
    WrongNumber {
        /// The expected number.
        expected: u32,
        /// The number on the page, shortened if it is very long.
        found: String,
        /// The line before with the expected number that is no review; `None` if there is none.
        skipped: Option<NumberedText>,
    },

    /// A second byline, score or date before the excerpt.
    #[error("expected an excerpt or the next review, found a second {0}")]
    RepeatedDetail(&'static str),

    /// A number of reviews that differs from the heading.
    #[error(
        "expected the number of reviews in the heading, {expected}, found {found}; \
         the list ends on line {last_line}"
    )]
    WrongCount {
        /// The number of critics in the heading.
        expected: u32,
        /// The number of reviews that follow.
        found: usize,
        /// The last line that isn't blank, counted from 1.
        last_line: usize,
    },

    /// A distribution that doesn't determine the sentiment of each position.
    #[error(
        "expected the counts of positive and negative reviews, found {found}; \
         pass --unordered (in the API, `unordered: true`) to import the page without them"
    )]
    AmbiguousDistribution {
        /// The description of the distribution.
        found: &'static str,
    },

    /// A score that contradicts the sentiment of the review's position.
    #[error(
        "expected a {sentiment} score, because review {number} of {critics} is among the \
         distribution's {share} {sentiment} reviews, found {found}; \
         pass --unordered (in the API, `unordered: true`) if the page does not list its reviews from best to worst",
        sentiment = sentiment_word(*.expected),
        found = .found.get()
    )]
    MisplacedScore {
        /// The sentiment of the position.
        expected: Sentiment,
        /// The number of the review.
        number: u32,
        /// The number of reviews.
        critics: u32,
        /// The number of reviews of the expected sentiment.
        share: u32,
        /// The score of the review.
        found: Points,
    },

    /// More scores of a sentiment than the distribution allows.
    #[error(
        "expected no more {sentiment} scores than in the distribution ({expected}), \
         found another: {found}",
        sentiment = sentiment_word(*.sentiment),
        found = .found.get()
    )]
    ExcessScore {
        /// The sentiment of the score.
        sentiment: Sentiment,
        /// The maximum number of reviews of that sentiment.
        expected: u32,
        /// The score that exceeds the maximum.
        found: Points,
    },
}

/// A line that begins with a number and is part of an excerpt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedText {
    /// The line, counted from 1.
    pub line: usize,
    /// The number.
    pub number: u32,
    /// The text after the number: quoted, escaped, and shortened.
    pub text: String,
}

/// Returns the end of a message about a line that has the expected number and is no review.
fn skipped_note(skipped: Option<&NumberedText>) -> String {
    let Some(NumberedText { line, number, text }) = skipped else {
        return String::new();
    };
    format!(
        "; line {line} begins with \"{number}.\" and is part of an excerpt, because after the number only \
         a byline (\"Reviewed by: …\"), a score from 0 to 100 or a day may stand, not {text}"
    )
}

impl Problem {
    /// Creates the problem of a text that doesn't have the expected form, and quotes it.
    pub(super) fn unexpected(expected: &'static str, found: &str) -> Self {
        Self::Unexpected {
            expected,
            found: format!("{:?}", shorten(found)),
        }
    }
}

/// Returns the word for a sentiment, in lower case.
pub(super) fn sentiment_word(sentiment: Sentiment) -> &'static str {
    match sentiment {
        Sentiment::Positive => "positive",
        Sentiment::Mixed => "mixed",
        Sentiment::Negative => "negative",
    }
}

/// Returns a text, or its start and an ellipsis if it is too long.
pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTE_LENGTH) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
}
