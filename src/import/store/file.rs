//! The mutation that imports a file which a client has sent.

mod previewed_record;

pub use self::previewed_record::PreviewedRecord;

use std::{collections::HashSet, ops::ControlFlow};

use sea_orm::DbErr;
use serde::{Deserialize, Serialize};

use super::bulk::{
    MAX_REJECTIONS_IN_ERROR,
    error::{ImportError, Rejection},
    store_in_transaction,
};
use crate::{
    catalogue::ReadingOptions,
    database::session::transaction::Transaction,
    import::{
        Changes, SimilarName,
        layouts::{self, Choices, FilesImport, Plan, PlanError, PlannedTable},
        report::{ReadStats, Report},
        rows::{FileError, RowError, RowPosition, RowSource as _},
        table::TableOptions,
    },
    mutation::{Command, CommandOutcome},
    site_rules::ReadingRules,
    user_error::{
        UserErrorCode::{Ambiguous, Invalid},
        UserErrors,
    },
};

/// The number of rows of a preview.
pub const PREVIEWED_ROWS: usize = 10;

/// The maximum number of rows of a sent file, which must be stored within the deadline of a request.
pub const MAX_SENT_ROWS: u64 = 50_000;

/// The maximum number of columns of all tables of a sent file, which the plan lists.
const MAX_SENT_COLUMNS: usize = 1_000;

/// The maximum number of errors of rows that a preview lists.
pub const MAX_ROW_ERRORS: usize = 100;

/// The path of the file in the input.
const CONTENT: &str = "content";

/// A sent file that is not imported by a mutation, because it is too large.
#[derive(Debug, thiserror::Error)]
pub enum SentFileError {
    /// It can't be planned or read.
    #[error(transparent)]
    Plan(PlanError),
    /// This machine can't read it.
    #[error("a sent file can't be read: {0}")]
    Fault(FileError),
    /// It has too many columns.
    #[error(
        "has {0} columns, and at most {MAX_SENT_COLUMNS} are allowed; import it with the command `marquee import`"
    )]
    Columns(usize),
    /// It has too many rows.
    #[error("has more than {MAX_SENT_ROWS} rows; import it with the command `marquee import`")]
    Rows,
}

impl From<PlanError> for SentFileError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::File(error) if error.is_fault => Self::Fault(error),
            error => Self::Plan(error),
        }
    }
}

/// A file that a client has sent, and how it is read.
#[derive(Clone, Debug)]
pub struct SentFile {
    /// The name, which messages have.
    pub name: String,
    /// The content.
    pub bytes: Vec<u8>,
    /// How the file is split into cells.
    pub table_options: TableOptions,
    /// What the client decides about the columns and the rows.
    pub choices: Choices,
    /// How cells are read.
    pub options: ReadingOptions,
    /// How cells are read if the options don't say.
    pub rules: ReadingRules,
}

impl SentFile {
    /// Plans the import of the file, and reads all of its rows. Returns them with the preview, to be stored. It blocks the
    /// thread.
    ///
    /// # Errors
    ///
    /// Returns the reason why the file can't be planned or read.
    pub fn preview(&self) -> Result<(FilePreview, FilesImport), SentFileError> {
        let mut plan = self.plan()?;
        let tables = std::mem::take(&mut plan.tables);
        let planned = self.rows(plan);
        let mut rows = planned.clone();
        let mut preview = FilePreview {
            tables,
            files: rows.files().to_vec(),
            ..FilePreview::default()
        };
        rows.read(&mut |row| {
            preview.stats.count_row(row.position);
            if preview.stats.rows > MAX_SENT_ROWS {
                return ControlFlow::Break(());
            }
            match row.content {
                Ok(valid) => {
                    let (record, warnings) = (valid.record, valid.warnings);
                    preview.stats.count(row.position, &record, &warnings);
                    if preview.stats.rows <= PREVIEWED_ROWS as u64 {
                        preview
                            .first
                            .push(PreviewedRecord::new(row.position, record));
                    }
                }
                Err(invalid) => {
                    preview.invalid_rows += 1;
                    let room = MAX_ROW_ERRORS.saturating_sub(preview.errors.len());
                    let errors = invalid.errors.into_iter().take(room);
                    preview
                        .errors
                        .extend(errors.map(|error| (row.position, error)));
                }
            }
            ControlFlow::Continue(())
        })
        .map_err(PlanError::from)?;
        if preview.stats.rows > MAX_SENT_ROWS {
            return Err(SentFileError::Rows);
        }
        preview.stats.file_facts = rows.file_facts();
        Ok((preview, planned))
    }

    fn plan(&self) -> Result<Plan, SentFileError> {
        let files = layouts::read(&self.name, &self.bytes, &self.table_options)?;
        let columns = files.tables.iter().map(|table| table.header().len()).sum();
        if columns > MAX_SENT_COLUMNS {
            return Err(SentFileError::Columns(columns));
        }
        Ok(Plan::make(files, &self.choices)?)
    }

