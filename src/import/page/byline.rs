//! Bylines: the text after "Reviewed by:".

use super::lines::{self, clean};
use crate::catalogue::is_uncredited;

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
        (!is_uncredited(&self.0)).then_some(self.text())
    }
}

/// Returns the text after "Reviewed by:" at the start of a line; `None` for other lines.
pub(super) fn after_keyword(line: &str) -> Option<&str> {
    let text = lines::after_keyword(line, "Reviewed by")?;
    text.trim_start().strip_prefix(':')
}

#[cfg(test)]
mod tests;
