//! The steps from the tables to their plan, which go on after an error, so that all errors are found at once.

use std::path::Path;

use super::{
    super::{
        PlanError,
        choices::{Choices, FileKinds, RowsAs},
        description::{Layout, RowsOf},
        generic,
        mapping::Mapping,
        scan,
    },
    Plan, PlannedSource, PlannedTable,
    members::Members,
    planned_table,
};
use crate::import::table::{Skipped, Table};

/// The endings of the names of files with several tables.
const CONTAINERS: [&str; 3] = ["zip", "xlsx", "ods"];

/// The layout of each table, or the reason why it has none.
pub(super) struct Found {
    layouts: Vec<Result<Layout, PlanError>>,
    has_known: bool,
    has_readable: bool,
    has_reviews: bool,
}

impl Found {
    pub fn new(layouts: Vec<Result<Layout, PlanError>>) -> Self {
        let has_rows = |layout: &&Layout| layout.rows != RowsOf::None;
        let mut readable = layouts.iter().flatten().filter(has_rows).peekable();
        Self {
            has_readable: readable.peek().is_some(),
            has_known: readable.any(|layout| layout.name != generic::NAME),
            has_reviews: layouts
                .iter()
                .flatten()
                .any(|layout| layout.rows == RowsOf::Reviews),
            layouts,
        }
    }
}

/// A plan that is being made.
pub(super) struct Planning<'c> {
    choices: &'c Choices,
    mapped: Vec<(Mapping, Table)>,
    unread: Vec<PlannedTable>,
    errors: Vec<PlanError>,
}

impl<'c> Planning<'c> {
    /// Maps the columns of the tables.
    pub fn map(
        tables: Vec<Table>,
        skipped: &[Skipped],
        found: Found,
        choices: &'c Choices,
    ) -> Self {
        let mut planning = Self {
            choices,
            mapped: Vec::new(),
            unread: skipped.iter().map(skipped_part).collect(),
            errors: Vec::new(),
        };
        let is_alone = tables.len() == 1;
        for (table, layout) in tables.into_iter().zip(found.layouts) {
            let is_part = is_part(table.name()) && !is_alone;
            let layout = match layout {
                Ok(layout) => layout,
                // An archive or a workbook has more than films and reviews.
                Err(PlanError::NoFilm { .. }) if is_part && found.has_readable => {
                    let reason = "no column is known as the title of a film";
                    planning.unread.push(unread_table(&table, reason));
                    continue;
                }
                Err(_) if is_part && found.has_known => {
                    let reason = "its columns are those of no layout";
                    planning.unread.push(unread_table(&table, reason));
                    continue;
                }
                Err(error) => {
                    if matches!(error, PlanError::NoJudgement { .. }) {
                        planning.add_as_films(table);
                        // A sheet or a member of an archive can't be named by the caller of `importFile`.
                        if is_part && found.has_reviews {
                            continue;
                        }
                    }
                    planning.errors.push(error);
                    continue;
                }
            };
            if is_part && is_in(table.name(), &layout.unread_folders) {
                let reason = "the member has deleted what it has";
                planning.unread.push(unread_table(&table, reason));
                continue;
            }
            match Mapping::new(&table, layout, choices) {
                Ok(mapping) => planning.mapped.push((mapping, table)),
                Err(error) => planning.errors.push(error),
            }
        }
        planning
            .mapped
            .sort_by_key(|(mapping, _)| (mapping.rows != RowsOf::Films, mapping.layout.order));
        planning
    }

    /// Adds a table without reviews as a list of films. If no other table has reviews, a refusal shows what its columns mean.
    fn add_as_films(&mut self, table: Table) {
        let choices = Choices {
            rows: Some(RowsAs::Films),
            rows_by_file: FileKinds::default(),
            ..self.choices.clone()
        };
        let mapping = generic::layout(&table, &choices)
            .and_then(|layout| Mapping::new(&table, layout, &choices));
        match mapping {
            Ok(mapping) => self.mapped.push((mapping, table)),
            Err(error) => self.errors.push(error),
        }
    }

    /// Reads each table once, and returns the plan. An error has the plan of the tables that were recognized.
    pub fn finish(mut self, notes: Vec<String>) -> Result<Plan, PlanError> {
        let members = Members::find(self.choices.critic.as_ref(), &self.mapped)?;
        let mut plan = Plan {
            tables: Vec::new(),
            notes,
            sources: Vec::new(),
        };
        let mut nothing = None;
        for (mapping, table) in std::mem::take(&mut self.mapped) {
            if mapping.rows == RowsOf::None {
                let (title, about) = (&mapping.layout.title, &mapping.layout.about);
                let reason = format!("{title}. {about}");
                self.unread.push(unread_table(&table, &reason));
                nothing = nothing.or_else(|| {
                    Some(PlanError::NothingToRead {
                        table: table.name().to_owned(),
                        title: title.clone(),
                    })
                });
                continue;
            }
            self.plan_table(mapping, table, &members, &mut plan)?;
        }
        if plan.sources.is_empty() && self.errors.is_empty() {
            return Err(nothing.unwrap_or(PlanError::NoTable));
        }
        plan.tables.append(&mut self.unread);
        match (self.errors.pop(), self.errors.is_empty()) {
            (None, _) => Ok(plan),
            (Some(error), true) if plan.tables.is_empty() => Err(error),
            (Some(error), _) => {
                self.errors.push(error);
                Err(PlanError::Refused {
                    plan: Box::new(plan),
                    errors: self.errors,
                })
            }
        }
    }

    fn plan_table(
        &mut self,
        mut mapping: Mapping,
        table: Table,
        members: &Members,
        plan: &mut Plan,
    ) -> Result<(), PlanError> {
        let member = members.of(&mapping);
        let scan = scan::scan(&table, &mapping)?;
        mapping.totals = scan.totals.as_ref().map(|totals| totals.row);
        let checked = scan.check(&mapping, self.choices);
        let member = match (member, checked) {
            (Ok(member), checked) => {
                self.errors.extend(checked.err());
                member
            }
            (Err(error), _) => {
                self.errors.push(error);
                None
            }
        };
        let planned = planned_table(&table, &mapping, &scan, member.as_deref(), self.choices);
        plan.tables.push(planned);
        let order = |found: &Result<Option<_>, _>| {
            let found = found.as_ref().ok().copied().flatten();
            let choice = self.choices.date_order;
            choice.or(found).or(mapping.layout.dates)
        };
        plan.sources.push(PlannedSource {
            review_dates: order(&scan.review_dates),
            release_dates: order(&scan.release_dates),
            table,
            mapping,
            member,
        });
        Ok(())
    }
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
