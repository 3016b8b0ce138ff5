//! Taking reviews in: all that a source has in one transaction, or nothing of it.

pub mod catalogue;
pub mod generated;
pub mod page;
pub mod report;
pub mod rows;
pub mod rt;
pub mod source;
pub mod store;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{slug, text};

/// The film that an import is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilmName {
    title: String,
    year: Option<i16>,
}

impl FilmName {
    /// Names a film; outer blanks are dropped. `None` if the title is blank, holds control characters, or has more than 300
    /// characters.
    #[must_use]
    pub fn new(title: &str, year: Option<i16>) -> Option<Self> {
        let title = text::line(title, text::NAME).ok()?;
        (!title.is_empty()).then_some(Self { title, year })
    }

    /// The title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The year of the first release, if it is known.
    #[must_use]
    pub fn year(&self) -> Option<i16> {
        self.year
    }

    /// The slug under which the film is found again.
    #[must_use]
    pub fn slug(&self) -> String {
        slug::of_film(&self.title, self.year)
    }
}

/// What an import did to the rows of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Changes {
    /// Added.
    pub new: usize,
    /// There already, and now different.
    pub changed: usize,
    /// There already, just so.
    pub same: usize,
}

impl Changes {
    /// Whether anything is different now.
    #[must_use]
    pub fn any(self) -> bool {
        self.new + self.changed > 0
    }

    /// Counts what became of one row.
    fn count(&mut self, change: Change) {
        match change {
            Change::New => self.new += 1,
            Change::Changed => self.changed += 1,
            Change::Same => self.same += 1,
        }
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { new, changed, same } = self;
        write!(formatter, "{new} new, {changed} changed, {same} the same")
    }
}

/// What became of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    New,
    Changed,
    Same,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The film's title.
    pub film_title: String,
    /// The film's slug.
    pub film_slug: String,
    /// The film.
    pub films: Changes,
    /// The critics who are named.
    pub critics: Changes,
    /// The reviews.
    pub reviews: Changes,
    /// What the source itself says of the film.
    pub published_scores: Changes,
    /// Reviews that came from this source before and aren't in it any more. They are kept.
    pub missing: usize,
}

impl Summary {
    /// Whether the import changed anything.
    #[must_use]
    pub fn changed_anything(&self) -> bool {
        [
            self.films,
            self.critics,
            self.reviews,
            self.published_scores,
        ]
        .into_iter()
        .any(Changes::any)
    }
}
