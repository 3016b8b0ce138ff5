//! The columns of a table and what they mean.

mod column;

pub(super) use self::column::MappedColumn;
use self::column::VALUES;
use super::{
    PlanError,
    choices::{Choices, Decision, RowsAs, is_same_name},
    description::{ColumnRule, Layout, LeaveOut, PublishedRule, RowsOf},
    generic,
    meaning::Meaning,
    names,
    published::MappedPublished,
};
use crate::{
    catalogue::{Column, RowKind, is_no_value},
    import::table::Table,
};

/// A table with the meanings of its columns.
#[derive(Clone)]
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
    /// The columns that identify a review of which nobody says whose it is.
    pub anonymous_identity: Vec<usize>,
    /// The rows that are left out.
    pub leave_out: Vec<MappedLeaveOut>,
    /// The reasons why columns are not read, beside those of the layout.
    pub reasons: Vec<(usize, String)>,
    /// The number of the row at the end that has the totals of the others, counted from 1.
    pub totals: Option<u64>,
}

/// Rows that are left out.
#[derive(Clone)]
pub(super) enum MappedLeaveOut {
    /// Those with a value in a column.
    Value(usize, LeaveOut),
    /// Those without a value in all of these columns, with the words for them.
    Blank(Vec<usize>, String),
}

impl MappedLeaveOut {
    /// Returns the words for the rows.
    pub fn words(&self) -> &str {
        match self {
            Self::Value(_, rule) => &rule.words,
            Self::Blank(_, words) => words,
        }
    }

    /// Returns whether a row is left out.
    pub fn fits(&self, row: &[&str]) -> bool {
        let cell = |index: &usize| row.get(*index).copied().unwrap_or_default().trim();
        match self {
            Self::Value(index, rule) => rule
                .values
                .iter()
                .any(|value| value.eq_ignore_ascii_case(cell(index))),
            Self::Blank(indexes, _) => indexes.iter().all(|index| is_no_value(cell(index))),
        }
    }

    /// Returns whether a column decides which rows are left out, whatever it means.
    pub fn is_decided_by(&self, column: usize) -> bool {
        matches!(self, Self::Value(index, _) if *index == column)
    }
}

impl Mapping {
    /// Maps the columns of a table by its layout and by what the caller decides.
    pub fn new(table: &Table, layout: Layout, choices: &Choices) -> Result<Self, PlanError> {
        let header = names::unique(table.header());
        let index = |name: &str| header.iter().position(|other| is_same_name(other, name));
        let rows = match (choices.rows_of(table.name()), layout.rows) {
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
            .filter_map(|rule| Some(MappedLeaveOut::Value(index(&rule.column)?, rule.clone())));
        let needs = layout.needs.iter().filter(|_| rows == RowsOf::Reviews);
        let needs = needs.filter_map(|needs| {
            let read = |name: &&String| choices.columns.get(name) != Decision::NotRead;
            let columns = needs.one_of.iter().filter(read).map(|name| index(name));
            let columns: Option<Vec<usize>> = columns.collect();
            Some(MappedLeaveOut::Blank(columns?, needs.words.clone()))
        });
        let leave_out = leave_out.chain(needs).collect();
        let indexes = |names: &[String]| names.iter().filter_map(|name| index(name)).collect();
        let mut mapping = Self {
            table: table.name().to_owned(),
            rows,
            reads: Vec::new(),
            published,
            identity: indexes(&layout.identity),
            anonymous_identity: indexes(&layout.anonymous_identity),
            leave_out,
            reasons: Vec::new(),
            totals: None,
            header: header.clone(),
            layout,
        };
        mapping.map_columns(table.header(), choices)?;
        Ok(mapping)
    }

    /// Maps the columns, whose names in the file are `file_header`.
    fn map_columns(&mut self, file_header: &[String], choices: &Choices) -> Result<(), PlanError> {
        for (index, file_name) in file_header.iter().enumerate() {
            let Some(name) = self.header.get(index).cloned() else {
                continue;
            };
            let rule = self.rule(&name).or_else(|| self.rule(file_name));
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

    /// Returns the rule of the layout for a column.
    fn rule(&self, name: &str) -> Option<ColumnRule> {
        let mut rules = self.layout.columns.iter();
        let rule = rules.find(|(column, _)| is_same_name(column, name));
        rule.map(|(_, rule)| rule.clone())
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
        let position = |name: &Option<String>| {
            let name = name.as_ref()?;
            self.header
                .iter()
                .position(|other| is_same_name(other, name))
        };
        let otherwise = position(&rule.otherwise);
        let (minimum, maximum) = (position(&rule.range.minimum), position(&rule.range.maximum));
        let is_verbatim = self.has_kinds_in(&meaning);
        let may_have_words = match meaning {
            Meaning::Column(column) => VALUES.contains(column),
            Meaning::FilmUrl | Meaning::FilmId(_) | Meaning::CriticId(_) => true,
        };
        let has_words = !is_verbatim && may_have_words;
        self.reads.push(MappedColumn {
            index,
            meaning,
            rule,
            otherwise,
            minimum,
            maximum,
            has_words,
            is_verbatim,
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

    /// Returns whether the values of a column become a part of a record, or decide about it.
    pub fn uses(&self, column: usize) -> bool {
        let is_published = |published: &MappedPublished| {
            published.value == column || published.parts.iter().any(|(part, _)| *part == column)
        };
        self.reads.iter().any(|read| {
            let others = [read.otherwise, read.minimum, read.maximum];
            read.index == column || others.contains(&Some(column))
        }) || self.published.iter().any(is_published)
            || self.leave_out.iter().any(|rule| rule.is_decided_by(column))
    }

    /// Returns the words for the rows that a rule leaves out.
    pub fn left_out_words(&self, rule: usize) -> &str {
        let rule = self.leave_out.get(rule);
        rule.map_or("rows", MappedLeaveOut::words)
    }

    /// Returns whether the rows of reviews may name their critics.
    pub fn names_critics(&self) -> bool {
        let mut critics = [Column::Critic, Column::CriticSlug].into_iter();
        self.reads.iter().any(|read| read.rule.names)
            || critics.any(|column| self.index_of(column).is_some())
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
