//! Imports of reviews. Each import runs in one transaction: it stores everything that the source holds, or nothing.

pub mod catalogue;
pub mod generated;
pub mod layouts;
pub mod page;
pub mod report;
pub mod rows;
pub mod rt;
pub mod source;
pub mod store;
pub mod table;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{slug, text, user_error::Candidate};

/// The title and year of the film that an import is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilmName {
    title: String,
    year: Option<i16>,
}

impl FilmName {
    /// Creates a name from a title and a year, and trims the title. Returns `None` if the title is blank, contains
    /// control characters, or has more than 300 characters.
    #[must_use]
    pub fn new(title: &str, year: Option<i16>) -> Option<Self> {
        let title = text::name(title, text::MAX_NAME_LENGTH).ok()?;
        (!title.is_empty()).then_some(Self { title, year })
    }

    /// Returns the title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Returns the year of the first release; `None` if it is unknown.
    #[must_use]
    pub fn year(&self) -> Option<i16> {
        self.year
    }

    /// Returns the slug that this title and year lead to.
    #[must_use]
    pub fn slug(&self) -> String {
        slug::of_film(&self.title, self.year)
    }
}

/// The number of rows of one kind that an import added, changed and left unchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Changes {
    /// The number of added rows.
    pub new: usize,
    /// The number of existing rows that the import changed.
    pub changed: usize,
    /// The number of existing rows that already had the imported values.
    pub same: usize,
}

impl Changes {
    /// Returns whether the import added or changed a row.
    #[must_use]
    pub fn has_changes(self) -> bool {
        self.new + self.changed > 0
    }

    /// Counts the result of one row.
    fn count(&mut self, change: RowChange) {
        match change {
            RowChange::New => self.new += 1,
            RowChange::Changed => self.changed += 1,
            RowChange::Same => self.same += 1,
        }
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { new, changed, same } = self;
        write!(formatter, "{new} new, {changed} changed, {same} the same")
    }
}

/// A name in an import that differs in case from the name of the film, critic or publication that it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoldedName {
    /// The noun for the kind of the row: film, critic or publication.
    pub kind: &'static str,
    /// The name in the import.
    pub written: String,
    /// The name or the title of the row.
    pub name: String,
    /// The number of reviews with this name in the import.
    pub rows: usize,
}

impl fmt::Display for FoldedName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            written,
            name,
            rows,
        } = self;
        let reviews = if *rows == 1 { "review" } else { "reviews" };
        write!(formatter, "{kind} {written:?} → {name:?}, {rows} {reviews}")
    }
}

/// A new name in an import that is similar to another one: it differs in accents, punctuation and blanks.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct SimilarName {
    /// The noun for the kind of the row: film, critic or publication.
    pub kind: String,
    /// The new name.
    pub name: String,
    /// The other row.
    pub similar: Candidate,
}

/// The maximum number of similar names of each kind that an import reports.
pub const MAX_SIMILAR_NAMES: usize = 20;

impl fmt::Display for SimilarName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            name,
            similar,
        } = self;
        let Candidate {
            name: other, slug, ..
        } = similar;
        write!(
            formatter,
            "{kind} {name:?} is new; similar to {other:?} ({slug})"
        )
    }
}

/// The result of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RowChange {
    New,
    Changed,
    Same,
}

/// The result of the import of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// The film's title.
    pub film_title: String,
    /// The film's slug.
    pub film_slug: String,
    /// The changes to the film.
    pub films: Changes,
    /// The changes to the critics that the page names.
    pub critics: Changes,
    /// The changes to the reviews.
    pub reviews: Changes,
    /// The changes to the score that the source publishes for the film.
    pub published_scores: Changes,
    /// The number of stored reviews of this source that the page no longer lists. The import doesn't delete them.
    pub missing: usize,
    /// The names on the page that differ in case from those that they mean.
    pub folded_names: Vec<FoldedName>,
    /// The new names that are similar to existing ones, at most [`MAX_SIMILAR_NAMES`] of each kind.
    pub similar_names: Vec<SimilarName>,
}

impl ImportSummary {
    /// Returns whether the import added or changed a row of any kind.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        [
            self.films,
            self.critics,
            self.reviews,
            self.published_scores,
        ]
        .into_iter()
        .any(Changes::has_changes)
    }
}
