//! All errors of a page.

use std::{error::Error, fmt};

use super::error::PageError;

/// The maximum number of reported errors of a page. A later parse reports the others.
const MOST_KEPT: usize = 100;

/// The errors of a page: at least one, in the order of the lines.
///
/// Errors that may only be a consequence of another error are not included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageErrors {
    kept: Vec<PageError>,
    more: usize,
}

impl PageErrors {
    /// Returns the first 100 errors, sorted by line; a line may have more than one.
    #[must_use]
    pub fn kept(&self) -> &[PageError] {
        &self.kept
    }

    /// Returns the number of errors beyond the first 100.
    #[must_use]
    pub fn more(&self) -> usize {
        self.more
    }
}

impl fmt::Display for PageErrors {
    /// Writes each error on its own line, without a line break after the last.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.kept.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(formatter, "{separator}{error}")?;
        }
        if self.more > 0 {
            write!(formatter, "\nand {} more", self.more)?;
        }
        Ok(())
    }
}

impl Error for PageErrors {}

/// The errors that the stages have found so far, in any order. At most two hundred are in memory.
#[derive(Debug, Default)]
pub(super) struct Found {
    kept: Vec<PageError>,
    more: usize,
}

impl Found {
    /// Adds an error.
    pub fn push(&mut self, error: PageError) {
        self.kept.push(error);
        if self.kept.len() >= 2 * MOST_KEPT {
            self.sort_out();
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
        self.more += other.more;
        for error in other.kept {
            self.push(error);
        }
    }

    /// Returns whether no error was found so far.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Returns the error of the lowest line; the one that was found first if the line has several.
    pub fn into_first(self) -> Option<PageError> {
        self.kept.into_iter().min_by_key(PageError::line)
    }

    /// Returns the page if no error was found, the errors otherwise.
    pub fn into_result<T>(mut self, page: T) -> Result<T, PageErrors> {
        if self.is_empty() {
            return Ok(page);
        }
        self.sort_out();
        Err(PageErrors {
            kept: self.kept,
            more: self.more,
        })
    }

    /// Sorts the errors by line and drops those beyond the maximum. The sort is stable.
    fn sort_out(&mut self) {
        self.kept.sort_by_key(PageError::line);
        self.more += self.kept.len().saturating_sub(MOST_KEPT);
        self.kept.truncate(MOST_KEPT);
    }
}
