//! The columns of a table and what they mean.

use super::{
    PlanError,
    choices::{Choices, Decision, RowsAs, is_same_name},
    description::{ColumnRule, Layout, LeaveOut, PublishedRule, RowsOf},
    generic,
    meaning::Meaning,
    published::MappedPublished,
};
use crate::{
    catalogue::{Column, RowKind},
    import::table::Table,
};

/// A table with the meanings of its columns.
pub(super) struct Mapping {
    pub layout: Layout,
    /// The name of the table.
    pub table: String,
    /// The names of the columns.
    pub header: Vec<String>,
    /// What a row is.
    pub rows: RowsOf,
    /// The columns that are read.
    pub reads: Vec<MappedColumn>,
    /// The scores that sources publish.
    pub published: Vec<MappedPublished>,
    /// The columns that identify a review.
    pub identity: Vec<usize>,
    /// The rows that are left out, by a column.
    pub leave_out: Vec<(usize, LeaveOut)>,
    /// The reasons why columns are not read, beside those of the layout.
    pub reasons: Vec<(usize, String)>,
}

/// A column that is read.
pub(super) struct MappedColumn {
    /// The index of the column.
    pub index: usize,
    pub meaning: Meaning,
    pub rule: ColumnRule,
    /// The index of the column that is read where this one is blank.
    pub otherwise: Option<usize>,
}

impl Mapping {
    /// Maps the columns of a table by its layout and by what the caller decides.
    pub fn new(table: &Table, layout: Layout, choices: &Choices) -> Result<Self, PlanError> {
        let header = table.header().to_vec();
        let index = |name: &str| header.iter().position(|other| is_same_name(other, name));
        let rows = match (choices.rows, layout.rows) {
            (_, RowsOf::None) => RowsOf::None,
            (Some(RowsAs::Films), _) => RowsOf::Films,
            (Some(RowsAs::Reviews), _) => RowsOf::Reviews,
            (None, rows) => rows,
        };
        let is_read = |name: &str| choices.columns.get(name) == Decision::Open;
        let published = layout
            .published
            .iter()
            .filter_map(|rule: &PublishedRule| {
                MappedPublished::new(rule, &|name| index(name).filter(|_| is_read(name)))
            })
            .collect();
        let leave_out = layout
            .leave_out
            .iter()
            .filter(|rule| choices.columns.get(&rule.column) != Decision::NotRead)
            .filter_map(|rule| Some((index(&rule.column)?, rule.clone())))
            .collect();
        let mut mapping = Self {
            table: table.name().to_owned(),
            rows,
            reads: Vec::new(),
            published,
            identity: layout
                .identity
                .iter()
                .filter_map(|name| index(name))
                .collect(),
            leave_out,
            reasons: Vec::new(),
            header: header.clone(),
            layout,
        };
        mapping.map_columns(choices)?;
        Ok(mapping)
    }

    fn map_columns(&mut self, choices: &Choices) -> Result<(), PlanError> {
        for index in 0..self.header.len() {
            let Some(name) = self.header.get(index).cloned() else {
                continue;
            };
            let mut rules = self.layout.columns.iter();
            let rule = rules.find(|(column, _)| is_same_name(column, &name));
            let rule = rule.map(|(_, rule)| rule.clone());
            let (meaning, rule) = match choices.columns.get(&name) {
                Decision::NotRead => {
                    self.reasons
                        .push((index, "--ignore leaves it out".to_owned()));
                    continue;
                }
                Decision::Means(meaning) => {
                    let plain = ColumnRule::plain(&meaning.to_string());
                    let of_layout =
                        rule.filter(|rule| Meaning::of_name(&rule.meaning).as_ref() == Ok(meaning));
                    (meaning.clone(), of_layout.unwrap_or(plain))
                }
                Decision::Open => {
                    let Some(rule) = rule else { continue };
                    let Ok(meaning) = Meaning::of_name(&rule.meaning) else {
                        continue;
                    };
                    if self.is_decided_elsewhere(index, &meaning, choices) {
                        continue;
                    }
                    (meaning, rule)
                }
            };
            self.add(index, meaning, rule)?;
        }
        Ok(())
    }

