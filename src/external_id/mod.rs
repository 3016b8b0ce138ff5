//! External ids: the identifiers of films and critics at sources, such as `tt0103639` at `imdb`. An external id belongs to
//! one film, and to one critic.

pub mod store;

use std::fmt;

use crate::{
    global_id::Kind,
    patch::{self, Patch},
    text,
    user_error::{
        UserErrorCode::{Blank, Invalid, TooManyValues},
        UserErrors,
    },
};

/// The identifier of a film, critic or review at a source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExternalId {
    /// The source.
    pub source: String,
    /// The identifier at the source.
    pub id: String,
}

impl fmt::Display for ExternalId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.source, self.id)
    }
}

/// The kind of a row that has external ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdentifiedKind {
    /// A film.
    Film,
    /// A critic.
    Critic,
}

impl IdentifiedKind {
    /// Returns the noun for messages, which is also the name of the table.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Film => "film",
            Self::Critic => "critic",
        }
    }

    /// Returns the kind of its global ids.
    #[must_use]
    pub const fn global_id_kind(self) -> Kind {
        match self {
            Self::Film => Kind::Film,
            Self::Critic => Kind::Critic,
        }
    }
}

/// The name of external ids among the columns that a change lists. They have tables of their own.
pub const COLUMN: &str = "external_ids";

/// The maximum number of external ids in an input, as in a row of a catalogue file.
pub const MAX_EXTERNAL_IDS: usize = patch::MAX_NAMES;

/// The separator of source and id in catalogue files, which a source therefore can't contain.
const SEPARATOR: char = ':';

/// Parses an external id below `path`; adds errors if it is invalid.
#[must_use]
pub fn read(given: ExternalId, path: &str, errors: &mut UserErrors) -> Option<ExternalId> {
    let source_path = format!("{path}.source");
    let source = read_part(given.source, &source_path, errors);
    let id = read_part(given.id, &format!("{path}.id"), errors);
    let source = source?;
    if source.contains(SEPARATOR) {
        errors.add(&source_path, Invalid, "must not have a colon");
        return None;
    }
    Some(ExternalId { source, id: id? })
}

fn read_part(part: String, path: &str, errors: &mut UserErrors) -> Option<String> {
    match patch::line(Patch::Set(part), path, text::MAX_SHORT_LENGTH, errors) {
        // It has its error already.
        Patch::Keep => None,
        Patch::Set(part) if text::is_visible(&part) => Some(part),
        Patch::Set(_) | Patch::Clear => {
            errors.add(path, Blank, "is blank");
            None
        }
    }
}

/// Parses a list of external ids, drops duplicates, and sorts it.
#[must_use]
pub fn read_list(
    given: Patch<Vec<ExternalId>>,
    path: &str,
    errors: &mut UserErrors,
) -> Patch<Vec<ExternalId>> {
    given.and_then(|given| {
        let given = given.into_iter().enumerate();
        let mut ids: Vec<_> = given
            .filter_map(|(index, id)| read(id, &format!("{path}.{index}"), errors))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() > MAX_EXTERNAL_IDS {
            let message = format!(
                "has {} different ids, and at most {MAX_EXTERNAL_IDS} are allowed",
                ids.len()
            );
            errors.add(path, TooManyValues, message);
            return None;
        }
        Some(ids)
    })
}

#[cfg(test)]
mod tests;
