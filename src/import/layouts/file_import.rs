//! The tables of a plan as a source of rows.

use std::{collections::VecDeque, mem, ops::ControlFlow};

use super::{
    Plan,
    choices::Choices,
    description::RowsOf,
    mapping::Mapping,
    plan::PlannedSource,
    review_id::Occurrences,
    translation::{Shared, Translated, Translation},
};
use crate::{
    catalogue::{Defaults, ReadingOptions},
    import::{
        rows::{
            FileError, FileFacts, InvalidRow, Row, RowError, RowPosition, RowSource, TableColumns,
            ValidRow, csv_line,
        },
        source::Progress,
        table::Table,
    },
    site_rules::ReadingRules,
};

/// The tables of a plan, to be stored. A clone that is made before they are read can be read as well.
#[derive(Clone)]
pub struct FilesImport {
    names: Vec<String>,
    tables: Vec<(Table, Translation)>,
    shared: Shared,
    /// The columns of each table that is read.
    columns: Vec<TableColumns>,
    /// The numbers of rows that are left out, with the words for them.
    left_out: Vec<(String, u64)>,
}

/// The words for rows that an earlier table of the import has as well.
const AGAIN: &str = "reviews that another file of this import has";

/// The words for the last row of a table that has the totals of the others.
const TOTALS: &str = "row of totals at the end of a table";

impl FilesImport {
    /// Creates the source of the rows of a plan.
    #[must_use]
    pub fn new(plan: Plan, choices: &Choices, options: ReadingOptions) -> Self {
        let tables = plan.sources.into_iter();
        let tables: Vec<_> = tables
            .map(|source| translated(source, choices, options))
            .collect();
        Self {
            names: tables
                .iter()
                .map(|(table, _)| table.name().to_owned())
                .collect(),
            tables,
            shared: Shared::default(),
            columns: Vec::new(),
            left_out: Vec::new(),
        }
    }

    /// Returns the tables, to be read beside the import.
    #[must_use]
    pub fn tables(&self) -> Vec<Table> {
        let tables = self.tables.iter();
        tables.map(|(table, _)| table.detached()).collect()
    }

    /// Returns the read progress of each table.
    #[must_use]
    pub fn progress(&self) -> Vec<Progress> {
        self.tables
            .iter()
            .map(|(table, _)| table.progress())
            .collect()
    }

    /// Reads a table.
    fn read_table(
        &mut self,
        index: usize,
        visit: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, FileError> {
        let Some((table, translation)) = self.tables.get_mut(index) else {
            return Ok(ControlFlow::Continue(()));
        };
        let file = u8::try_from(index).unwrap_or(u8::MAX);
        let mut rows = table.rows()?;
        let mut pending = VecDeque::new();
        let mut last_line = 0;
        loop {
            match rows.next_row() {
                Ok(None) => break,
                Ok(Some(row)) => {
                    // Objects of JSON may share a line, and each row needs a position of its own.
                    last_line = row.line.max(last_line + 1);
                    let position = RowPosition::new(file, last_line);
                    let cells: Vec<&str> = row.cells().collect();
                    match translation.translate(row, &cells, &mut self.shared) {
                        Ok(Translated::Blank) => {}
                        Ok(Translated::Totals) => count(&mut self.left_out, TOTALS),
                        Ok(Translated::Again) => count(&mut self.left_out, AGAIN),
                        Ok(Translated::LeftOut(rule)) => {
                            count(&mut self.left_out, translation.mapping.left_out_words(rule));
                        }
                        Ok(Translated::Records(records)) => {
                            pending.extend(records.into_iter().map(|row| valid(position, row)));
                        }
                        Err(errors) => pending.push_back(Row {
                            position,
                            content: Err(InvalidRow {
                                errors: first_of_each_column(errors),
                                text: csv_line(cells.iter().copied()),
                            }),
                        }),
                    }
                }
                Err(error) => {
                    let (line, error) = RowError::from_source_error(error)
                        .map_err(|error| FileError::new(table.name(), &error))?;
                    pending.push_back(Row {
                        position: RowPosition::new(file, line),
                        content: Err(error.into()),
                    });
                }
            }
            while let Some(row) = pending.pop_front() {
                if visit(row).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        translation.end(&mut self.shared);
        let seen = mem::take(&mut self.shared.seen);
        self.columns.push(seen.table_columns());
        Ok(ControlFlow::Continue(()))
    }
}

impl RowSource for FilesImport {
    fn set_reading_rules(&mut self, rules: &ReadingRules) {
        for (_, translation) in &mut self.tables {
            translation.review_defaults.rules = *rules;
            translation.film_defaults.rules = *rules;
        }
    }

    fn read(&mut self, visit: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<(), FileError> {
        for index in 0..self.tables.len() {
            if self.read_table(index, visit)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn file_facts(&self) -> FileFacts {
        FileFacts {
            columns: self.columns.clone(),
            left_out: self.left_out.clone(),
            ..FileFacts::default()
        }
    }

    fn files(&self) -> &[String] {
        &self.names
    }
}

fn translated(
    source: PlannedSource,
    choices: &Choices,
    options: ReadingOptions,
) -> (Table, Translation) {
    let PlannedSource {
        table,
        mapping,
        member,
        review_dates,
        release_dates,
    } = source;
    let defaults = |date_order| Defaults {
        source: mapping
            .layout
            .source
            .clone()
            .or_else(|| choices.source.clone()),
        options: ReadingOptions {
            bare_scores_out_of: choices.bare_scores_out_of.or_else(|| scale(&mapping)),
            date_order,
            ..options
        },
        rules: ReadingRules::default(),
    };
    let translation = Translation {
        review_defaults: defaults(review_dates),
        film_defaults: defaults(release_dates),
        member,
        ids: Occurrences::default(),
        rows: 0,
        mapping,
    };
    (table, translation)
}

/// Returns the maximum of bare grades that the layout says.
fn scale(mapping: &Mapping) -> Option<std::num::NonZeroU16> {
    let mut reads = mapping.reads.iter();
    reads
        .find_map(|read| read.rule.out_of)
        .filter(|_| mapping.rows == RowsOf::Reviews)
}

fn valid(position: RowPosition, row: ValidRow) -> Row {
    Row {
        position,
        content: Ok(row),
    }
}

fn count(counts: &mut Vec<(String, u64)>, words: &str) {
    if let Some((_, count)) = counts.iter_mut().find(|(known, _)| known == words) {
        *count += 1;
    } else {
        counts.push((words.to_owned(), 1));
    }
}

/// Returns the errors without those of columns that have one already: the film and the review of a row share columns.
fn first_of_each_column(errors: Vec<RowError>) -> Vec<RowError> {
    let mut kept: Vec<RowError> = Vec::new();
    for error in errors {
        if !kept.iter().any(|known| known.column == error.column) {
            kept.push(error);
        }
    }
    kept
}
