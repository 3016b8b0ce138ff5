//! Giving the catalogue out, as the format in which it is read in: what is exported, imported into an empty database and exported again
//! is the same to the byte.

pub mod store;

use chrono::NaiveDate;

/// Which part of the catalogue is given out. Everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportFilter {
    /// Only films of these slugs and what belongs to them; every film if there are none.
    pub films: Vec<String>,
    /// Only reviews published on this day or later.
    pub since: Option<NaiveDate>,
    /// Only reviews published on this day or earlier.
    pub until: Option<NaiveDate>,
}

impl ExportFilter {
    /// Whether everything is given out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
