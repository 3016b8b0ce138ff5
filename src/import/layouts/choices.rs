//! What the caller of an import decides about its files.

use std::{collections::BTreeMap, num::NonZeroU16};

use serde::Deserialize;

use super::meaning::Meaning;
use crate::catalogue::DateOrder;

/// What the caller decides. What is left open is found out by the layouts and the rows.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// The name of the layout of all tables.
    pub layout: Option<String>,
    /// What the rows are.
    pub rows: Option<RowsAs>,
    /// The critic of tables that don't name one.
    pub critic: Option<String>,
    /// The source of reviews whose table has none.
    pub source: Option<String>,
    /// The meanings of columns, and the columns that are not read.
    pub columns: ColumnMap,
    /// The maximum of grades that are bare numbers.
    pub bare_scores_out_of: Option<NonZeroU16>,
    /// The order of dates of digits.
    pub date_order: Option<DateOrder>,
}

/// What the rows of a table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowsAs {
    /// Films.
    Films,
    /// Reviews.
    Reviews,
}

/// The meanings that the caller gives columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnMap {
    /// The meaning of each column, `None` if the column is not read.
    meanings: BTreeMap<String, Option<Meaning>>,
}

impl ColumnMap {
    /// Sets the meaning of a column, from a text such as `Your Rating=original_score`.
    ///
    /// # Errors
    ///
    /// When the text has no such form, or the name is no meaning.
    pub fn map(&mut self, text: &str) -> Result<(), String> {
        let Some((column, name)) = text.rsplit_once('=') else {
            return Err(format!(
                "{text:?} has no equals sign: write the column, =, and its meaning, such as 'Your Rating=original_score'"
            ));
        };
        self.set(column, name)
    }

    /// Sets the meaning of a column.
    ///
    /// # Errors
    ///
    /// When the name is no meaning.
    pub fn set(&mut self, column: &str, name: &str) -> Result<(), String> {
        let meaning = Meaning::of_name(name).map_err(|_| {
            format!(
                "{name:?} is no meaning of a column: use a name of docs/catalogue.md such as film or original_score, or film_url, \
                 film_id:SOURCE or critic_id:SOURCE"
            )
        })?;
        self.meanings
            .insert(column.trim().to_owned(), Some(meaning));
        Ok(())
    }

    /// Excludes a column from reading.
    pub fn ignore(&mut self, column: &str) {
        self.meanings.insert(column.trim().to_owned(), None);
    }

    /// Adds the meanings of another map, which take precedence.
    pub fn extend(&mut self, other: Self) {
        self.meanings.extend(other.meanings);
    }

    /// Returns the columns with their meanings.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&Meaning>)> {
        let meanings = self.meanings.iter();
        meanings.map(|(column, meaning)| (column.as_str(), meaning.as_ref()))
    }

    /// Returns what the caller decided about a column.
    pub(super) fn get(&self, column: &str) -> Decision<'_> {
        let mut meanings = self.meanings.iter();
        match meanings.find(|(name, _)| is_same_name(name, column)) {
            None => Decision::Open,
            Some((_, None)) => Decision::NotRead,
            Some((_, Some(meaning))) => Decision::Means(meaning),
        }
    }
}

/// What the caller decided about a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision<'m> {
    /// Nothing.
    Open,
    /// It is not read.
    NotRead,
    /// It has this meaning.
    Means(&'m Meaning),
}

/// Returns whether two names of columns are the same, apart from case and outer blanks.
pub(super) fn is_same_name(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other.trim())
}
