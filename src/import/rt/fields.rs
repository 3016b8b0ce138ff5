//! Where a list has its columns, and what they are among ours.

use std::borrow::Cow;

use thiserror::Error;

use crate::{
    catalogue::{self, Cell, Cells, Column, Defaults, Remark, record::Record},
    import::{rows::Flaw, source},
};

/// A column that a list may have.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Its name.
    name: &'static str,
    /// Whether nothing can be read without it.
    is_needed: bool,
    /// Whether Marquee has a place for what is in it.
    is_used: bool,
}

impl Known {
    /// A column that must be there.
    pub const fn needed(name: &'static str) -> Self {
        Self {
            name,
            is_needed: true,
            is_used: true,
        }
    }

    /// A column that may be missing.
    pub const fn optional(name: &'static str) -> Self {
        Self {
            name,
            is_needed: false,
            is_used: true,
        }
    }

    /// A column that isn't read.
    pub const fn unused(name: &'static str) -> Self {
        Self {
            name,
            is_needed: false,
            is_used: false,
        }
    }
}

/// Why a list can't be read by its header.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HeaderError {
    /// A column is missing.
    #[error("the header has no column {missing:?}; it has {found}")]
    Missing {
        /// Its name.
        missing: &'static str,
        /// What there is instead.
        found: String,
    },
    /// A column stands there twice.
    #[error("the header has {0:?} twice")]
    Twice(&'static str),
}

/// The places of the columns in a list's rows.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    places: Vec<(&'static str, usize)>,
    unknown: Vec<String>,
    unused: Vec<String>,
}

impl Fields {
    /// Finds the columns in a header, in whatever order they stand.
    pub fn find(header: &[String], known: &[Known]) -> Result<Self, HeaderError> {
        let mut fields = Self::default();
        for (place, name) in header.iter().enumerate() {
            let name = name.trim();
            let meant = known
                .iter()
                .find(|known| known.name.eq_ignore_ascii_case(name));
            let Some(known) = meant else {
                fields.unknown.push(name.to_owned());
                continue;
            };
            if fields.place(known.name).is_some() {
                return Err(HeaderError::Twice(known.name));
            }
            fields.places.push((known.name, place));
            if !known.is_used {
                fields.unused.push(name.to_owned());
            }
        }
        let missing = known
            .iter()
            .find(|known| known.is_needed && fields.place(known.name).is_none());
        match missing {
            Some(known) => Err(HeaderError::Missing {
                missing: known.name,
                found: quoted(header),
            }),
            None => Ok(fields),
        }
    }

    /// Where the column of that name stands; `None` if the list doesn't have it.
    fn place(&self, name: &str) -> Option<usize> {
        let (_, place) = self.places.iter().find(|(known, _)| *known == name)?;
        Some(*place)
    }

    /// The columns of a table that the list speaks of; of `pairs` the first is the list's column and the second the table's.
    pub fn given(&self, pairs: &[(&str, &'static str)]) -> Vec<&'static str> {
        let mut given: Vec<&'static str> = Vec::new();
        for (theirs, ours) in pairs {
            if self.place(theirs).is_some() && !given.contains(ours) {
                given.push(ours);
            }
        }
        given
    }

    /// Names that mean nothing here.
    pub fn unknown(&self) -> Vec<String> {
        self.unknown.clone()
    }

    /// Names that are known, and not read.
    pub fn unused(&self) -> Vec<String> {
        self.unused.clone()
    }
}

/// The first names of a header, short enough for one line.
fn quoted(header: &[String]) -> String {
    const SHOWN: usize = 20;
    let names: Vec<String> = header
        .iter()
        .take(SHOWN)
        .map(|name| format!("{:?}", name.chars().take(60).collect::<String>()))
        .collect();
    let more = if header.len() > SHOWN {
        " and more"
    } else {
        ""
    };
    format!("{}{more}", names.join(", "))
}

/// A row, on its way to our columns.
pub struct Translation<'a> {
    fields: &'a Fields,
    row: &'a source::Row<'a>,
}

impl<'a> Translation<'a> {
    pub fn new(fields: &'a Fields, row: &'a source::Row<'a>) -> Self {
        Self { fields, row }
    }

    /// What stands in a column, with HTML's entities as the characters that they stand for, and without outer blanks. Empty if the list
    /// doesn't have the column.
    pub fn text(&self, name: &str) -> Cow<'a, str> {
        let raw = self
            .fields
            .place(name)
            .and_then(|place| self.row.field(place))
            .unwrap_or_default();
        match htmlize::unescape(raw) {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        }
    }

    /// What stands in a column that holds addresses, in which `&copy=` is no sign of copyright.
    pub fn address(&self, name: &str) -> Cow<'a, str> {
        let place = self.fields.place(name);
        let raw = place.and_then(|place| self.row.field(place));
        match htmlize::unescape_attribute(raw.unwrap_or_default()) {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        }
    }

    /// Reads a row of ours. A flaw is told by the name that the list has for the column.
    pub fn read(
        cells: &Cells<'_>,
        defaults: &Defaults,
        names: &[&[(&'static str, Column)]],
    ) -> Result<(Record, Vec<Remark>), Vec<Flaw>> {
        let theirs = |ours: Column| {
            names
                .iter()
                .copied()
                .flatten()
                .find(|(_, column)| *column == ours)
                .map_or_else(|| ours.name(), |(name, _)| name)
        };
        match catalogue::read(cells, defaults) {
            Ok((record, remarks)) => Ok((record, remarks.iter().collect())),
            Err(flaws) => Err(flaws
                .into_iter()
                .map(|flaw| Flaw::new(theirs(flaw.column), flaw.reason))
                .collect()),
        }
    }

    /// Puts what stands in their columns into ours.
    pub fn fill(&self, cells: &mut Cells<'a>, names: &[(&'static str, Column)]) {
        for (name, column) in names {
            let text = if *column == Column::Url {
                self.address(name)
            } else {
                self.text(name)
            };
            cells.insert(*column, Cell::Text(text));
        }
    }
}
