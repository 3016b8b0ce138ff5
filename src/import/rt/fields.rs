//! The columns of a list, and their mapping to the columns of the catalogue format.

use std::borrow::Cow;

use thiserror::Error;

use crate::{
    catalogue::{self, Cell, Cells, Column, Defaults, Warning, record::Record},
    import::{rows::RowError, source},
};

/// A known column of a list.
#[derive(Clone, Copy, Debug)]
pub struct ListColumn {
    /// The name in the header.
    name: &'static str,
    /// Whether the column is required.
    is_required: bool,
    /// Whether the import uses the column.
    is_used: bool,
}

impl ListColumn {
    /// Creates a required column.
    pub const fn required(name: &'static str) -> Self {
        Self {
            name,
            is_required: true,
            is_used: true,
        }
    }

    /// Creates an optional column.
    pub const fn optional(name: &'static str) -> Self {
        Self {
            name,
            is_required: false,
            is_used: true,
        }
    }

    /// Creates an optional column that the import ignores.
    pub const fn unused(name: &'static str) -> Self {
        Self {
            name,
            is_required: false,
            is_used: false,
        }
    }
}

/// An error in the header of a list.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HeaderError {
    /// A required column is missing.
    #[error("the header has no column {missing:?}; it has {found}")]
    Missing {
        /// The name of the missing column.
        missing: &'static str,
        /// The columns of the header.
        found: String,
    },
    /// The header has a column twice.
    #[error("the header has the column {0:?} twice")]
    Duplicate(&'static str),
}

/// The columns of a list's header.
#[derive(Clone, Debug, Default)]
pub struct HeaderColumns {
    indexes: Vec<(&'static str, usize)>,
    unknown: Vec<String>,
    unused: Vec<String>,
}

impl HeaderColumns {
    /// Finds the known columns in a header, in any order. Returns all errors of the header.
    pub fn find(header: &[String], known: &[ListColumn]) -> Result<Self, Vec<HeaderError>> {
        let mut fields = Self::default();
        let mut errors = Vec::new();
        for (index, name) in header.iter().enumerate() {
            let name = name.trim();
            let column = known
                .iter()
                .find(|known| known.name.eq_ignore_ascii_case(name));
            let Some(known) = column else {
                fields.unknown.push(name.to_owned());
                continue;
            };
            if fields.index(known.name).is_some() {
                errors.push(HeaderError::Duplicate(known.name));
                continue;
            }
            fields.indexes.push((known.name, index));
            if !known.is_used {
                fields.unused.push(name.to_owned());
            }
        }
        let is_missing =
            |known: &&ListColumn| known.is_required && fields.index(known.name).is_none();
        let missing = known.iter().filter(is_missing);
        errors.extend(missing.map(|known| HeaderError::Missing {
            missing: known.name,
            found: quoted(header),
        }));
        if errors.is_empty() {
            Ok(fields)
        } else {
            Err(errors)
        }
    }

    /// Returns the index of a column; `None` if the list doesn't have it.
    fn index(&self, name: &str) -> Option<usize> {
        let (_, index) = self.indexes.iter().find(|(known, _)| *known == name)?;
        Some(*index)
    }

    /// Returns the columns of a table for which the list has values. Each pair is a column of the list and the column
    /// of the table that it fills.
    pub fn table_columns(&self, pairs: &[(&str, &'static str)]) -> Vec<&'static str> {
        let mut provided: Vec<&'static str> = Vec::new();
        for (list_column, table_column) in pairs {
            if self.index(list_column).is_some() && !provided.contains(table_column) {
                provided.push(table_column);
            }
        }
        provided
    }

    /// Returns the names of unknown columns.
    pub fn unknown(&self) -> Vec<String> {
        self.unknown.clone()
    }

    /// Returns the names of known columns that the import ignores.
    pub fn unused(&self) -> Vec<String> {
        self.unused.clone()
    }
}

/// Returns the first names of a header, quoted and shortened to fit on one line.
fn quoted(header: &[String]) -> String {
    const MAX_NAMES: usize = 20;
    let names: Vec<String> = header
        .iter()
        .take(MAX_NAMES)
        .map(|name| format!("{:?}", name.chars().take(60).collect::<String>()))
        .collect();
    let ellipsis = if header.len() > MAX_NAMES {
        " and more"
    } else {
        ""
    };
    format!("{}{ellipsis}", names.join(", "))
}

/// A row of a list, for its conversion to the columns of the catalogue format.
pub struct RowTranslation<'a> {
    fields: &'a HeaderColumns,
    row: &'a source::Row<'a>,
}

impl<'a> RowTranslation<'a> {
    pub fn new(fields: &'a HeaderColumns, row: &'a source::Row<'a>) -> Self {
        Self { fields, row }
    }

    /// Returns the value of a column, trimmed and with HTML entities decoded. Returns an empty string if the list
    /// doesn't have the column.
    pub fn text(&self, name: &str) -> Cow<'a, str> {
        let raw = self
            .fields
            .index(name)
            .and_then(|index| self.row.field(index))
            .unwrap_or_default();
        match htmlize::unescape(raw) {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        }
    }

    /// Returns the value of a column of URLs. Decodes HTML entities as in an attribute, so that `&copy=` isn't decoded
    /// as a copyright sign.
    pub fn url(&self, name: &str) -> Cow<'a, str> {
        let index = self.fields.index(name);
        let raw = index.and_then(|index| self.row.field(index));
        match htmlize::unescape_attribute(raw.unwrap_or_default()) {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        }
    }

    /// Parses a row of the catalogue format. An error names the column of the list.
    pub fn read(
        cells: &Cells<'_>,
        defaults: &Defaults,
        names: &[&[(&'static str, Column)]],
    ) -> Result<(Record, Vec<Warning>), Vec<RowError>> {
        let list_column = |column: Column| {
            names
                .iter()
                .copied()
                .flatten()
                .find(|(_, catalogue_column)| *catalogue_column == column)
                .map_or_else(|| column.name(), |(name, _)| name)
        };
        match catalogue::read(cells, defaults) {
            Ok((record, warnings)) => Ok((record, warnings.iter().collect())),
            Err(errors) => Err(errors
                .into_iter()
                .map(|error| RowError::new(list_column(error.column), error.reason))
                .collect()),
        }
    }

    /// Copies the values of the list's columns into the columns of the catalogue format.
    pub fn fill(&self, cells: &mut Cells<'a>, names: &[(&'static str, Column)]) {
        for (name, column) in names {
            let text = if *column == Column::Url {
                self.url(name)
            } else {
                self.text(name)
            };
            cells.insert(*column, Cell::Text(text));
        }
    }
}
