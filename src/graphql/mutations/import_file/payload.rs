//! The payload of `importFile`.

use async_graphql::{Object, SimpleObject};

use crate::{
    graphql::{int, mutations::import_page::ImportChanges, selection::InlinedList},
    import::{
        Changes, SimilarName,
        layouts::{PlannedColumn, PlannedTable},
        rows::RowPosition,
        store::file::{FilePreview, ImportedFile},
    },
    user_error::UserError,
};

/// A table of a file: the file itself, a sheet, or a file in an archive.
#[derive(Clone, Debug, SimpleObject)]
pub struct FileTable {
    /// The name of the file, and of the sheet or the file in the archive: "list.xlsx/Sheet1".
    name: String,
    /// The form, such as "CSV with commas, UTF-8"; empty for a part that was not opened.
    form: String,
    /// The name of the layout; null if the table is not read.
    layout: Option<String>,
    /// The title of the layout, or the reason why the table is not read.
    title: String,
    /// What the rows are, such as "reviews".
    rows_are: String,
    /// The number of rows, without blank ones and those that are left out.
    row_count: i32,
    /// The columns, in the order of the table.
    columns: Vec<FileColumn>,
    /// What else was decided, such as the scale of grades, as sentences.
    notes: Vec<String>,
}

/// A column of a table.
#[derive(Clone, Debug, SimpleObject)]
pub struct FileColumn {
    /// The name in the table.
    name: String,
    /// What the column means; null if it is not read.
    meaning: Option<String>,
    /// The reason why the column is not read; null if it is.
    not_read: Option<String>,
    /// The first text of the column; empty if it has none.
    example: String,
}

/// A record of a row: a film, a critic, a publication, a published score or a review.
#[derive(Clone, Debug, SimpleObject)]
pub struct FileRecord {
    /// The name of the table.
    table: String,
    /// The line of the row in its table, counted from 1.
    line: i32,
    /// The values as they would be stored, without blank ones.
    values: Vec<FileValue>,
}

/// A value of a record.
#[derive(Clone, Debug, SimpleObject)]
pub struct FileValue {
    /// The name of the column in Marquee's own format, such as `film_year`.
    column: String,
    /// The value as text. Items of lists are separated by semicolons.
    value: String,
}

/// An error in a row of a file.
#[derive(Clone, Debug, SimpleObject)]
pub struct FileRowError {
    /// The name of the table.
    table: String,
    /// The line of the row in its table, counted from 1.
    line: i32,
    /// The name of the column in the table.
    column: String,
    /// The message for people, with the cell.
    message: String,
}

impl From<&PlannedTable> for FileTable {
    fn from(table: &PlannedTable) -> Self {
        Self {
            name: table.name.clone(),
            form: table.form.clone(),
            layout: table.layout.clone(),
            title: table.title.clone(),
            rows_are: table.rows_are.to_owned(),
            row_count: int(usize::try_from(table.rows).unwrap_or(usize::MAX)),
            columns: table.columns.iter().map(FileColumn::from).collect(),
            notes: table.notes.clone(),
        }
    }
}

impl From<&PlannedColumn> for FileColumn {
    fn from(column: &PlannedColumn) -> Self {
        Self {
            name: column.name.clone(),
            meaning: column.meaning.clone(),
            not_read: column.not_read.clone(),
            example: column.example.clone(),
        }
    }
}

/// The result of `importFile`.
#[derive(Debug)]
pub struct ImportFilePayload {
    pub(super) preview: FilePreview,
    pub(super) imported: Option<ImportedFile>,
    pub(super) user_errors: Vec<UserError>,
}

impl ImportFilePayload {
    fn changes(&self, of: fn(&ImportedFile) -> Changes) -> Option<ImportChanges> {
        Some(of(self.imported.as_ref()?).into())
    }

    /// Returns the name of the table and the line of a row.
    fn place(&self, position: RowPosition) -> (String, i32) {
        let table = position.file_name(&self.preview.files).to_owned();
        (table, i32::try_from(position.line()).unwrap_or(i32::MAX))
    }
}

/// The result of `importFile`.
#[Object]
impl ImportFilePayload {
    /// The tables of the file with the meanings of their columns; empty if the file can't be planned.
    async fn tables(&self) -> Vec<FileTable> {
        self.preview.tables.iter().map(FileTable::from).collect()
    }

    /// The records of the first ten rows. A row can have several: a review and its film.
    async fn first_records(&self) -> Vec<FileRecord> {
        let records = self.preview.first.iter().map(|record| {
            let (table, line) = self.place(record.position);
            let values = record.values.iter().map(|(column, value)| FileValue {
                column: (*column).to_owned(),
                value: value.clone(),
            });
            FileRecord {
                table,
                line,
                values: values.collect(),
            }
        });
        records.collect()
    }

    /// The errors of invalid rows, in their order, at most 100; empty if all rows are valid.
    async fn row_errors(&self) -> Vec<FileRowError> {
        let errors = self.preview.errors.iter().map(|(position, error)| {
            let (table, line) = self.place(*position);
            FileRowError {
                table,
                line,
                column: error.column.clone(),
                message: error.reason.clone(),
            }
        });
        errors.collect()
    }

    /// What was read with a warning, what was left out, grades that no rule could read, names that were matched although
    /// they differ in case, and critics with several reviews of a film, as sentences; empty if there is nothing of it.
    async fn notes(&self) -> Vec<String> {
        let mut notes = self.preview.stats.messages(&self.preview.files);
        if let Some(imported) = &self.imported {
            notes.extend_from_slice(&imported.notes);
        }
        notes
    }

    /// The changes to films; null if the file was rejected.
    async fn films(&self) -> Option<ImportChanges> {
        self.changes(|imported| imported.films)
    }

    /// The changes to critics; null if the file was rejected.
    async fn critics(&self) -> Option<ImportChanges> {
        self.changes(|imported| imported.critics)
    }

    /// The changes to publications; null if the file was rejected.
    async fn publications(&self) -> Option<ImportChanges> {
        self.changes(|imported| imported.publications)
    }

    /// The changes to the scores that sources publish for films; null if the file was rejected.
    async fn published_scores(&self) -> Option<ImportChanges> {
        self.changes(|imported| imported.published_scores)
    }

    /// The changes to reviews; null if the file was rejected.
    async fn reviews(&self) -> Option<ImportChanges> {
        self.changes(|imported| imported.reviews)
    }

    /// The new names that are similar to existing ones: they differ only in accents, punctuation and blanks. They were
    /// added; `mergeCritics` and `mergePublications` merge two. Empty if there are none, or if the file was rejected.
    async fn similar_names(&self) -> InlinedList<SimilarName> {
        let imported = self.imported.as_ref();
        InlinedList(imported.map_or_else(Vec::new, |imported| imported.similar_names.clone()))
    }

    /// All errors in the input and the file; empty if the file was imported, or if it could be in a dry run.
    async fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
