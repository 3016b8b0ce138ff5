//! A column of a table that is read.

use std::borrow::Cow;

use super::super::{description::ColumnRule, grade_parts, meaning::Meaning, values};
use crate::catalogue::{Column, Columns, is_no_value};

/// The columns in which words such as `n/a` stand for no value. In the others they may be a title or a name.
pub(in crate::import::layouts) const VALUES: Columns = Columns::of(&[
    Column::FilmYear,
    Column::Score,
    Column::OriginalScore,
    Column::Sentiment,
    Column::Excerpt,
    Column::Url,
    Column::ExternalId,
    Column::ReviewedOn,
    Column::ReleaseDate,
    Column::RuntimeMinutes,
]);

/// The text by which spreadsheets say that there is no value.
const NOT_AVAILABLE: &str = "#N/A";

/// The other errors of cells that spreadsheets write into CSV.
const ERRORS: [&str; 7] = [
    "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!",
];

/// A column that is read.
#[derive(Clone)]
pub(in crate::import::layouts) struct MappedColumn {
    /// The index of the column.
    pub index: usize,
    pub meaning: Meaning,
    pub rule: ColumnRule,
    /// The index of the column that is read where this one is blank.
    pub otherwise: Option<usize>,
    /// The indexes of the columns with the minimum and the maximum of the grade.
    pub minimum: Option<usize>,
    pub maximum: Option<usize>,
    /// Whether words such as `n/a` stand for no value.
    pub has_words: bool,
    /// Whether the cells are those of a catalogue of Marquee, whose texts are what people wrote.
    pub is_verbatim: bool,
}

impl MappedColumn {
    /// Returns the text in a row, or that of the column that stands in for it; an empty text if there is no value.
    pub fn text<'r>(&self, row: &[&'r str]) -> &'r str {
        let of = |index: usize| self.value(row.get(index).copied().unwrap_or_default());
        match (of(self.index), self.otherwise) {
            ("", Some(otherwise)) => of(otherwise),
            (text, _) => text,
        }
    }

    /// Returns the text of a cell; an empty text if it says that there is no value.
    fn value<'r>(&self, cell: &'r str) -> &'r str {
        let text = cell.trim();
        let is_absent = !self.is_verbatim && text.eq_ignore_ascii_case(NOT_AVAILABLE)
            || self.has_words && is_no_value(text)
            || self.is_placeholder(text);
        if is_absent { "" } else { text }
    }

    /// Returns whether a text is one by which the layout says that the value is unknown.
    pub fn is_placeholder(&self, text: &str) -> bool {
        let mut unknown = self.rule.unknown.iter();
        unknown.any(|unknown| text.starts_with(unknown.as_str()))
    }

    /// Returns the grade in a row, with the scale that other columns or an object in the cell say.
    pub fn grade<'r>(&self, row: &[&'r str]) -> Cow<'r, str> {
        let text = self.text(row);
        let cell = |index: Option<usize>| {
            index
                .and_then(|index| row.get(index))
                .map_or("", |cell| cell.trim())
        };
        match cell(self.maximum) {
            "" if text.starts_with('{') => {
                grade_parts::of_object(text).map_or(Cow::Borrowed(text), Cow::Owned)
            }
            "" => Cow::Borrowed(text),
            maximum => Cow::Owned(grade_parts::joined(text, cell(self.minimum), maximum)),
        }
    }

    /// Returns what is wrong with a list or an object in a row, if the column takes one value.
    pub fn check_single(&self, row: &[&str], header: &[String]) -> Result<(), String> {
        const LISTS: Columns =
            Columns::of(&[Column::Directors, Column::Genres, Column::ExternalIds]);
        let cell = |index: usize| row.get(index).map_or("", |cell| cell.trim_start());
        let may_be_json = |index: usize| cell(index).starts_with(['[', '{']);
        if !may_be_json(self.index) && !self.otherwise.is_some_and(may_be_json) {
            return Ok(());
        }
        let text = match self.meaning {
            Meaning::Column(column) if LISTS.contains(column) => return Ok(()),
            _ if self.is_verbatim => return Ok(()),
            Meaning::Column(Column::OriginalScore) => self.grade(row),
            _ => Cow::Borrowed(self.text(row)),
        };
        let is_own = !row
            .get(self.index)
            .copied()
            .unwrap_or_default()
            .trim()
            .is_empty();
        let index = self.otherwise.filter(|_| !is_own).unwrap_or(self.index);
        let name = header.get(index).map_or("", String::as_str);
        values::check_single(&text, name, &self.meaning.to_string(), header)
    }

    /// Returns the error of a formula that stands in a row instead of a value.
    pub fn error_of_formula<'r>(&self, row: &[&'r str]) -> Option<&'r str> {
        let text = self.text(row);
        (!self.is_verbatim && ERRORS.contains(&text)).then_some(text)
    }
}
