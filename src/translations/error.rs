//! What is wrong with the texts of a language.

use std::{error::Error, fmt};

/// The most characters of a name that an error quotes.
const MAX_QUOTED_CHARS: usize = 60;

/// A problem of the texts of a language.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TranslationError {
    /// The locale, as the site names it.
    pub locale: String,
    /// The line of the text, from 1; `None` if the problem is that of the whole text.
    pub line: Option<usize>,
    /// The name of the message; `None` if the problem is not that of one message.
    pub message: Option<String>,
    /// What is wrong, and what to do.
    pub problem: String,
}

impl fmt::Display for TranslationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.locale)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(message) = &self.message {
            write!(f, ", message `{message}`")?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl Error for TranslationError {}

/// Returns a name for an error, shortened if it is long.
pub(super) fn quoted(name: &str) -> String {
    let mut characters = name.chars();
    let mut quoted: String = characters.by_ref().take(MAX_QUOTED_CHARS).collect();
    if characters.next().is_some() {
        quoted.push('…');
    }
    quoted
}
