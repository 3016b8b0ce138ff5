//! Why a page was refused.

use thiserror::Error;

use crate::score::{Points, Sentiment};

/// How many characters of the page an error quotes at most.
const LONGEST_QUOTE: usize = 60;

/// Something on a page that is not as it must be, with its line.
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

    /// The line that the error is about, counted from 1. What concerns the page as a whole is told
    /// at its heading, and the lack of something more at the last line that isn't blank.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// What is wrong there.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

/// What was expected on a line, and what was found instead.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Problem {
    /// A control character that isn't a tab or part of a line's end: the file isn't text.
    #[error("expected text, found the control character U+{:04X}", u32::from(*.0))]
    ControlCharacter(char),

    /// A line, or the part of a line, that is of another form than what belongs there.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// What belongs there, in words.
        expected: &'static str,
        /// What stands there: quoted, escaped, and shortened.
        found: String,
    },

    /// A text that is longer than it may be stored.
    #[error("expected {what} of at most {limit} characters, found one of {found}")]
    TooLong {
        /// What it is, in words.
        what: &'static str,
        /// How many characters it may have.
        limit: usize,
        /// How many it has.
        found: usize,
    },

    /// The page ends too early.
    #[error("expected {expected}, found the end of the page")]
    Ended {
        /// What belongs there, in words.
        expected: &'static str,
    },

    /// A count "out of" another number of reviews than the heading's.
    #[error(r#"expected "out of {expected}", as the heading says, found "out of {found}""#)]
    Total {
        /// The number of critics in the heading.
        expected: u32,
        /// The number in the distribution.
        found: u32,
    },

    /// A second count of the same sentiment.
    #[error("expected one count of {} reviews, found a second", word(*.0))]
    RepeatedCount(Sentiment),

    /// Counts that add up to more than all reviews, or all three to fewer.
    #[error("expected the distribution to add up to {expected}, found {found}")]
    Sum {
        /// The number of critics in the heading.
        expected: u32,
        /// The sum of the counts up to this line.
        found: u64,
    },

    /// A review with another number than the one that follows the number before it.
    #[error("expected review {expected}, found review {found}")]
    Number {
        /// The number that comes next.
        expected: u32,
        /// The number on the page, shortened if it is very long.
        found: String,
    },

    /// A second byline, score or date before the excerpt.
    #[error("expected an excerpt or the next review, found a second {0}")]
    RepeatedDetail(&'static str),

    /// Another number of reviews than the heading's.
    #[error(
        "expected as many reviews as the heading says, {expected}, found {found}; \
         the list ends on line {last_line}"
    )]
    Count {
        /// The number of critics in the heading.
        expected: u32,
        /// The number of reviews that follow.
        found: usize,
        /// The last line that isn't blank, counted from 1.
        last_line: usize,
    },

    /// Too little said about the distribution to tell a review's sentiment by its place.
    #[error(
        "expected how many reviews are positive and how many negative, found {found}; \
         pass --unordered to read the page without"
    )]
    Unsettled {
        /// What is said, in words.
        found: &'static str,
    },

    /// A score that contradicts the sentiment of the review's place.
    #[error(
        "expected a {sentiment} score, as review {number} of {critics} is among the distribution's \
         {share} {sentiment}, found {found}; \
         pass --unordered if the page does not go from best to worst",
        sentiment = word(*.expected),
        found = .found.get()
    )]
    Place {
        /// The sentiment of the place.
        expected: Sentiment,
        /// The review's number.
        number: u32,
        /// How many reviews there are.
        critics: u32,
        /// How many of them are of the expected sentiment.
        share: u32,
        /// The review's score.
        found: Points,
    },

    /// More scores of a sentiment than the distribution has reviews of it.
    #[error(
        "expected no more {sentiment} scores than the distribution's {expected}, \
         found another: {found}",
        sentiment = word(*.sentiment),
        found = .found.get()
    )]
    Share {
        /// The sentiment of the score.
        sentiment: Sentiment,
        /// How many reviews can be of it.
        expected: u32,
        /// A score beyond that.
        found: Points,
    },
}

impl Problem {
    /// What stands on the page, quoted, instead of what belongs there.
    pub(super) fn unexpected(expected: &'static str, found: &str) -> Self {
        Self::Unexpected {
            expected,
            found: format!("{:?}", shorten(found)),
        }
    }
}

/// The sentiment as pages and people write it.
pub(super) fn word(sentiment: Sentiment) -> &'static str {
    match sentiment {
        Sentiment::Positive => "positive",
        Sentiment::Mixed => "mixed",
        Sentiment::Negative => "negative",
    }
}

/// The start of a text, with an ellipsis if it goes on.
pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
}
