//! The layout of tables whose columns have the names of the catalogue, or usual other names.

use std::collections::BTreeMap;

use super::{
    PlanError,
    choices::{Choices, Decision, RowsAs},
    description::{ColumnRule, Layout, RowsOf},
    meaning::{JUDGEMENT, Meaning},
};
use crate::{
    catalogue::{Column, RowKind},
    import::table::Table,
};

/// The name of the layout.
pub(super) const NAME: &str = "columns";

/// Returns the layout of a table by the names of its columns.
pub(super) fn layout(table: &Table, choices: &Choices) -> Result<Layout, PlanError> {
    let mut columns = BTreeMap::new();
    let mut meanings = Vec::new();
    for name in table.header() {
        let meaning = match choices.columns.get(name) {
            Decision::NotRead => None,
            Decision::Means(meaning) => Some(meaning.clone()),
            Decision::Open => known(name).map(Meaning::Column),
        };
        let Some(meaning) = meaning else { continue };
        let mut rule = ColumnRule::plain(&meaning.to_string());
        // Marquee writes lists with semicolons, and others with commas.
        if meaning == Meaning::Column(Column::Genres) && name != Column::Genres.name() {
            rule.separator = Some(',');
        }
        columns.insert(name.trim().to_owned(), rule);
        meanings.push(meaning);
    }
    let has_film = meanings.iter().any(|meaning| match meaning {
        Meaning::Column(column) => [Column::Film, Column::FilmSlug, Column::Kind].contains(column),
        Meaning::FilmId(_) => true,
        Meaning::FilmUrl | Meaning::CriticId(_) => false,
    });
    if !has_film {
        return Err(PlanError::NoFilm {
            table: table.name().to_owned(),
            header: table.header().to_vec(),
        });
    }
    let rows = rows(&meanings, choices).ok_or_else(|| PlanError::NoJudgement {
        table: table.name().to_owned(),
    })?;
    Ok(Layout {
        name: NAME.to_owned(),
        title: "columns by their names".to_owned(),
        about: String::new(),
        rows,
        required: Vec::new(),
        source: None,
        member: None,
        identity: Vec::new(),
        unread_folders: Vec::new(),
        order: 0,
        dates: None,
        encoding: None,
        columns,
        not_read: BTreeMap::new(),
        published: Vec::new(),
        leave_out: Vec::new(),
        member_name: Vec::new(),
    })
}

/// Returns the column of the catalogue with a name. `type` is too common in other tables to mean the kind of the row.
fn known(name: &str) -> Option<Column> {
    Column::find(name).filter(|column| *column != Column::Kind || name.trim() == column.name())
}

/// Returns what the rows are, `None` if no column says so.
fn rows(meanings: &[Meaning], choices: &Choices) -> Option<RowsOf> {
    let is_kind = |meaning: &Meaning| *meaning == Meaning::Column(Column::Kind);
    let is_judgement = |meaning: &Meaning| match meaning {
        Meaning::Column(column) => JUDGEMENT.contains(*column),
        Meaning::CriticId(_) => true,
        Meaning::FilmUrl | Meaning::FilmId(_) => false,
    };
    match choices.rows {
        Some(RowsAs::Films) => Some(RowsOf::Films),
        Some(RowsAs::Reviews) => Some(RowsOf::Reviews),
        None if meanings
            .iter()
            .any(|meaning| is_kind(meaning) || is_judgement(meaning)) =>
        {
            Some(RowsOf::Reviews)
        }
        None => None,
    }
}

/// Returns the sentence about a column that the rows of a kind don't have.
pub(super) fn unused_reason(kind: RowKind) -> String {
    format!("a row of the kind {} has no such value", kind.name())
}
