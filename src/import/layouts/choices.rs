//! What the caller of an import decides about its files.

use std::{collections::BTreeMap, num::NonZeroU16, path::Path};

use serde::Deserialize;

use super::meaning::Meaning;
use crate::{
    catalogue::DateOrder,
    text::{is_same_folded, normalized},
};

/// What the caller decides. What is left open is found out by the layouts and the rows.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// The name of the layout of all tables.
    pub layout: Option<String>,
    /// What the rows of all tables are.
    pub rows: Option<RowsAs>,
    /// What the rows of single files are, by the name of the file, of its sheet, or of its member.
    pub rows_by_file: FileKinds,
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

impl Choices {
    /// Sets what rows are, from a text such as `films`, or `movies.csv=films` for one file.
    ///
    /// # Errors
    ///
    /// When the text has no such form.
    pub fn set_rows(&mut self, text: &str) -> Result<(), String> {
        // No kind has an equals sign, and the name of a file may.
        let (file, kind) = match text.rsplit_once('=') {
            Some((file, kind)) => (Some(file), kind),
            None => (None, text),
        };
        let kind = RowsAs::of_name(kind).ok_or_else(|| {
            format!("{text:?} is neither films nor reviews, nor one of them for a file, such as 'movies.csv=films'")
        })?;
        match file {
            Some(file) => {
                self.rows_by_file.set(file, kind);
            }
            None => self.rows = Some(kind),
        }
        Ok(())
    }

    /// Returns what the caller says that the rows of a table are.
    #[must_use]
    pub fn rows_of(&self, table: &str) -> Option<RowsAs> {
        let mut files = self.rows_by_file.iter();
        let of_file = files.find(|(file, _)| is_table_of(table, file));
        of_file.map(|(_, kind)| kind).or(self.rows)
    }
}

/// What the rows of single files are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileKinds {
    /// The kind of the rows of each file, and whether the file has to be there.
    kinds: BTreeMap<String, (RowsAs, bool)>,
}

impl FileKinds {
    /// Sets what the rows of a file are.
    pub fn set(&mut self, file: &str, kind: RowsAs) {
        self.kinds.insert(file.to_owned(), (kind, true));
    }

    /// Allows imports without these files, as for decisions that were kept from another import.
    pub fn make_optional(&mut self) {
        for (_, is_required) in self.kinds.values_mut() {
            *is_required = false;
        }
    }

    /// Returns the files with the kinds of their rows.
    pub fn iter(&self) -> impl Iterator<Item = (&str, RowsAs)> {
        let kinds = self.kinds.iter();
        kinds.map(|(file, (kind, _))| (file.as_str(), *kind))
    }

    /// Returns whether a file has to be there.
    pub(super) fn is_required(&self, file: &str) -> bool {
        let kind = self.kinds.get(file);
        kind.is_some_and(|(_, is_required)| *is_required)
    }
}

/// Returns whether a table is a file, or a part of it: `list.xlsx` names the file and each of its sheets, `Films` that sheet.
pub(super) fn is_table_of(table: &str, file: &str) -> bool {
    // Systems differ in how they encode the accents of file names.
    let (table, file) = (normalized(table), normalized(file));
    let file = Path::new(&*file);
    let mut parts = Path::new(&*table).ancestors();
    parts.any(|part| part == file || part.ends_with(file))
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

impl RowsAs {
    /// Returns the name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Films => "films",
            Self::Reviews => "reviews",
        }
    }

    /// Returns what has a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let mut all = [Self::Films, Self::Reviews].into_iter();
        all.find(|kind| kind.name() == name)
    }
}

/// The meanings that the caller gives columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnMap {
    /// The decision about each column.
    meanings: BTreeMap<String, Decided>,
}

/// A decision about a column.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Decided {
    /// The meaning, `None` if the column is not read.
    meaning: Option<Meaning>,
    /// Whether a table has to have the column.
    is_required: bool,
}

impl Decided {
    const fn new(meaning: Option<Meaning>) -> Self {
        Self {
            meaning,
            is_required: true,
        }
    }
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
        self.decide(column, Decided::new(Some(meaning)));
        Ok(())
    }

    /// Excludes a column from reading.
    pub fn ignore(&mut self, column: &str) {
        self.decide(column, Decided::new(None));
    }

    /// Sets the decision about a column, in place of one about the same name in another spelling.
    fn decide(&mut self, column: &str, decided: Decided) {
        let column = normalized(column.trim()).into_owned();
        self.meanings.retain(|name, _| !is_same_name(name, &column));
        self.meanings.insert(column, decided);
    }

    /// Allows tables without these columns, as for decisions that were kept from another file.
    pub fn make_optional(&mut self) {
        for decided in self.meanings.values_mut() {
            decided.is_required = false;
        }
    }

    /// Returns whether a table has to have a column.
    pub(super) fn is_required(&self, column: &str) -> bool {
        self.meanings
            .get(column)
            .is_some_and(|decided| decided.is_required)
    }

    /// Adds the meanings of another map, which take precedence.
    pub fn extend(&mut self, other: Self) {
        for (column, decided) in other.meanings {
            self.decide(&column, decided);
        }
    }

    /// Returns the columns with their meanings.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&Meaning>)> {
        let meanings = self.meanings.iter();
        meanings.map(|(column, decided)| (column.as_str(), decided.meaning.as_ref()))
    }

    /// Returns what the caller decided about a column.
    pub(super) fn get(&self, column: &str) -> Decision<'_> {
        let mut decisions = self.iter();
        match decisions.find(|(name, _)| is_same_name(name, column)) {
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

/// Returns whether two names of columns are the same, apart from case, outer blanks, and how accents are encoded: some
/// systems write "é" as one character, others as two.
pub(super) fn is_same_name(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    one.eq_ignore_ascii_case(other)
        || !(one.is_ascii() && other.is_ascii()) && is_same_folded(one, other)
}
