//! The lines of the distribution.

use crate::{
    import::page::{
        entry::EntryHead,
        error::sentiment_word,
        lines::{self, Line},
    },
    score::Sentiment,
};

const CAPTION: &str = "Critic score distribution";

const REVIEWS_CAPTION: &str = "Critic Reviews";

/// The kind of a line above the reviews.
#[derive(Debug)]
pub enum LineKind {
    /// The caption of the distribution.
    Caption,
    /// The caption of the reviews.
    ReviewsCaption,
    /// A count.
    Count(SentimentCount),
    /// The head of a review, with at least one detail.
    Head {
        /// The number of the review; `None` if it exceeds [`u32::MAX`].
        number: Option<u32>,
        /// Whether the line has letters, so that it can't be a count without its word.
        has_text: bool,
    },
    /// A line that starts like a count and isn't one.
    MalformedCount,
    /// Any other line.
    Other,
}

impl LineKind {
    /// Returns the kind of a line: that of its first reading that can only follow a heading, or
    /// else that of its first reading.
    pub fn of(line: &Line) -> Self {
        // The number of a head with a control character is unreliable.
        let mut parts = line.readings().map(|text| match Self::read(text) {
            Self::Head { .. } if line.is_damaged() => Self::Other,
            kind => kind,
        });
        let first = parts.next().unwrap_or(Self::Other);
        if first.is_only_below_a_heading() {
            return first;
        }
        parts.find(Self::is_only_below_a_heading).unwrap_or(first)
    }

    /// Returns whether such a line can only follow the heading.
    pub fn is_only_below_a_heading(&self) -> bool {
        !matches!(self, Self::MalformedCount | Self::Other)
    }

    pub(super) fn read(text: &str) -> Self {
        if lines::is_caption(text, REVIEWS_CAPTION) {
            return Self::ReviewsCaption;
        }
        if lines::is_caption(text, CAPTION) {
            return Self::Caption;
        }
        if let Some(count) = SentimentCount::read(text) {
            return Self::Count(count);
        }
        // A number alone may also be the number of a count.
        if let Some(head) = EntryHead::read(text, None).filter(|head| !head.is_bare) {
            return Self::Head {
                number: head.number(),
                has_text: text.contains(char::is_alphabetic),
            };
        }
        let is_like_a_count = |text: &str| text.contains(|c: char| c == ':' || c.is_ascii_digit());
        if SentimentCount::split(text).is_some_and(|(_, rest)| is_like_a_count(rest)) {
            Self::MalformedCount
        } else {
            Self::Other
        }
    }
}

/// A count of the distribution.
#[derive(Debug)]
pub struct SentimentCount {
    pub(super) sentiment: Sentiment,
    pub(super) count: u32,
    pub(super) total: u32,
}

impl SentimentCount {
    pub(super) fn read(text: &str) -> Option<Self> {
        let (sentiment, rest) = Self::split(text)?;
        let words: Vec<_> = rest
            .trim_start()
            .strip_prefix(':')?
            .split_whitespace()
            .collect();
        match words[..] {
            [count, first, second, total]
                if first.eq_ignore_ascii_case("out") && second.eq_ignore_ascii_case("of") =>
            {
                Some(Self {
                    sentiment,
                    count: lines::count(count)?,
                    total: lines::count(total)?,
                })
            }
            _ => None,
        }
    }

    /// Returns the sentiment at the start of a text, and the text after it.
    fn split(text: &str) -> Option<(Sentiment, &str)> {
        let text = lines::split_list_number(text).map_or(text, |(_, rest)| rest.trim_start());
        Sentiment::ALL.into_iter().find_map(|sentiment| {
            Some((
                sentiment,
                lines::after_keyword(text, sentiment_word(sentiment))?,
            ))
        })
    }
}
