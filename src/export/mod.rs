//! The export of the catalogue in the format that an import reads. An export, imported into an empty database and
//! exported again, is identical to the byte.

pub mod store;

use chrono::NaiveDate;

/// A filter of the exported rows. All conditions must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportFilter {
    /// Export only the films with these slugs and their reviews and published scores; all films if empty.
    pub films: Vec<String>,
    /// Export only reviews published on this day or later.
    pub since: Option<NaiveDate>,
    /// Export only reviews published on this day or earlier.
    pub until: Option<NaiveDate>,
}

impl ExportFilter {
    /// Returns whether the filter has no condition, so that the whole catalogue is exported.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
