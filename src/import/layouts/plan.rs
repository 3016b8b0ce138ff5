//! The plan of an import: the layout of each table, the meaning of each column, and what is not read.

mod members;
mod planning;
mod text;

use std::fmt;

use serde::Serialize;

use self::{
    planning::{Found, Planning},
    text::{meaning, notes, reason},
};
use super::{
    PlanError,
    choices::{Choices, is_same_name, is_table_of},
    description::{self, Layout, RowsOf},
    generic,
    mapping::Mapping,
    names, recognition,
    scan::Scan,
};
use crate::{
    catalogue::DateOrder,
    import::table::{MAX_TABLES, Table, Tables},
};

/// The plan of an import.
#[derive(Debug, Serialize)]
pub struct Plan {
    /// The tables, in the order in which they are read.
    pub tables: Vec<PlannedTable>,
    /// What the plan says beside its tables, as sentences.
    pub notes: Vec<String>,
    /// The tables that were read, with the meanings of their columns.
    #[serde(skip)]
    pub(super) sources: Vec<PlannedSource>,
}

/// A table of a plan.
#[derive(Debug, Serialize)]
pub struct PlannedTable {
    /// The name of the table.
    pub name: String,
    /// The form of the file.
    pub form: String,
    /// The name of the layout; `None` if the table is not read.
    pub layout: Option<String>,
    /// The title of the layout, or the reason why the table is not read.
    pub title: String,
    /// What the rows are: films, reviews, or several kinds.
    pub rows_are: &'static str,
    /// The number of rows, without blank ones and those that are left out.
    pub rows: u64,
    /// The columns, in the order of the table.
    pub columns: Vec<PlannedColumn>,
    /// What else the plan decides, as sentences.
    pub notes: Vec<String>,
}

/// A column of a plan.
#[derive(Debug, Serialize)]
pub struct PlannedColumn {
    /// The name in the table.
    pub name: String,
    /// What the column means; `None` if it is not read.
    pub meaning: Option<String>,
    /// The reason why the column is not read.
    pub not_read: Option<String>,
    /// The first text of the column.
    pub example: String,
}

/// A table that is read.
pub(super) struct PlannedSource {
    pub table: Table,
    pub mapping: Mapping,
    pub member: Option<String>,
    pub review_dates: Option<DateOrder>,
    pub release_dates: Option<DateOrder>,
}

impl fmt::Debug for PlannedSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.table.name())
    }
}

impl Plan {
    /// Finds the layout of each table, maps the columns, and reads the tables once.
    ///
    /// # Errors
    ///
    /// Returns why the tables can't be imported, with what to type next, and what was understood of them.
    pub fn make(files: Tables, choices: &Choices) -> Result<Self, PlanError> {
        let Tables { tables, skipped } = files;
        let layouts = description::all()?;
        let notes = check_choices(&tables, choices)?;
        let found = tables
            .iter()
            .map(|table| {
                let known = layout_of(table, choices, layouts)?.cloned();
                Ok(known.map_or_else(|| generic::layout(table, choices), Ok))
            })
            .collect::<Result<_, PlanError>>()?;
        Planning::map(tables, &skipped, Found::new(found), choices).finish(notes)
    }
}

/// Checks that the tables have the columns and are the files that the caller names, and that positions can distinguish them. Returns
/// notes about what a kept mapping names and the tables lack.
fn check_choices(tables: &[Table], choices: &Choices) -> Result<Vec<String>, PlanError> {
    if tables.is_empty() {
        return Err(PlanError::NoTable);
    }
    if tables.len() > MAX_TABLES {
        return Err(PlanError::TooManyTables(tables.len()));
    }
    let header: Vec<String> = tables
        .iter()
        .flat_map(|table| names::unique(table.header()))
        .collect();
    let mut notes = Vec::new();
    let mut unknown = Vec::new();
    for (column, _) in choices.columns.iter() {
        if header.iter().any(|name| is_same_name(name, column)) {
            continue;
        }
        if choices.columns.is_required(column) {
            unknown.push(column.to_owned());
        } else {
            notes.push(format!(
                "--mapping names the column {column:?}, which no table has"
            ));
        }
    }
    if !unknown.is_empty() {
        return Err(PlanError::NoSuchColumns { unknown, header });
    }
    for (file, _) in choices.rows_by_file.iter() {
        if tables.iter().any(|table| is_table_of(table.name(), file)) {
            continue;
        }
        if choices.rows_by_file.is_required(file) {
            let tables = tables.iter().map(|table| table.name().to_owned());
            return Err(PlanError::NoSuchFile {
                file: file.to_owned(),
                tables: tables.collect(),
            });
        }
        notes.push(format!(
            "--mapping names the file {file:?}, which is not read"
        ));
    }
    Ok(notes)
}

fn layout_of<'l>(
    table: &Table,
    choices: &Choices,
    layouts: &'l [Layout],
) -> Result<Option<&'l Layout>, PlanError> {
    match choices.layout.as_deref() {
        Some(generic::NAME) => Ok(None),
        Some(name) => recognition::named(name, table, layouts).map(Some),
        None => Ok(recognition::find(table.header(), layouts)),
    }
}

fn planned_table(
    table: &Table,
    mapping: &Mapping,
    scan: &Scan,
    member: Option<&str>,
    choices: &Choices,
) -> PlannedTable {
    let columns = mapping.header.iter().enumerate();
    let columns = columns.map(|(index, name)| {
        let meaning = meaning(index, mapping, choices);
        PlannedColumn {
            name: name.clone(),
            not_read: meaning.is_none().then(|| reason(index, mapping, scan)),
            meaning,
            example: scan.examples.get(index).cloned().unwrap_or_default(),
        }
    });
    PlannedTable {
        name: table.name().to_owned(),
        form: table.form().to_string(),
        layout: Some(mapping.layout.name.clone()),
        title: mapping.layout.title.clone(),
        rows_are: match mapping.rows {
            _ if mapping.has_kinds() => "records of the kinds that they say",
            RowsOf::Films => "films",
            RowsOf::Reviews => "reviews",
            RowsOf::None => "nothing",
        },
        rows: scan.rows,
        columns: columns.collect(),
        notes: notes(table, mapping, scan, member, choices),
    }
}
