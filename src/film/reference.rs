//! References to films in inputs.

use super::FilmId;
use crate::external_id::ExternalId;

/// An input's reference to a film.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilmReference {
    /// A reference by key.
    Key(FilmId),
    /// A reference by slug.
    Slug(String),
    /// A reference by title and year. Without a year, it means the film of this title that has no year, or else the only
    /// film of this title.
    Titled(FilmTitle),
    /// A reference by the identifier at a source.
    External(ExternalId),
}

/// The title and the year of a film.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilmTitle {
    /// The title.
    pub title: String,
    /// The year of the first release; `None` if the reference doesn't say it.
    pub year: Option<i16>,
}
