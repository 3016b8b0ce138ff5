//! The layout of tables whose columns have the names of the catalogue, or usual other names.

use std::collections::BTreeMap;

use super::{
    PlanError,
    choices::{Choices, Decision, RowsAs},
    description::{ColumnRule, Layout, RowsOf},
    grade_parts,
    meaning::{JUDGEMENT, Meaning},
    names, suggestion,
};
use crate::{
    catalogue::{Column, RowKind},
    import::table::Table,
    review::original_score::scale_of_name,
};

/// The name of the layout.
pub(super) const NAME: &str = "columns";

/// Returns the layout of a table by the names of its columns.
pub(super) fn layout(table: &Table, choices: &Choices) -> Result<Layout, PlanError> {
    let mut columns = BTreeMap::new();
    let mut meanings = Vec::new();
    let header = names::unique(table.header());
    for (name, unique) in table.header().iter().zip(header.clone()) {
        let meaning = match choices.columns.get(&unique) {
            Decision::NotRead => None,
            Decision::Means(meaning) => Some(meaning.clone()),
            Decision::Open => names::known(name, table.header()).map(Meaning::Column),
        };
        let Some(meaning) = meaning else { continue };
        let rule = rule(name, &unique, &meaning, &header);
        columns.insert(unique.trim().to_owned(), rule);
        meanings.push(meaning);
    }
    prefer_members(&mut columns, choices);
    let has_film = meanings.iter().any(|meaning| match meaning {
        Meaning::Column(column) => [Column::Film, Column::FilmSlug, Column::Kind].contains(column),
        Meaning::FilmId(_) => true,
        Meaning::FilmUrl | Meaning::CriticId(_) => false,
    });
    if !has_film {
        return Err(PlanError::NoFilm {
            table: table.name().to_owned(),
            hint: suggestion::film_hint(table, choices),
            header: table.header().to_vec(),
        });
    }
    let rows =
        rows(&meanings, choices.rows_of(table.name())).ok_or_else(|| PlanError::NoJudgement {
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
        anonymous_identity: Vec::new(),
        needs: None,
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

/// Returns the rule of a column with a meaning. Its name among all, `unique`, has a number if another column has it as well.
fn rule(name: &str, unique: &str, meaning: &Meaning, header: &[String]) -> ColumnRule {
    let mut rule = ColumnRule::plain(&meaning.to_string());
    if *meaning == Meaning::Column(Column::OriginalScore) {
        rule.range = grade_parts::range_of(unique, header);
        rule.out_of = scale_of_name(name).map(|(_, scale)| scale);
    }
    // Marquee writes lists with semicolons, and others with commas.
    if *meaning == Meaning::Column(Column::Genres) && name != Column::Genres.name() {
        rule.separator = Some(',');
    }
    rule
}

/// Reads `critic` where `critic.name` is blank: some rows of JSON may have an object, or a list of one, and others its text.
fn prefer_members(columns: &mut BTreeMap<String, ColumnRule>, choices: &Choices) {
    let is_open = |name: &str| choices.columns.get(name) == Decision::Open;
    let paths: Vec<String> = columns.keys().cloned().collect();
    for path in paths {
        let Some((object, _)) = path.rsplit_once('.').filter(|_| is_open(&path)) else {
            continue;
        };
        let meaning = columns.get(&path).map(|rule| rule.meaning.clone());
        let other = columns.get(object).filter(|_| is_open(object));
        if other.map(|rule| rule.meaning.clone()) == meaning && meaning.is_some() {
            columns.remove(object);
            if let Some(rule) = columns.get_mut(&path) {
                rule.otherwise = Some(object.to_owned());
            }
        }
    }
}

/// Returns what the rows are, `None` if no column says so.
fn rows(meanings: &[Meaning], decided: Option<RowsAs>) -> Option<RowsOf> {
    let is_kind = |meaning: &Meaning| *meaning == Meaning::Column(Column::Kind);
    let is_judgement = |meaning: &Meaning| match meaning {
        Meaning::Column(column) => JUDGEMENT.contains(*column),
        Meaning::CriticId(_) => true,
        Meaning::FilmUrl | Meaning::FilmId(_) => false,
    };
    match decided {
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
