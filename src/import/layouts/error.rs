//! The reasons why the files of an import can't be planned. Each names what to type next.

use thiserror::Error;

use super::{LayoutError, Plan, values::argument};
use crate::import::rows::FileError;

/// The maximum number of names that a message lists.
const MAX_NAMES: usize = 12;

/// The maximum number of characters of a name in a list.
const MAX_LISTED_LENGTH: usize = 60;

/// The maximum number of characters of a name in an argument to type.
const MAX_ARGUMENT_LENGTH: usize = 200;

/// The maximum number of tables whose errors a message lists.
pub const MAX_REFUSALS: usize = 20;

/// An import of these files can't be planned.
#[derive(Debug, Error)]
pub enum PlanError {
    /// A file can't be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The description of a layout is invalid.
    #[error(transparent)]
    Layout(#[from] &'static LayoutError),
    /// No file has a table.
    #[error("the files have no table to read")]
    NoTable,
    /// There are more tables than positions can tell apart.
    #[error("{0} tables are too many for one import: import at most 255 at once")]
    TooManyTables(usize),
    /// The caller names a layout that doesn't exist.
    #[error("--layout: there is no layout {name:?}; the layouts are {}", names.join(", "))]
    NoSuchLayout {
        /// The name.
        name: String,
        /// The names of all layouts.
        names: Vec<String>,
    },
    /// A table lacks columns of the layout that the caller names.
    #[error(
        "{table}: the layout {layout} needs the columns {}; the table has {}",
        quoted(missing),
        quoted(header)
    )]
    MissingColumns {
        /// The table.
        table: String,
        /// The layout.
        layout: String,
        /// The missing columns.
        missing: Vec<String>,
        /// The columns of the table.
        header: Vec<String>,
    },
    /// The caller gives columns a meaning that no table has.
    #[error(
        "no table has the {} {}, which --map or --ignore names; the columns are {}",
        if unknown.len() == 1 { "column" } else { "columns" },
        quoted(unknown),
        quoted(header)
    )]
    NoSuchColumns {
        /// The columns.
        unknown: Vec<String>,
        /// The columns of all tables.
        header: Vec<String>,
    },
    /// The caller says what the rows of a file are that is not imported.
    #[error("--as: no file is {file:?}; the files are {}", quoted(tables))]
    NoSuchFile {
        /// The name of the file.
        file: String,
        /// The names of the tables.
        tables: Vec<String>,
    },
    /// The columns say nothing of a film.
    #[error(
        "{table}: no column is known as the title of a film among {}: {hint}; a table without a row of names needs --no-header",
        quoted(header)
    )]
    NoFilm {
        /// The table.
        table: String,
        /// What the user can type.
        hint: String,
        /// The columns of the table.
        header: Vec<String>,
    },
    /// Two columns have one meaning.
    #[error(
        "{table}: the columns {:?} and {:?} both mean {meaning}: leave one of them out, by --ignore {} or --ignore {}, or \
         give it another meaning, by --map {}",
        typed(first), typed(second), argument(&typed(first)), argument(&typed(second)), argument(&format!("{}=MEANING", typed(second)))
    )]
    Repeated {
        /// The table.
        table: String,
        /// The meaning.
        meaning: String,
        /// The first column.
        first: String,
        /// The second column.
        second: String,
    },
    /// No column says what only a review says.
    #[error(
        "{table}: no column says what only a review says (a critic, a publication, a grade, a text, a day): --as films reads the rows as \
         films (--as FILE=films those of one file), and --map 'COLUMN=original_score' names a grade"
    )]
    NoJudgement {
        /// The table.
        table: String,
    },
    /// No row says what only a review says.
    #[error(
        "{table}: none of its {rows} rows has a critic, a publication, a grade, a text or a day of a review: --as films reads them as films"
    )]
    NoJudgedRow {
        /// The table.
        table: String,
        /// The number of rows.
        rows: u64,
    },
    /// The grades are numbers without a scale, and nobody is named who gave them.
    #[error(
        "{table}: the column {column:?} has bare numbers such as {example:?}, and no column says who judged: if they are the grades of a \
         critic, --bare-scores-out-of {scale} says of how many, and --critic NAME by whom (without it the reviews have no critic); if they \
         are anything else, --as films reads the rows as films, without these numbers"
    )]
    BareNumbers {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The first number.
        example: String,
        /// The probable maximum.
        scale: String,
    },
    /// The reviews are those of one person whom the table doesn't name.
    #[error(
        "{table}: these are the reviews of one person, whom the file doesn't name: --critic NAME says who"
    )]
    NoMember {
        /// The table.
        table: String,
    },
    /// Some tables can't be imported.
    #[error("{}", joined(errors))]
    Refused {
        /// What was understood of the tables.
        plan: Box<Plan>,
        /// What is wrong with them.
        errors: Vec<PlanError>,
    },
    /// The tables have nothing that an import stores.
    #[error(
        "{table}: {title}; it has nothing to import: it says neither a grade nor a text of a review"
    )]
    NothingToRead {
        /// The table.
        table: String,
        /// The title of its layout.
        title: String,
    },
}

/// Returns errors as lines.
fn joined(errors: &[PlanError]) -> String {
    let lines = errors.iter().take(MAX_REFUSALS);
    let mut lines: Vec<String> = lines.map(PlanError::to_string).collect();
    let more = errors.len().saturating_sub(MAX_REFUSALS);
    if more > 0 {
        lines.push(format!("and {more} more tables can't be imported"));
    }
    lines.join("\n  ")
}

/// Returns a name as part of an argument to type.
pub(super) fn typed(name: &str) -> String {
    cut(name, MAX_ARGUMENT_LENGTH)
}

/// Returns the start of a name, with a mark if more follows.
fn cut(name: &str, max_length: usize) -> String {
    let mut characters = name.chars();
    let mut start: String = characters.by_ref().take(max_length).collect();
    if characters.next().is_some() {
        start.push('…');
    }
    start
}

/// Returns the first names, each in quotes.
fn quoted(names: &[String]) -> String {
    let listed = names.iter().take(MAX_NAMES);
    let listed: Vec<String> = listed
        .map(|name| format!("{:?}", cut(name, MAX_LISTED_LENGTH)))
        .collect();
    let more = names.len().saturating_sub(MAX_NAMES);
    if more == 0 {
        return listed.join(", ");
    }
    format!("{} and {more} more", listed.join(", "))
}