    /// Returns whether the caller gives another column this meaning.
    fn is_decided_elsewhere(&mut self, index: usize, meaning: &Meaning, choices: &Choices) -> bool {
        let is_same = |(column, decided): &(&str, Option<&Meaning>)| {
            *decided == Some(meaning) && self.header.iter().any(|name| is_same_name(name, column))
        };
        let Some((column, _)) = choices.columns.iter().find(is_same) else {
            return false;
        };
        let reason = format!("--map gives {column:?} this meaning");
        self.reasons.push((index, reason));
        true
    }

    fn add(&mut self, index: usize, meaning: Meaning, rule: ColumnRule) -> Result<(), PlanError> {
        if let Some(kind) = self.kind_without(&meaning) {
            self.reasons.push((index, generic::unused_reason(kind)));
            return Ok(());
        }
        if let Some(first) = self.reads.iter().find(|read| read.meaning == meaning) {
            let name = |index: usize| self.header.get(index).cloned().unwrap_or_default();
            return Err(PlanError::Repeated {
                table: self.table.clone(),
                meaning: meaning.to_string(),
                first: name(first.index),
                second: name(index),
            });
        }
        let otherwise = rule.otherwise.as_ref().and_then(|other| {
            self.header
                .iter()
                .position(|name| is_same_name(name, other))
        });
        self.reads.push(MappedColumn {
            index,
            meaning,
            rule,
            otherwise,
        });
        Ok(())
    }

    /// Returns the kind of the rows, if no record of them has a value of this meaning.
    fn kind_without(&self, meaning: &Meaning) -> Option<RowKind> {
        let is_of = |kind: RowKind| meaning.column_of(kind).is_some();
        match (self.rows, meaning) {
            (_, Meaning::FilmId(_) | Meaning::FilmUrl)
            | (RowsOf::None, _)
            | (RowsOf::Reviews, Meaning::CriticId(_)) => None,
            (RowsOf::Films, _) => (!is_of(RowKind::Film)).then_some(RowKind::Film),
            (RowsOf::Reviews, _) if self.has_kinds_in(meaning) => None,
            (RowsOf::Reviews, _) => {
                (!is_of(RowKind::Review) && !meaning.describes_film()).then_some(RowKind::Review)
            }
        }
    }

    /// Returns whether the table has rows of several kinds, as a catalogue of Marquee has.
    fn has_kinds_in(&self, meaning: &Meaning) -> bool {
        let is_kind = |name: &String| name.trim() == Column::Kind.name();
        matches!(meaning, Meaning::Column(_))
            && self.layout.name == generic::NAME
            && self.header.iter().any(is_kind)
    }

    /// Returns whether each row says its kind, as in a catalogue of Marquee.
    pub fn has_kinds(&self) -> bool {
        self.index_of(Column::Kind).is_some()
    }

    /// Returns the index of the column that is read into a column of the catalogue.
    pub fn index_of(&self, column: Column) -> Option<usize> {
        let mut reads = self.reads.iter();
        let read = reads.find(|read| read.meaning == Meaning::Column(column))?;
        Some(read.index)
    }

    /// Returns the name of the table's column that is read into a column of the catalogue, in a row of a kind.
    pub fn name_of(&self, column: Column, kind: RowKind) -> String {
        let mut reads = self.reads.iter();
        let read = reads.find(|read| read.meaning.column_of(kind) == Some(column));
        let name = read.and_then(|read| self.header.get(read.index));
        name.cloned().unwrap_or_else(|| column.name().to_owned())
    }

    /// Returns whether a row has values that describe its film.
    pub fn describes_films(&self) -> bool {
        let ids = self.reads.iter();
        let ids = ids.filter(|read| matches!(read.meaning, Meaning::FilmId(_)));
        self.rows == RowsOf::Films
            || ids.count() > 1
            || self.reads.iter().any(|read| read.meaning.describes_film())
    }
}
