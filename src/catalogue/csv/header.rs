//! The header of a CSV file.

use std::fmt;

use thiserror::Error;

use crate::catalogue::{
    Cell, Cells, Column, Columns, UnknownNames,
    names::{MAX_QUOTE_CHARS, truncated},
};

/// A CSV file's header, which maps each field to a column.
#[derive(Clone, Debug)]
pub struct Header {
    fields: Vec<Option<Column>>,
    columns: Columns,
    unknown: UnknownNames,
}

/// An error in the header of a CSV file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HeaderError {
    /// The file is empty.
    #[error("the file is empty: it needs a header")]
    Empty,

    /// The fields are separated by another delimiter than the configured one.
    #[error(
        "the header is a single field that contains {0:?}: if that separates the fields, pass it as --delimiter"
    )]
    Delimiter(char),

    /// Two fields match the same column.
    #[error("the header's {first:?} and {second:?} both mean {}: remove one of them", column.name())]
    Repeated {
        /// The column.
        column: Column,
        /// The first field that matches it.
        first: String,
        /// The second field that matches it.
        second: String,
    },

    /// No field matches a column.
    #[error("the header has no known column, only {found}; a row needs film or film_slug, or a kind; {COLUMNS}", COLUMNS = column_list())]
    NoKnownColumn {
        /// The fields of the header.
        found: UnknownNames,
    },

    /// No column identifies the film of a review.
    #[error(
        "the header has neither film nor film_slug, which every review needs, nor kind, which marks rows that are not reviews"
    )]
    NoFilm,
}

/// A header with errors. The rows below it can still be read, to find their errors.
#[derive(Clone, Debug)]
pub struct InvalidHeader {
    /// All errors; at least one.
    pub errors: Vec<HeaderError>,
    /// The header with the first field of each column.
    pub header: Header,
}

impl fmt::Display for InvalidHeader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors: Vec<String> = self.errors.iter().map(ToString::to_string).collect();
        formatter.write_str(&errors.join("; "))
    }
}

impl Header {
    /// Matches the fields of a header to columns.
    ///
    /// # Errors
    /// Returns an error if the header is empty, repeats a column, has no known column, or has no column that identifies
    /// a film or a kind.
    pub fn read<'f>(fields: impl IntoIterator<Item = &'f str>) -> Result<Self, InvalidHeader> {
        let names: Vec<_> = fields.into_iter().collect();
        let mut fields: Vec<_> = names.iter().map(|name| Column::find(name)).collect();
        let mut unknown = UnknownNames::default();
        let mut columns = Columns::default();
        let mut repeated_columns = Columns::default();
        let mut errors = Vec::new();
        for (name, column) in names.iter().zip(&fields) {
            match column {
                Some(column) if !columns.insert(*column) => {
                    if repeated_columns.insert(*column) {
                        errors.push(repeated(*column, &names, &fields));
                    }
                }
                Some(_) => {}
                None => unknown.add(name),
            }
        }
        keep_first(&mut fields);
        let header = Self {
            fields,
            columns,
            unknown,
        };
        errors.extend(header.missing(&names));
        if errors.is_empty() {
            Ok(header)
        } else {
            Err(InvalidHeader { errors, header })
        }
    }

    /// Returns the row of these fields. Fields beyond those of the header are ignored.
    pub fn cells<'r>(&self, fields: impl IntoIterator<Item = &'r str>) -> Cells<'r> {
        let mut cells = Cells::new();
        for (column, field) in self.fields.iter().zip(fields) {
            if let Some(column) = column {
                cells.insert(*column, Cell::text(field));
            }
        }
        cells
    }

    /// Returns the columns of the file.
    #[must_use]
    pub const fn columns(&self) -> Columns {
        self.columns
    }

    /// Returns the fields of the header that match no column.
    #[must_use]
    pub const fn unknown(&self) -> &UnknownNames {
        &self.unknown
    }

    /// Returns the error for what a header with these fields lacks.
    fn missing(&self, names: &[&str]) -> Option<HeaderError> {
        const KEY_COLUMNS: Columns = Columns::of(&[Column::Kind, Column::Film, Column::FilmSlug]);
        let delimiter = match names {
            [] => return Some(HeaderError::Empty),
            [name] => name.chars().find(|c| matches!(c, ',' | ';' | '\t' | '|')),
            _ => None,
        };
        if let Some(delimiter) = delimiter {
            return Some(HeaderError::Delimiter(delimiter));
        }
        if self.columns.is_empty() {
            return Some(HeaderError::NoKnownColumn {
                found: self.unknown.clone(),
            });
        }
        let has_no_key = self.columns.difference(KEY_COLUMNS) == self.columns;
        has_no_key.then_some(HeaderError::NoFilm)
    }
}

/// Removes the later fields of each column.
fn keep_first(fields: &mut [Option<Column>]) {
    let mut seen = Columns::default();
    for field in fields {
        if field.is_some_and(|column| !seen.insert(column)) {
            *field = None;
        }
    }
}

/// Returns the error for two fields that match this column.
fn repeated(column: Column, names: &[&str], fields: &[Option<Column>]) -> HeaderError {
    let mut repeated_names = names
        .iter()
        .zip(fields)
        .filter(|(_, field)| **field == Some(column))
        .map(|(name, _)| truncated(name, MAX_QUOTE_CHARS).into_owned());
    HeaderError::Repeated {
        column,
        first: repeated_names.next().unwrap_or_default(),
        second: repeated_names.next().unwrap_or_default(),
    }
}

/// Returns the list of all columns as a phrase.
fn column_list() -> String {
    format!(
        "the columns are {}",
        Column::ALL.map(Column::name).join(", ")
    )
}

#[cfg(test)]
mod tests;
