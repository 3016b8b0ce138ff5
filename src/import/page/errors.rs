//! All that is wrong with a page.

use std::{error::Error, fmt};

use super::error::PageError;

/// How many errors of a page are kept. Who has so many to mend parses again afterwards.
const MOST_KEPT: usize = 100;

/// What is wrong with a page: one error at least, in the order of the lines.
///
/// What may be wrong only because of another error isn't told until that is mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageErrors {
    kept: Vec<PageError>,
    more: usize,
}

impl PageErrors {
    /// The errors, 1 to 100, by ascending lines; a line may have more than one. If there are more
    /// than 100, these are the ones of the first lines.
    #[must_use]
    pub fn kept(&self) -> &[PageError] {
        &self.kept
    }

    /// How many errors were found beyond those that are kept; 0 if none was left out.
    #[must_use]
    pub fn more(&self) -> usize {
        self.more
    }
}

impl fmt::Display for PageErrors {
    /// Writes each error on a line of its own, without a line break after the last.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, error) in self.kept.iter().enumerate() {
            let separator = if place == 0 { "" } else { "\n" };
            write!(formatter, "{separator}{error}")?;
        }
        if self.more > 0 {
            write!(formatter, "\nand {} more", self.more)?;
        }
        Ok(())
    }
}

impl Error for PageErrors {}

/// The errors that the stages have found so far, in whatever order they came. However many there
/// are, only some hundreds are held.
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

    /// Whether nothing was found so far.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// The error of the first line, the one that was found first if there are several.
    pub fn into_first(self) -> Option<PageError> {
        self.kept.into_iter().min_by_key(PageError::line)
    }

    /// The page if nothing is wrong with it, else what is.
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

    /// Sorts by lines, and keeps no more than may be told. Errors of one line stay in the order in
    /// which they were found.
    fn sort_out(&mut self) {
        self.kept.sort_by_key(PageError::line);
        self.more += self.kept.len().saturating_sub(MOST_KEPT);
        self.kept.truncate(MOST_KEPT);
    }
}
