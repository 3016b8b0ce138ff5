//! The first pass over a table: what its cells say, before anything is stored.

use std::borrow::Cow;

use super::{
    PlanError,
    choices::Choices,
    description::RowsOf,
    generic,
    grade_parts::is_bare_number,
    mapping::Mapping,
    meaning::{GRADE, JUDGEMENT, Meaning},
    suggestion, totals,
    translation::{is_blank, left_out},
};
use crate::{
    catalogue::{AmbiguousDate, Column, DateColumn, DateOrder},
    import::{
        rows::{FileError, RowError},
        table::Table,
    },
};

/// The maximum number of characters of an example.
const MAX_EXAMPLE_LENGTH: usize = 40;

/// What the rows of a table say.
pub(super) struct Scan {
    /// The number of rows that are not blank and not left out.
    pub rows: u64,
    /// The number of rows that each rule leaves out.
    pub left_out: Vec<u64>,
    /// The first text of each column; empty if all of its cells are blank.
    pub examples: Vec<String>,
    /// The order of the dates of the column with the day of the review, and of the one with the release of the film.
    pub review_dates: Result<Option<DateOrder>, AmbiguousDate>,
    pub release_dates: Result<Option<DateOrder>, AmbiguousDate>,
    /// Whether a row says what only a review says.
    pub has_judgement: bool,
    /// The column with grades that are bare numbers, and the largest of them.
    pub largest_bare_number: Option<(String, String)>,
    /// The row at the end that has the totals of the others.
    pub totals: Option<Totals>,
    /// The first bare number of the column with the grades, if no grade has another form and no other column judges.
    pub bare_numbers: Option<(String, String)>,
}

/// A row that has the totals of the others.
pub(super) struct Totals {
    /// The number of the row, counted from 1.
    pub row: u64,
    /// The line of the row.
    pub line: u64,
    /// The word that begins it.
    pub word: String,
}

/// A column with dates.
#[derive(Default)]
struct Dates {
    index: Option<usize>,
    column: DateColumn,
}

impl Dates {
    fn new(index: Option<usize>) -> Self {
        Self {
            index,
            ..Self::default()
        }
    }

    fn observe(&mut self, row: &[&str]) {
        if let Some(cell) = self.index.and_then(|index| row.get(index)) {
            self.column.observe(cell);
        }
    }
}

/// The columns that say what only a review says.
#[derive(Default)]
struct Judgement {
    /// The indexes of the columns among those that are read.
    grades: Vec<usize>,
    others: Vec<usize>,
    has_grade: bool,
    has_other: bool,
    bare_number: Option<(usize, String)>,
    has_scaled_grade: bool,
    largest: Option<(usize, f64, String)>,
}

impl Judgement {
    fn new(mapping: &Mapping) -> Self {
        let mut judgement = Self::default();
        for (index, read) in mapping.reads.iter().enumerate() {
            match read.meaning {
                Meaning::Column(column) if GRADE.contains(column) => {
                    judgement.grades.push(index);
                }
                Meaning::Column(column) if JUDGEMENT.contains(column) => {
                    judgement.others.push(index);
                }
                _ => {}
            }
        }
        judgement
    }

    fn observe(&mut self, mapping: &Mapping, row: &[&str]) {
        let text = |index: &usize| mapping.reads.get(*index).map_or("", |read| read.text(row));
        self.has_other = self.has_other || self.others.iter().any(|index| !text(index).is_empty());
        for index in &self.grades {
            let read = mapping.reads.get(*index);
            let grade = read.map_or(Cow::Borrowed(""), |read| read.grade(row));
            match &*grade {
                "" => {}
                // The name of the column says of how many they are.
                _ if read.is_some_and(|read| read.rule.out_of.is_some()) => {
                    (self.has_grade, self.has_scaled_grade) = (true, true);
                }
                grade if self.is_bare(grade) => {
                    self.has_grade = true;
                    if self.bare_number.is_none() {
                        self.bare_number = Some((*index, example(grade)));
                    }
                    let number = number(grade);
                    let largest = self.largest.as_ref();
                    if largest.is_none_or(|(_, largest, _)| number > *largest) {
                        self.largest = Some((*index, number, example(grade)));
                    }
                }
                _ => (self.has_grade, self.has_scaled_grade) = (true, true),
            }
        }
    }
}

impl Judgement {
    /// Returns whether a grade is a bare number. Once another grade is none, only texts of digits are looked at, because most
    /// columns have grades of one form.
    fn is_bare(&self, grade: &str) -> bool {
        let has_digits = || {
            grade
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b".,".contains(&byte))
        };
        (!self.has_scaled_grade || has_digits()) && is_bare_number(grade)
    }

    /// Returns the column with bare numbers, and the largest of them.
    fn largest_bare_number(&self, mapping: &Mapping) -> Option<(String, String)> {
        let (index, _, number) = self.largest.as_ref()?;
        Some((Self::name(*index, mapping)?, number.clone()))
    }

    /// Returns the column with bare numbers, and the first of them, if nothing else judges.
    fn bare_numbers(&self, mapping: &Mapping) -> Option<(String, String)> {
        let (index, first) = self.bare_number.as_ref()?;
        let is_alone = !self.has_other && !self.has_scaled_grade;
        is_alone.then_some((Self::name(*index, mapping)?, first.clone()))
    }

    fn name(index: usize, mapping: &Mapping) -> Option<String> {
        let column = mapping.reads.get(index)?.index;
        mapping.header.get(column).cloned()
    }
}

