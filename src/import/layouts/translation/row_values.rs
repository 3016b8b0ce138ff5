//! The values of a row for the records that it becomes.

use std::borrow::Cow;

use super::{
    super::{description::RowsOf, mapping::MappedColumn, meaning::Meaning, values},
    Translation,
};
use crate::{
    catalogue::{
        Cell, Cells, Column, RowKind, Warning, html_to_text, record::ExternalId, separated,
        title_with_year,
    },
    import::rows::RowError,
    text::{self, MAX_SHORT_LENGTH},
};

/// The title of a film, and the year that was in brackets behind it.
pub(super) struct Title<'r> {
    pub text: &'r str,
    pub year: Option<i16>,
}

impl Translation {
    /// Fills the cells of a record of a kind. Returns a warning about a byline.
    pub(super) fn fill<'r>(
        &'r self,
        cells: &mut Cells<'r>,
        kind: RowKind,
        title: &Title<'r>,
        row: &[&'r str],
    ) -> Option<Warning> {
        let mut warning = None;
        let has_year = title.year.is_some() || !self.text_of(Column::FilmYear, row).is_empty();
        let mut released_in = None;
        cells.insert(Column::Film, Cell::text(title.text));
        if let Some(year) = title.year {
            cells.insert(Column::FilmYear, Cell::Text(year.to_string().into()));
        }
        for read in &self.mapping.reads {
            let Some(column) = read.meaning.column_of(kind) else {
                continue;
            };
            let is_in_title = column == Column::FilmYear && title.year.is_some();
            // The address in a table of reviews is that of the review.
            let is_of_review = read.meaning == Meaning::Column(Column::Url)
                && kind == RowKind::Film
                && self.mapping.rows == RowsOf::Reviews;
            if column == Column::Film || is_in_title || is_of_review {
                continue;
            }
            if let Some(year) = self.year_of_release(read, row) {
                released_in = Some(year);
            } else if read.rule.names {
                warning = cells.insert_byline(read.text(row));
            } else {
                cells.insert(column, Self::cell(read, row));
            }
        }
        if let Some(year) = released_in.filter(|_| !has_year) {
            cells.replace(Column::FilmYear, Cell::text(year));
        }
        warning
    }

    /// Returns the title and the year of a row. "The Amber Tide (2015)" is both, if the row has no other year.
    pub(super) fn title<'r>(&self, row: &[&'r str]) -> Title<'r> {
        let text = self.text_of(Column::Film, row);
        let given = self.text_of(Column::FilmYear, row).trim();
        let is_split = |year: &i16| given.is_empty() || given.parse() == Ok(*year);
        match title_with_year(text).filter(|(_, year)| is_split(year) && !self.has_slug(row)) {
            Some((text, year)) => Title {
                text,
                year: given.is_empty().then_some(year),
            },
            None => Title { text, year: None },
        }
    }

    /// Returns the year in a column of days that has a year or a month instead of a day: `2001` or `2001-05`.
    fn year_of_release<'r>(&self, read: &MappedColumn, row: &[&'r str]) -> Option<&'r str> {
        if read.meaning != Meaning::Column(Column::ReleaseDate) || self.mapping.has_kinds() {
            return None;
        }
        let text = read.text(row);
        let (year, month) = text.split_at_checked(4)?;
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let is_month = |text: &str| {
            let digits = text.strip_prefix('-');
            digits.is_some_and(|digits| digits.len() <= 2 && is_number(digits))
        };
        (is_number(year) && (month.is_empty() || is_month(month))).then_some(year)
    }

    pub(super) fn has_slug(&self, row: &[&str]) -> bool {
        !self.text_of(Column::FilmSlug, row).is_empty()
    }

    pub(super) fn text_of<'r>(&self, column: Column, row: &[&'r str]) -> &'r str {
        let mut reads = self.mapping.reads.iter();
        let read = reads.find(|read| read.meaning == Meaning::Column(column));
        read.map_or("", |read| read.text(row))
    }

    pub(super) fn cell<'r>(read: &MappedColumn, row: &[&'r str]) -> Cell<'r> {
        let text = read.text(row);
        if let Some(separator) = read.rule.separator {
            return separated(text, separator);
        }
        if read.rule.html {
            return Cell::Text(html_to_text(text));
        }
        match read.meaning {
            // In a URL, `&copy=` is the name of a parameter.
            Meaning::Column(Column::Url) if read.rule.entities => {
                Cell::Text(trimmed(htmlize::unescape_attribute(text)))
            }
            _ if read.rule.entities => Cell::Text(trimmed(htmlize::unescape(text))),
            Meaning::Column(Column::OriginalScore) => Cell::Text(read.grade(row)),
            _ => Cell::text(text),
        }
    }

    /// Returns the ids of the film in a row.
    pub(super) fn film_ids(&self, row: &[&str]) -> Result<Vec<ExternalId>, Vec<RowError>> {
        let mut ids = Vec::new();
        for read in &self.mapping.reads {
            if let Meaning::FilmId(source) = &read.meaning {
                ids.extend(self.id(read, source, row)?);
            }
        }
        Ok(ids)
    }

    pub(super) fn critic_id(&self, row: &[&str]) -> Result<Option<ExternalId>, Vec<RowError>> {
        for read in &self.mapping.reads {
            if let Meaning::CriticId(source) = &read.meaning {
                return self.id(read, source, row);
            }
        }
        Ok(None)
    }

    pub(super) fn id(
        &self,
        read: &MappedColumn,
        source: &str,
        row: &[&str],
    ) -> Result<Option<ExternalId>, Vec<RowError>> {
        let text = read.text(row);
        if text.is_empty() {
            return Ok(None);
        }
        let id = values::id(text, &read.rule.id);
        let id = text::line(&id, MAX_SHORT_LENGTH).map_err(|error| {
            let column = self.mapping.header.get(read.index).cloned();
            vec![RowError::new(column.unwrap_or_default(), error.to_string())]
        })?;
        let source = source.to_owned();
        Ok(Some(ExternalId { source, id }))
    }
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}
