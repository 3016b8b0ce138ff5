//! The plan of an import: the layout of each table, the meaning of each column, and what is not read.

mod text;

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use serde::Serialize;

use self::text::{meaning, notes, reason};
use super::{
    PlanError,
    choices::{Choices, is_same_name},
    description::{self, Layout, Member, RowsOf},
    generic,
    mapping::Mapping,
    recognition,
    scan::{self, Scan},
};
use crate::{
    catalogue::{Column, DateOrder},
    import::table::{Skipped, Table, Tables},
};

/// The maximum number of tables, since a position has a number below this for its file.
const MAX_TABLES: usize = 255;

/// The endings of the names of files with several tables.
const CONTAINERS: [&str; 3] = ["zip", "xlsx", "ods"];

/// The plan of an import.
#[derive(Debug, Serialize)]
pub struct Plan {
    /// The tables, in the order in which they are read.
    pub tables: Vec<PlannedTable>,
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
    /// Returns the first reason why the tables can't be imported, with what to type next.
    pub fn make(files: Tables, choices: &Choices) -> Result<Self, PlanError> {
        let Tables { tables, skipped } = files;
        let layouts = description::all()?;
        check_choices(&tables, choices)?;
        let mut unread: Vec<PlannedTable> = skipped.iter().map(skipped_part).collect();
        let mut mapped = Vec::new();
        let is_alone = tables.len() == 1;
        let known: Vec<Option<Layout>> = tables
            .iter()
            .map(|table| Ok(layout_of(table, choices, layouts)?.cloned()))
            .collect::<Result<_, PlanError>>()?;
        let found: Vec<Result<Layout, PlanError>> = tables
            .iter()
            .zip(known)
            .map(|(table, known)| known.map_or_else(|| generic::layout(table, choices), Ok))
            .collect();
        let has_rows = |layout: &&Layout| layout.rows != RowsOf::None;
        let readable: Vec<&Layout> = found.iter().flatten().filter(has_rows).collect();
        let has_known = readable.iter().any(|layout| layout.name != generic::NAME);
        let has_readable = !readable.is_empty();
        for (table, layout) in tables.into_iter().zip(found) {
            let is_part = is_part(table.name()) && !is_alone;
            let layout = match layout {
                Ok(layout) => layout,
                // An archive or a workbook has more than films and reviews.
                Err(PlanError::NoFilm { .. }) if is_part && has_readable => {
                    unread.push(unread_table(
                        &table,
                        "no column is known as the title of a film",
                    ));
                    continue;
                }
                Err(_) if is_part && has_known => {
                    unread.push(unread_table(&table, "its columns are those of no layout"));
                    continue;
                }
                Err(error) => return Err(error),
            };
            if is_part && is_in(table.name(), &layout.unread_folders) {
                unread.push(unread_table(&table, "the member has deleted what it has"));
                continue;
            }
            mapped.push((Mapping::new(&table, layout, choices)?, table));
        }
        let members = match &choices.critic {
            Some(critic) => Members::Given(critic.clone()),
            None => Members::OfExports(members(&mapped)?),
        };
        mapped.sort_by_key(|(mapping, _)| (mapping.rows != RowsOf::Films, mapping.layout.order));
        Self::scanned(mapped, unread, &members, choices)
    }

    fn scanned(
        mapped: Vec<(Mapping, Table)>,
        mut unread: Vec<PlannedTable>,
        members: &Members,
        choices: &Choices,
    ) -> Result<Self, PlanError> {
        let mut plan = Self {
            tables: Vec::new(),
            sources: Vec::new(),
        };
        let mut nothing = None;
        for (mapping, table) in mapped {
            if mapping.rows == RowsOf::None {
                let about = &mapping.layout.about;
                unread.push(unread_table(
                    &table,
                    &format!("{}. {about}", mapping.layout.title),
                ));
                nothing = nothing.or_else(|| {
                    Some(PlanError::NothingToRead {
                        table: table.name().to_owned(),
                        title: mapping.layout.title.clone(),
                    })
                });
                continue;
            }
            let member = member_of(&mapping, members)?;
            let scan = scan::scan(&table, &mapping)?;
            scan.check(&mapping, choices)?;
            plan.tables.push(planned_table(
                &table,
                &mapping,
                &scan,
                member.as_deref(),
                choices,
            ));
            let layout = mapping.layout.dates.map(DateOrder::from);
            let order = |found: &Result<Option<DateOrder>, _>| {
                let found = found.as_ref().ok().copied().flatten();
                choices.date_order.or(found).or(layout)
            };
            plan.sources.push(PlannedSource {
                review_dates: order(&scan.review_dates),
                release_dates: order(&scan.release_dates),
                table,
                mapping,
                member,
            });
        }
        if plan.sources.is_empty() {
            return Err(nothing.unwrap_or(PlanError::NoTable));
        }
        plan.tables.append(&mut unread);
        Ok(plan)
    }
}