    fn rows(&self, plan: Plan) -> FilesImport {
        let mut rows = FilesImport::new(plan, &self.choices, self.options);
        rows.set_reading_rules(&self.rules);
        rows
    }
}

/// What a file has, before it is compared with the catalogue.
#[derive(Debug, Default)]
pub struct FilePreview {
    /// The tables of the file, with the meanings of their columns.
    pub tables: Vec<PlannedTable>,
    /// The names of the tables that are read, by the indexes of positions.
    pub files: Vec<String>,
    /// The records of the first rows, at most [`PREVIEWED_ROWS`] of them.
    pub first: Vec<PreviewedRecord>,
    /// The errors of invalid rows, at most [`MAX_ROW_ERRORS`].
    pub errors: Vec<(RowPosition, RowError)>,
    /// The number of invalid rows.
    pub invalid_rows: usize,
    /// Statistics about the rows.
    pub stats: ReadStats,
}

impl FilePreview {
    /// Creates the preview of a file that can't be read.
    #[must_use]
    pub fn of_tables(tables: Vec<PlannedTable>) -> Self {
        Self {
            tables,
            ..Self::default()
        }
    }
}

/// The mutation that stores a file, or previews the changes in a dry run.
pub struct ImportFile {
    /// The rows of the file; `None` if the input is invalid, or the file can't be read.
    pub rows: Option<FilesImport>,
    /// Whether to roll everything back at the end.
    pub dry_run: bool,
    /// The errors that were already found in the input and in the file.
    pub errors: UserErrors,
}

/// The result of the import of a file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct ImportedFile {
    /// The changes to films.
    pub films: Changes,
    /// The changes to critics.
    pub critics: Changes,
    /// The changes to publications.
    pub publications: Changes,
    /// The changes to the scores that sources publish for films.
    pub published_scores: Changes,
    /// The changes to reviews.
    pub reviews: Changes,
    /// The new names that are similar to existing ones.
    pub similar_names: Vec<SimilarName>,
    /// The sentences about what was stored. Results that older versions have stored have none.
    #[serde(default)]
    pub notes: Vec<String>,
}

impl From<Report> for ImportedFile {
    fn from(report: Report) -> Self {
        Self {
            notes: report.messages(),
            films: report.films,
            critics: report.critics,
            publications: report.publications,
            published_scores: report.published_scores,
            reviews: report.reviews,
            similar_names: report.similar_names,
        }
    }
}

impl Command for ImportFile {
    type Done = ImportedFile;

    fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    /// Names that are ambiguous are found after the new names are added.
    fn rejects_after_changes(&self) -> bool {
        true
    }

    async fn run(&self, transaction: &Transaction) -> Result<CommandOutcome<ImportedFile>, DbErr> {
        let mut errors = self.errors.clone();
        let (Some(rows), true) = (&self.rows, errors.is_empty()) else {
            return Ok(CommandOutcome::Refused(errors.into_vec()));
        };
        // Each attempt reads the rows anew.
        let rows = rows.clone();
        let files = rows.files().to_vec();
        let stored = transaction.with_driver("IMPORT", async |connection| {
            match store_in_transaction(rows, connection).await {
                Ok(report) => {
                    let rows = report.read_stats.rows;
                    Ok((Ok(report), rows))
                }
                Err(ImportError::Database(error) | ImportError::Unconfirmed(error)) => Err(error),
                Err(error) => Ok((Err(error), 0)),
            }
        });
        match stored.await? {
            Ok(report) => Ok(CommandOutcome::Done(report.into())),
            Err(ImportError::File(error)) => {
                errors.add(CONTENT, Invalid, error.to_string());
                Ok(CommandOutcome::Refused(errors.into_vec()))
            }
            Err(ImportError::Rejected { first, total, .. }) => {
                add_rejections(&first, total, &files, &mut errors);
                Ok(CommandOutcome::Refused(errors.into_vec()))
            }
            Err(error) => Err(DbErr::Custom(error.to_string())),
        }
    }
}

/// Adds the errors of rows that contradict the catalogue or each other.
fn add_rejections(first: &[Rejection], total: usize, files: &[String], errors: &mut UserErrors) {
    for rejection in first {
        let (message, candidates) = (rejection.message(files), rejection.candidates.clone());
        let code = if candidates.is_empty() {
            Invalid
        } else {
            Ambiguous
        };
        errors.add_with_candidates(CONTENT, code, message, candidates);
    }
    let rows = first.iter().map(|rejection| rejection.position);
    if total > rows.collect::<HashSet<_>>().len() || first.len() == MAX_REJECTIONS_IN_ERROR {
        let message = format!("{total} rows can't be stored; these are the first errors");
        errors.add(CONTENT, Invalid, message);
    }
}
