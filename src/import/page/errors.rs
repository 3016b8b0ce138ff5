//! All errors of a page.

use std::{error::Error, fmt};

use super::error::PageError;

/// The maximum number of reported errors of a page. A later parse reports the others.
const MAX_ERRORS: usize = 100;

/// The errors of a page: at least one, in the order of the lines.
///
/// Errors that may only be a consequence of another error are not included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageErrors {
    errors: Vec<PageError>,
    omitted: usize,
}

impl PageErrors {
    /// Returns the first 100 errors, sorted by line; a line may have more than one.
    #[must_use]
    pub fn as_slice(&self) -> &[PageError] {
        &self.errors
    }

    /// Returns the number of errors beyond the first 100.
    #[must_use]
    pub fn omitted_count(&self) -> usize {
        self.omitted
    }
}

impl fmt::Display for PageErrors {
    /// Writes each error on its own line, without a line break after the last.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(formatter, "{separator}{error}")?;
        }
        if self.omitted > 0 {
            write!(formatter, "\nand {} more", self.omitted)?;
        }
        Ok(())
    }
}

impl Error for PageErrors {}

/// The errors that the stages have found so far, in any order. At most two hundred are in memory.
#[derive(Debug, Default)]
pub(super) struct ErrorCollector {
    errors: Vec<PageError>,
    omitted: usize,
}

impl ErrorCollector {
    /// Adds an error.
    pub fn push(&mut self, error: PageError) {
        self.errors.push(error);
        if self.errors.len() >= 2 * MAX_ERRORS {
            self.sort_and_truncate();
        }
    }

    /// Adds an error, if there is one.
    pub fn extend(&mut self, error: Option<PageError>) {
        if let Some(error) = error {
            self.push(error);
        }
    }

    /// Adds all errors of another collection.
    pub fn merge(&mut self, other: Self) {
        self.omitted += other.omitted;
        for error in other.errors {
            self.push(error);
        }
    }

    /// Returns whether no error was found so far.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// Returns the error of the lowest line; the one that was found first if the line has several.
    pub fn into_first(self) -> Option<PageError> {
        self.errors.into_iter().min_by_key(PageError::line)
    }

    /// Returns the page if no error was found, the errors otherwise.
    pub fn into_result<T>(mut self, page: T) -> Result<T, PageErrors> {
        if self.is_empty() {
            return Ok(page);
        }
        self.sort_and_truncate();
        Err(PageErrors {
            errors: self.errors,
            omitted: self.omitted,
        })
    }

    /// Sorts the errors by line and drops those beyond the maximum. The sort is stable.
    fn sort_and_truncate(&mut self) {
        self.errors.sort_by_key(PageError::line);
        self.omitted += self.errors.len().saturating_sub(MAX_ERRORS);
        self.errors.truncate(MAX_ERRORS);
    }
}