/// Checks that the tables have the columns that the caller names, and that they can be told apart.
fn check_choices(tables: &[Table], choices: &Choices) -> Result<(), PlanError> {
    if tables.is_empty() {
        return Err(PlanError::NoTable);
    }
    if tables.len() > MAX_TABLES {
        return Err(PlanError::TooManyTables(tables.len()));
    }
    let header: Vec<String> = tables
        .iter()
        .flat_map(|table| table.header().iter().cloned())
        .collect();
    for (column, _) in choices.columns.iter() {
        if !header.iter().any(|name| is_same_name(name, column)) {
            let column = column.to_owned();
            return Err(PlanError::NoSuchColumn { column, header });
        }
    }
    Ok(())
}

/// Returns whether a table is a part of a file: a member of an archive, or a sheet.
fn is_part(name: &str) -> bool {
    let has_parts = |path: &Path| {
        let form = path.extension().and_then(|end| end.to_str());
        form.is_some_and(|form| {
            CONTAINERS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(form))
        })
    };
    Path::new(name).ancestors().skip(1).any(has_parts)
}

/// Returns whether a member of an archive is in one of these folders.
fn is_in(name: &str, folders: &[String]) -> bool {
    let folder = Path::new(name).parent().and_then(Path::file_name);
    folders
        .iter()
        .any(|known| folder.is_some_and(|folder| folder.eq_ignore_ascii_case(known)))
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

/// The persons whose reviews the tables have that name none.
enum Members {
    /// The one that the caller names.
    Given(String),
    /// The member of each export, by the folder or the archive of its tables.
    OfExports(BTreeMap<PathBuf, String>),
}

fn export_of(table: &str) -> PathBuf {
    let parent = Path::new(table).parent();
    parent.map(Path::to_owned).unwrap_or_default()
}

/// Returns the names of the members that tables of the exports say.
fn members(mapped: &[(Mapping, Table)]) -> Result<BTreeMap<PathBuf, String>, PlanError> {
    let mut members = BTreeMap::new();
    for (mapping, table) in mapped {
        if mapping.layout.member_name.is_empty() {
            continue;
        }
        let mut rows = table.rows()?;
        let row = rows.next_row();
        let row = row.map_err(|error| crate::import::rows::FileError::new(table.name(), &error))?;
        let Some(row) = row else { continue };
        let cells: Vec<&str> = row.cells().collect();
        for columns in &mapping.layout.member_name {
            let parts = columns.iter().filter_map(|column| {
                let index = mapping
                    .header
                    .iter()
                    .position(|name| is_same_name(name, column))?;
                cells.get(index).map(|cell| cell.trim())
            });
            let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
            if !parts.is_empty() {
                members.insert(export_of(table.name()), parts.join(" "));
                break;
            }
        }
    }
    Ok(members)
}

/// Returns the critic of all reviews of a table.
fn member_of(mapping: &Mapping, members: &Members) -> Result<Option<String>, PlanError> {
    let has_names = mapping.reads.iter().any(|read| read.rule.names);
    let has_critic = has_names || mapping.index_of(Column::Critic).is_some();
    if mapping.rows != RowsOf::Reviews || has_critic {
        return Ok(None);
    }
    let member = match members {
        Members::Given(name) => Some(name),
        // The member of another site's export is another person, as far as the tables say.
        Members::OfExports(_) if mapping.layout.member.is_none() => None,
        Members::OfExports(members) => members.get(&export_of(&mapping.table)),
    };
    if member.is_none() && mapping.layout.member == Some(Member::Required) {
        return Err(PlanError::NoMember {
            table: mapping.table.clone(),
        });
    }
    Ok(member.cloned())
}

fn unread_table(table: &Table, reason: &str) -> PlannedTable {
    unread_part(table.name(), table.form().to_string(), reason)
}

fn skipped_part(part: &Skipped) -> PlannedTable {
    unread_part(&part.name, String::new(), part.reason)
}

fn unread_part(name: &str, form: String, reason: &str) -> PlannedTable {
    PlannedTable {
        name: name.to_owned(),
        form,
        layout: None,
        title: reason.to_owned(),
        rows_are: "nothing",
        rows: 0,
        columns: Vec::new(),
        notes: Vec::new(),
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
            not_read: meaning.is_none().then(|| reason(index, mapping)),
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
        notes: notes(mapping, scan, member, choices),
    }
}