/// The state of a pass over a table.
struct Pass<'m> {
    mapping: &'m Mapping,
    judgement: Judgement,
    review_dates: Dates,
    release_dates: Dates,
    examples: Vec<String>,
    left_out: Vec<u64>,
    count: u64,
}

impl<'m> Pass<'m> {
    fn new(table: &Table, mapping: &'m Mapping) -> Self {
        Self {
            judgement: Judgement::new(mapping),
            review_dates: Dates::new(mapping.index_of(Column::ReviewedOn)),
            release_dates: Dates::new(mapping.index_of(Column::ReleaseDate)),
            examples: vec![String::new(); table.header().len()],
            left_out: vec![0; mapping.leave_out.len()],
            count: 0,
            mapping,
        }
    }

    fn observe(&mut self, cells: &[&str]) {
        if let Some(rule) = left_out(self.mapping, cells) {
            if let Some(rows) = self.left_out.get_mut(rule) {
                *rows += 1;
            }
            return;
        }
        self.count += 1;
        for (known, cell) in self.examples.iter_mut().zip(cells) {
            if known.is_empty() && !cell.trim().is_empty() {
                *known = example(cell);
            }
        }
        self.review_dates.observe(cells);
        self.release_dates.observe(cells);
        self.judgement.observe(self.mapping, cells);
    }

    /// Observes a row that might have had the totals, and is not the last one.
    fn observe_held(&mut self, held: Option<(Totals, Vec<String>)>) {
        if let Some((_, cells)) = held {
            let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
            self.observe(&cells);
        }
    }

    fn finish(self, totals: Option<Totals>) -> Scan {
        let Self {
            mapping, judgement, ..
        } = self;
        Scan {
            rows: self.count,
            left_out: self.left_out,
            examples: self.examples,
            review_dates: self.review_dates.column.order(),
            release_dates: self.release_dates.column.order(),
            has_judgement: judgement.has_grade || judgement.has_other,
            largest_bare_number: judgement.largest_bare_number(mapping),
            bare_numbers: judgement.bare_numbers(mapping),
            totals,
        }
    }
}

/// Reads a table once.
pub(super) fn scan(table: &Table, mapping: &Mapping) -> Result<Scan, FileError> {
    let mut pass = Pass::new(table, mapping);
    // A row of totals is known to be one only if no other follows.
    let mut held: Option<(Totals, Vec<String>)> = None;
    let mut number = 0;
    let mut rows = table.rows()?;
    loop {
        let row = match rows.next_row() {
            Ok(Some(row)) => row,
            Ok(None) => break,
            Err(error) => {
                // The row is rejected when the import reads it.
                RowError::from_source_error(error)
                    .map_err(|error| FileError::new(table.name(), &error))?;
                pass.observe_held(held.take());
                continue;
            }
        };
        number += 1;
        let cells: Vec<&str> = row.cells().collect();
        if is_blank(&cells) {
            continue;
        }
        pass.observe_held(held.take());
        match totals::word(mapping, &cells).filter(|_| pass.count > 0) {
            Some(word) => {
                let totals = Totals {
                    row: number,
                    line: row.line,
                    word: word.to_owned(),
                };
                held = Some((totals, cells.into_iter().map(str::to_owned).collect()));
            }
            None => pass.observe(&cells),
        }
    }
    Ok(pass.finish(held.map(|(totals, _)| totals)))
}

impl Scan {
    /// Checks that rows of reviews say something that only a review says.
    pub fn check(&self, mapping: &Mapping, choices: &Choices) -> Result<(), PlanError> {
        if mapping.rows != RowsOf::Reviews || mapping.has_kinds() || self.rows == 0 {
            return Ok(());
        }
        let table = mapping.table.clone();
        if !self.has_judgement {
            let rows = self.rows;
            return Err(PlanError::NoJudgedRow { table, rows });
        }
        let is_decided = choices.critic.is_some()
            || choices.bare_scores_out_of.is_some()
            || choices.rows_of(&mapping.table).is_some()
            || mapping.layout.name != generic::NAME;
        match &self.bare_numbers {
            Some((column, example)) if !is_decided => Err(PlanError::BareNumbers {
                table,
                column: column.clone(),
                example: example.clone(),
                scale: suggestion::scale_hint(
                    column,
                    self.largest_bare_number
                        .as_ref()
                        .map_or(example, |(_, largest)| largest),
                ),
            }),
            _ => Ok(()),
        }
    }
}

/// Returns a bare number, which may have a decimal comma.
pub(super) fn number(grade: &str) -> f64 {
    let parsed = grade.parse().or_else(|_| grade.replace(',', ".").parse());
    parsed.unwrap_or(f64::MIN)
}

/// Returns the beginning of a text in one line.
fn example(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    let mut shortened: String = line.chars().take(MAX_EXAMPLE_LENGTH).collect();
    if shortened.len() < line.len() {
        shortened.push('…');
    }
    shortened
}
