//! The errors of a text, with their lines.

use fluent_syntax::parser::ParserError;

use super::Messages;
use crate::translations::error::{TranslationError, quoted};

/// The maximum number of errors that are reported for a text.
const MAX_ERRORS: usize = 100;

/// The errors of a text.
pub(super) struct Report<'a> {
    locale: &'a str,
    text: &'a str,
    errors: Vec<TranslationError>,
    omitted: usize,
}

impl<'a> Report<'a> {
    pub(super) fn new(locale: &'a str, text: &'a str) -> Self {
        Self {
            locale,
            text,
            errors: Vec::new(),
            omitted: 0,
        }
    }

    /// Adds an error at the place of `slice`, which is a part of the text.
    pub(super) fn add(&mut self, message: Option<&str>, slice: &str, problem: String) {
        let offset = slice.as_ptr().addr().checked_sub(self.text.as_ptr().addr());
        let line = offset.and_then(|offset| self.line(offset));
        self.push(message, line, problem);
    }

    fn push(&mut self, message: Option<&str>, line: Option<usize>, problem: String) {
        if self.errors.len() >= MAX_ERRORS {
            self.omitted += 1;
            return;
        }
        self.errors.push(TranslationError {
            locale: self.locale.to_owned(),
            line,
            message: message.map(quoted),
            problem,
        });
    }

    /// Adds an error of the parser.
    pub(super) fn add_syntax_error(&mut self, error: &ParserError) {
        let start = error
            .slice
            .as_ref()
            .map_or(error.pos.start, |slice| slice.start);
        let rest = self.text.get(start..).unwrap_or_default().trim_start();
        let is_part = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        let name = rest.split(|c| !is_part(c)).next().unwrap_or_default();
        let message = (!name.is_empty()).then(|| name.to_owned());
        let line = self.line(error.pos.start);
        let problem = format!("this is not valid Fluent: {}", error.kind);
        self.push(message.as_deref(), line, problem);
    }

    /// Returns the line of an offset.
    fn line(&self, offset: usize) -> Option<usize> {
        let before = self.text.as_bytes().get(..offset)?;
        Some(1 + memchr::memchr_iter(b'\n', before).count())
    }

    /// Returns the number of errors.
    pub(super) fn len(&self) -> usize {
        self.errors.len() + self.omitted
    }

    /// Returns the messages if there are no errors.
    pub(super) fn finish(mut self, messages: Messages) -> Result<Messages, Vec<TranslationError>> {
        if self.errors.is_empty() {
            return Ok(messages);
        }
        self.errors.sort_by_key(|error| error.line);
        if self.omitted > 0 {
            self.errors.push(TranslationError {
                locale: self.locale.to_owned(),
                line: None,
                message: None,
                problem: format!("there are {} more problems", self.omitted),
            });
        }
        Err(self.errors)
    }
}
