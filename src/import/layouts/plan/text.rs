//! The plan of a table as text.

use std::fmt;

use super::{
    super::{
        choices::{Choices, RowsAs, is_same_name},
        description::{Member, RowsOf},
        generic,
        mapping::Mapping,
        meaning::Meaning,
        scan::{Scan, Totals},
        suggestion::is_imdb_id,
        values::argument,
    },
    Plan, PlannedTable,
};
use crate::{catalogue::Column, import::table::Table};

/// Returns what a column means; `None` if it is not read.
pub(super) fn meaning(index: usize, mapping: &Mapping, choices: &Choices) -> Option<String> {
    let mut meanings = Vec::new();
    for read in &mapping.reads {
        let name = |index: usize| mapping.header.get(index).cloned().unwrap_or_default();
        if read.otherwise == Some(index) {
            meanings.push(format!(
                "{} where {:?} is blank",
                read.meaning,
                name(read.index)
            ));
        }
        if read.minimum == Some(index) {
            meanings.push(format!("the minimum of {:?}", name(read.index)));
        }
        if read.maximum == Some(index) {
            meanings.push(format!("the maximum of {:?}", name(read.index)));
        }
        if read.index != index {
            continue;
        }
        let mut text = read.meaning.to_string();
        let scale = choices.bare_scores_out_of.or(read.rule.out_of);
        if let (Meaning::Column(Column::OriginalScore), Some(scale)) = (&read.meaning, scale) {
            text.push_str(", bare numbers of ");
            text.push_str(&scale.to_string());
        }
        if read.rule.html {
            text.push_str(", HTML as text");
        }
        if read.rule.names {
            text.push_str(", one name is the critic");
        }
        meanings.push(text);
    }
    for published in &mapping.published {
        if published.value == index {
            meanings.push(published.description());
        }
        for (part, column) in &published.parts {
            if *part == index {
                meanings.push(format!("{} of {}", column.name(), published.publisher()));
            }
        }
    }
    let mut leave_out = mapping.leave_out.iter();
    if leave_out.any(|rule| rule.is_decided_by(index)) {
        meanings.push("says which rows are left out".to_owned());
    }
    (!meanings.is_empty()).then(|| meanings.join("; "))
}

/// Returns the reason why a column is not read.
pub(super) fn reason(index: usize, mapping: &Mapping, scan: &Scan) -> String {
    if let Some((_, reason)) = mapping.reasons.iter().find(|(column, _)| *column == index) {
        return reason.clone();
    }
    let name = mapping.header.get(index).map_or("", String::as_str);
    let mut known = mapping.layout.not_read.iter();
    let known = known.find(|(column, _)| is_same_name(column, name));
    known.map_or_else(
        || {
            let example = scan.examples.get(index).map_or("", String::as_str);
            let meaning = if is_imdb_id(example) {
                "film_id:imdb"
            } else {
                "MEANING"
            };
            let argument = argument(&format!("{name}={meaning}"));
            format!("unknown; --map {argument} reads it")
        },
        |(_, reason)| reason.clone(),
    )
}

/// Returns what the plan decides beside the columns.
pub(super) fn notes(
    table: &Table,
    mapping: &Mapping,
    scan: &Scan,
    member: Option<&str>,
    choices: &Choices,
) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(line) = table.form().header_line() {
        notes.push(format!(
            "the names of the columns are in line {line}, and what is above is not read; --header-row N overrules it"
        ));
    }
    for (rule, count) in mapping.leave_out.iter().zip(&scan.left_out) {
        if *count > 0 {
            notes.push(format!("left out: {count} × {}", rule.words()));
        }
    }
    if let Some(Totals { line, word, .. }) = &scan.totals {
        notes.push(format!(
            "line {line} is not read: it begins with {word:?}, and has only numbers; if it is a film, give it a year"
        ));
    }
    notes.extend(note_on_critic(mapping, member));
    if let Some((column, largest)) = &scan.largest_bare_number
        && mapping.rows == RowsOf::Reviews
        && choices.bare_scores_out_of.is_none()
        && mapping.layout.name == generic::NAME
    {
        notes.push(format!(
            "the bare numbers of {column:?} are up to {largest}: they are scores if the site rule `bareScoresOutOf` says of how many, \
             or --bare-scores-out-of N"
        ));
    }
    if scan.rows == 0 {
        let left_out: u64 = scan.left_out.iter().sum();
        let but = if left_out > 0 {
            " but those that are left out"
        } else {
            ""
        };
        notes.push(format!("it has no rows{but}: nothing is imported from it"));
    }
    if choices.date_order.is_none() {
        notes.extend(notes_on_dates(mapping, scan));
    }
    if choices.rows_of(&mapping.table) == Some(RowsAs::Films) {
        notes.push("--as films: no row is a review".to_owned());
    }
    notes
}

/// Returns whose the reviews are, if no column says so of each.
fn note_on_critic(mapping: &Mapping, member: Option<&str>) -> Option<String> {
    match (member, mapping.layout.member) {
        (Some(member), _) if mapping.names_critics() => Some(format!(
            "the critic of the rows that name none is {member:?}"
        )),
        (Some(member), _) => Some(format!("the critic of all reviews is {member:?}")),
        (None, Some(Member::Optional)) if mapping.rows == RowsOf::Reviews => Some(
            "the reviews have no critic: --critic NAME says whose they are, and is needed to update a rating that has changed"
                .to_owned(),
        ),
        _ => None,
    }
}

/// Returns what decides the order of dates of digits.
fn notes_on_dates(mapping: &Mapping, scan: &Scan) -> Vec<String> {
    let dates = [&scan.review_dates, &scan.release_dates].into_iter();
    let notes = dates.filter_map(|dates| match (dates, mapping.layout.dates) {
        (Err(ambiguous), None) => Some(ambiguous.to_string()),
        (Err(_), Some(order)) => Some(format!(
            "dates of digits are {}, as usual in this layout; --dates overrules it",
            order.name()
        )),
        (Ok(Some(order)), _) => Some(format!(
            "dates of digits are {}, as the column shows",
            order.name()
        )),
        (Ok(None), _) => None,
    });
    notes.collect()
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for table in &self.tables {
            write!(formatter, "{table}")?;
        }
        for note in &self.notes {
            writeln!(formatter, "{note}")?;
        }
        Ok(())
    }
}

impl fmt::Display for PlannedTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name, form, title, ..
        } = self;
        let Some(layout) = &self.layout else {
            return writeln!(formatter, "{name}: not read: {title}");
        };
        writeln!(formatter, "{name}: {title} (layout {layout}; {form})")?;
        writeln!(formatter, "  rows as {}: {}", self.rows_are, self.rows)?;
        let width = self
            .columns
            .iter()
            .map(|column| column.name.chars().count());
        let width = width.max().unwrap_or_default().min(40);
        for column in &self.columns {
            let name = format!("{:width$}", column.name);
            match (&column.meaning, &column.not_read) {
                (Some(meaning), _) => write!(formatter, "  {name}  → {meaning}")?,
                (None, Some(reason)) => write!(formatter, "  {name}  not read: {reason}")?,
                (None, None) => write!(formatter, "  {name}")?,
            }
            if !column.example.is_empty() && column.meaning.is_some() {
                write!(formatter, " ({})", column.example)?;
            }
            writeln!(formatter)?;
        }
        for note in &self.notes {
            writeln!(formatter, "  {note}")?;
        }
        Ok(())
    }
}
