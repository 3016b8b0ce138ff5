//! A row while it is read, with the errors found so far.

use chrono::NaiveDate;

use super::{
    Cell, Cells, Column, ColumnError, RowKind, Warnings,
    cell::{date, flag, list, number, text},
    record::{ExternalId, FilmRef, NamedRef, Record},
};
use crate::catalogue::Defaults;
use crate::text::{
    MAX_NAME_LENGTH, MAX_PASSAGE_LENGTH, MAX_SHORT_LENGTH, MAX_URL_LENGTH,
    alternative_title::AlternativeTitle,
};

/// A row while it is read. Each method reads a column. It returns `None` if the column is empty or its value is
/// invalid. An invalid value is recorded as an error.
pub(super) struct Row<'c, 'a> {
    cells: &'c Cells<'a>,
    errors: Vec<ColumnError>,
    pub warnings: Warnings,
}

impl<'c, 'a> Row<'c, 'a> {
    pub(super) fn new(cells: &'c Cells<'a>) -> Self {
        let mut row = Self {
            cells,
            errors: Vec::new(),
            warnings: Warnings::default(),
        };
        for column in cells.filled().iter() {
            if let Cell::Invalid(invalid) = cells.get(column) {
                row.add_error(column, invalid.to_string());
            }
        }
        row
    }

    /// Returns the record with its warnings, or the errors.
    pub(super) fn finish(
        self,
        record: Option<Record>,
    ) -> Result<(Record, Warnings), Vec<ColumnError>> {
        match record {
            Some(record) if self.errors.is_empty() => Ok((record, self.warnings)),
            _ => Err(self.errors),
        }
    }

    /// Records an error.
    pub(super) fn add_error(&mut self, column: Column, reason: impl Into<String>) {
        let reason = reason.into();
        self.errors.push(ColumnError { column, reason });
    }

    /// Returns whether an error was found so far.
    pub(super) const fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Returns whether a column has a value, valid or not.
    pub(super) const fn has_value(&self, column: Column) -> bool {
        self.cells.filled().contains(column)
    }

    /// Records the columns that a row of this kind doesn't use.
    pub(super) fn note_ignored_columns(&mut self, kind: RowKind) {
        self.warnings.ignored = self.cells.filled().difference(kind.columns());
    }

    /// Reads a column with the given function.
    pub(super) fn read<T>(
        &mut self,
        column: Column,
        read: impl FnOnce(&Cell<'a>) -> Result<T, String>,
    ) -> Option<T> {
        match self.cells.get(column) {
            Cell::Blank | Cell::Invalid(_) => None,
            cell => read(cell)
                .map_err(|reason| self.add_error(column, reason))
                .ok(),
        }
    }

    /// Records an error if both the name and the slug are empty.
    pub(super) fn require_either(&mut self, kind: RowKind, name: Column, slug: Column) {
        if !self.has_value(name) && !self.has_value(slug) {
            let (kind, name_column, slug) = (kind.display_name(), name.name(), slug.name());
            self.add_error(name, format!("a {kind} needs {name_column} or {slug}"));
        }
    }

    pub(super) fn name(&mut self, column: Column) -> Option<String> {
        self.read(column, |cell| text::name(cell, MAX_NAME_LENGTH))
    }

    pub(super) fn short(&mut self, column: Column) -> Option<String> {
        self.read(column, |cell| text::line(cell, MAX_SHORT_LENGTH))
    }

    pub(super) fn passage(&mut self, column: Column) -> Option<String> {
        self.read(column, |cell| text::passage(cell, MAX_PASSAGE_LENGTH))
    }

    pub(super) fn url(&mut self) -> Option<String> {
        self.web_address(Column::Url)
    }

    /// Reads a web address. One that is none is left out, with a warning.
    pub(super) fn web_address(&mut self, column: Column) -> Option<String> {
        let url = self.read(column, |cell| text::url(cell, MAX_URL_LENGTH))?;
        self.warnings.has_unusable_url |= url.is_none();
        url
    }

    pub(super) fn date(&mut self, column: Column, defaults: &Defaults) -> Option<NaiveDate> {
        self.read(column, |cell| date::date(cell, defaults.date_order()))
    }

    pub(super) fn flag(&mut self, column: Column) -> Option<bool> {
        self.read(column, flag::flag).flatten()
    }

    pub(super) fn count(&mut self, column: Column) -> Option<u32> {
        self.read(column, number::count)
    }

    pub(super) fn names(&mut self, column: Column) -> Vec<String> {
        self.read(column, |cell| list::list(cell, MAX_NAME_LENGTH))
            .unwrap_or_default()
    }

    /// Reads the first names of a list that may be long.
    pub(super) fn first_names(&mut self, column: Column) -> Vec<String> {
        self.read(column, |cell| list::first(cell, MAX_NAME_LENGTH))
            .unwrap_or_default()
    }

    /// Reads the other titles of a film.
    pub(super) fn titles(&mut self) -> Vec<AlternativeTitle> {
        self.read(Column::AlternativeTitles, |cell| {
            list::titles(cell, MAX_NAME_LENGTH)
        })
        .unwrap_or_default()
    }

    pub(super) fn external_ids(&mut self) -> Vec<ExternalId> {
        self.read(Column::ExternalIds, |cell| {
            list::external_ids(cell, MAX_SHORT_LENGTH)
        })
        .unwrap_or_default()
    }

    /// Reads the reference to a film, in a row that requires one.
    pub(super) fn film(&mut self, kind: RowKind) -> FilmRef {
        self.require_either(kind, Column::Film, Column::FilmSlug);
        FilmRef {
            external_id: None,
            slug: self.slug(Column::FilmSlug),
            title: self.name(Column::Film),
            year: self.read(Column::FilmYear, |cell| number::within(cell, 1870..=2200)),
        }
    }

    /// Reads the reference to a critic or publication.
    pub(super) fn named(&mut self, name: Column, slug: Column) -> NamedRef {
        NamedRef {
            external_id: None,
            url: None,
            slug: self.slug(slug),
            name: self.name(name),
        }
    }

    fn slug(&mut self, column: Column) -> Option<String> {
        self.read(column, |cell| text::slug(cell, MAX_NAME_LENGTH))
    }
}
