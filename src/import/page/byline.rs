//! Bylines: the text after "Reviewed by:".

use super::lines::{self, clean};

/// The marks that pages write in brackets after, or instead of, the name of an uncredited critic.
const UNCREDITED_MARKS: [&str; 2] = ["not credited", "uncredited"];
/// The words that pages write instead of a name.
const UNCREDITED_WORDS: [&str; 6] = [
    "staff",
    "uncredited",
    "not credited",
    "anonymous",
    "unknown",
    "n/a",
];

/// A byline: never empty, trimmed, and with one space for each run of whitespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Byline(String);

impl Byline {
    /// Normalizes the whitespace of a byline; returns `None` if nothing else is in it.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = clean(text);
        (!text.is_empty()).then_some(Self(text))
    }

    /// Returns the byline as on the page.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Returns the name of the critic, which is the whole byline; `None` if the byline credits no
    /// critic. That is a byline with a mark such as "[Not Credited]", a byline that is a word such
    /// as "Staff", or a byline without a letter.
    #[must_use]
    pub fn critic(&self) -> Option<&str> {
        let is_placeholder =
            is_one_of(&self.0, &UNCREDITED_WORDS) || !self.0.contains(char::is_alphabetic);
        (!is_placeholder && !self.is_marked_uncredited()).then_some(self.text())
    }

    /// Returns whether a pair of brackets contains exactly a mark.
    fn is_marked_uncredited(&self) -> bool {
        self.0
            .split(['[', '('])
            .skip(1)
            .filter_map(|after_bracket| after_bracket.split_once([']', ')']))
            .any(|(enclosed, _)| is_one_of(enclosed, &UNCREDITED_MARKS))
    }
}

/// Returns the text after "Reviewed by:" at the start of a line; `None` for other lines.
pub(super) fn after_keyword(line: &str) -> Option<&str> {
    let text = lines::after_keyword(line, "Reviewed by")?;
    text.trim_start().strip_prefix(':')
}

/// Returns whether `text` is one of the lower-case `words`. Ignores case and brackets.
fn is_one_of(text: &str, words: &[&str]) -> bool {
    let text = text.trim_matches(['[', ']', '(', ')', ' ']);
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests;
