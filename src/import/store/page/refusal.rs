//! The reasons why a valid page is not stored.

use std::fmt;

use crate::user_error::{Candidate, listed};

/// The reason why a page is not stored: something that it names is missing or ambiguous.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageRefusal {
    /// The existing film that the page is about doesn't exist.
    #[error("this film does not exist; it may have been deleted")]
    NoFilm,
    /// Several films have the title and the year.
    #[error("several films have this title: {}; give the year, or a slug to the mutation `importPage`", listed(.0))]
    AmbiguousFilm(Vec<Candidate>),
    /// Several critics have a name on the page.
    #[error("{}", lines(.0))]
    AmbiguousCritics(Vec<AmbiguousCritic>),
}

/// A name on a page that several critics have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmbiguousCritic {
    /// The line of the first review with this name, counted from 1.
    pub line: usize,
    /// The name on the page.
    pub name: String,
    /// The critics.
    pub candidates: Vec<Candidate>,
}

impl fmt::Display for AmbiguousCritic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            name,
            candidates,
        } = self;
        write!(
            formatter,
            "line {line}: several critics have the name {name:?}: {}; merge them, or rename all but one",
            listed(candidates)
        )
    }
}

/// Returns the messages of ambiguous names, one a line.
fn lines(critics: &[AmbiguousCritic]) -> String {
    let lines: Vec<String> = critics.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
