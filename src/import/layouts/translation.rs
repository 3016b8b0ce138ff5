//! The conversion of the rows of a table into records of the catalogue.

mod row_values;

use std::{collections::HashSet, hash::BuildHasher as _, mem};

use foldhash::fast::FixedState;

use super::{
    description::RowsOf,
    mapping::Mapping,
    meaning::Meaning,
    published::MappedPublished,
    review_id::{self, Occurrences, ReviewId},
};
use crate::{
    catalogue::{
        self, Cell, Cells, Column, Defaults, RowKind, Warning, published_value,
        record::{ExternalId, FilmRef, Record, ReviewRecord},
    },
    import::{
        catalogue::SeenColumns,
        rows::{RowError, ValidRow},
        table::TableRow,
    },
    text::folded,
};

/// What becomes of a row.
pub(super) enum Translated {
    /// The row is blank.
    Blank,
    /// The row is left out: the index of the rule.
    LeftOut(usize),
    /// The row has the totals of the others.
    Totals,
    /// An earlier table has the same review.
    Again,
    /// The records of the row.
    Records(Vec<ValidRow>),
}

/// The state of an import that its tables share.
#[derive(Clone, Default)]
pub(super) struct Shared {
    /// The hashes of the films that are described already, with their ids.
    films: HashSet<u64>,
    /// The ids of the reviews of earlier tables.
    reviews: Occurrences,
    /// The columns of the records of each kind.
    pub seen: SeenColumns,
}

/// The conversion of the rows of a table.
#[derive(Clone)]
pub(super) struct Translation {
    pub mapping: Mapping,
    /// The critic of all reviews.
    pub member: Option<String>,
    /// How reviews are read.
    pub review_defaults: Defaults,
    /// How films are read.
    pub film_defaults: Defaults,
    /// The ids of the reviews of this table with the number of their rows.
    pub ids: Occurrences,
    /// The number of rows so far, blank ones included.
    pub rows: u64,
}

/// A record with the warnings about its row.
type Read = Result<(Record, Vec<Warning>), Vec<RowError>>;

impl Translation {
    /// Converts a row, whose cells are `row`.
    pub fn translate(
        &mut self,
        table_row: TableRow<'_>,
        row: &[&str],
        shared: &mut Shared,
    ) -> Result<Translated, Vec<RowError>> {
        self.rows += 1;
        if is_blank(row) {
            return Ok(Translated::Blank);
        }
        if self.mapping.totals == Some(self.rows) {
            return Ok(Translated::Totals);
        }
        if let Some(rule) = left_out(&self.mapping, row) {
            return Ok(Translated::LeftOut(rule));
        }
        self.check_values(table_row, row)?;
        if self.mapping.has_kinds() {
            return self.with_kind(row, shared).map(Translated::Records);
        }
        let id = self.review_id(row);
        if let Some(id) = &id
            && shared.reviews.has(id)
        {
            return Ok(Translated::Again);
        }
        let ids = self.film_ids(row)?;
        let mut records = Vec::new();
        let film = self.film(row, &ids, shared, &mut records)?;
        let described = film.as_ref().map(|film| hash(&(film, &ids)));
        if self.mapping.rows == RowsOf::Reviews {
            let review = self.review(row, film, &ids, id, shared)?;
            records.push(review);
        }
        // A film whose row is invalid is described by its next row.
        shared.films.extend(described);
        Ok(Translated::Records(records))
    }

    /// Ends a table: the reviews of later tables that have its ids are the same ones.
    pub fn end(&mut self, shared: &mut Shared) {
        shared.reviews.extend(mem::take(&mut self.ids));
        self.rows = 0;
    }

    /// Returns an error for each column that is read and has the error of a formula, a formula without a value, or a list or
    /// an object instead of one value.
    fn check_values(&self, table_row: TableRow<'_>, row: &[&str]) -> Result<(), Vec<RowError>> {
        let name = |index: usize| self.mapping.header.get(index).cloned().unwrap_or_default();
        let faults = table_row.faults();
        let faults = faults.filter(|fault| self.mapping.uses(fault.column));
        let mut errors: Vec<RowError> = faults
            .map(|fault| RowError::new(name(fault.column), fault.to_string()))
            .collect();
        if errors.is_empty() {
            errors.extend(self.mapping.reads.iter().filter_map(|read| {
                let error = read.error_of_formula(row)?;
                Some(RowError::new(
                    name(read.index),
                    format!("is {error}, the error of a formula: correct it in the spreadsheet, or clear the cell"),
                ))
            }));
            errors.extend(self.mapping.reads.iter().filter_map(|read| {
                let error = read.check_single(row, &self.mapping.header).err()?;
                Some(RowError::new(name(read.index), error))
            }));
        }
        if errors.is_empty() {
            return Ok(());
        }
        Err(errors)
    }

    /// Reads a row of a catalogue, which says its kind.
    fn with_kind(&self, row: &[&str], shared: &mut Shared) -> Result<Vec<ValidRow>, Vec<RowError>> {
        let mut cells = Cells::new();
        for read in &self.mapping.reads {
            if let Meaning::Column(column) = read.meaning {
                cells.insert(column, Self::cell(read, row));
            }
        }
        let (record, warnings) = self.read(&cells, &self.review_defaults, RowKind::Review)?;
        shared.seen.add(&record, cells.present());
        Ok(vec![ValidRow { record, warnings }])
    }

    /// Adds the record of the film, if the row describes it and no earlier row did, and the scores that the row has for
    /// it. Returns the reference to the film.
    fn film(
        &self,
        row: &[&str],
        ids: &[ExternalId],
        shared: &mut Shared,
        records: &mut Vec<ValidRow>,
    ) -> Result<Option<FilmRef>, Vec<RowError>> {
        let mapping = &self.mapping;
        if !mapping.describes_films() && mapping.published.is_empty() {
            return Ok(None);
        }
        let title = self.title(row);
        let mut cells = Cells::new();
        cells.insert(Column::Kind, Cell::text("film"));
        self.fill(&mut cells, RowKind::Film, &title, row);
        let (record, warnings) = self.read(&cells, &self.film_defaults, RowKind::Film)?;
        let Record::Film(mut film) = record else {
            return Ok(None);
        };
        if let Some((first, others)) = ids.split_first() {
            film.film.external_id = Some(first.clone());
            film.external_ids.extend_from_slice(others);
        }
        let reference = film.film.clone();
        if mapping.rows != RowsOf::Films && shared.films.contains(&hash(&(&reference, ids))) {
            return Ok(Some(reference));
        }
        if mapping.describes_films() {
            let record = Record::Film(film);
            shared.seen.add(&record, cells.present());
            records.push(ValidRow { record, warnings });
        }
        for published in &mapping.published {
            self.published(published, row, &reference, shared, records)?;
        }
        Ok(Some(reference))
    }

    fn published(
        &self,
        published: &MappedPublished,
        row: &[&str],
        film: &FilmRef,
        shared: &mut Shared,
        records: &mut Vec<ValidRow>,
    ) -> Result<(), Vec<RowError>> {
        let text = row.get(published.value).copied().unwrap_or_default();
        match published_value(text, published.rule.out_of) {
            Ok(Some(_)) => {}
            Ok(None) => return Ok(()),
            Err(_) => {
                if let Some(last) = records.last_mut() {
                    last.warnings.push(Warning::UnusablePublishedScore);
                }
                return Ok(());
            }
        }
        let mut cells = published.cells(text.trim(), row);
        // The reference replaces it.
        cells.insert(Column::Film, Cell::text("film"));
        let (record, warnings) = self.read(&cells, &self.film_defaults, RowKind::PublishedScore)?;
        let Record::PublishedScore(mut score) = record else {
            return Ok(());
        };
        score.film = film.clone();
        let record = Record::PublishedScore(score);
        shared.seen.add(&record, cells.present());
        records.push(ValidRow { record, warnings });
        Ok(())
    }

    fn review(
        &self,
        row: &[&str],
        film: Option<FilmRef>,
        ids: &[ExternalId],
        id: Option<ReviewId>,
        shared: &mut Shared,
    ) -> Result<ValidRow, Vec<RowError>> {
        let mut title = self.title(row);
        let has_title = !title.text.is_empty() || self.has_slug(row);
        if let Some(first) = ids.first().filter(|_| !has_title) {
            // The id replaces the title, which a row of a review needs.
            title.text = &first.id;
        }
        let mut cells = Cells::new();
        let byline_warning = self.fill(&mut cells, RowKind::Review, &title, row);
        let member = self.member.as_ref().filter(|_| !self.names_critic(&cells));
        if let Some(member) = member {
            cells.replace(Column::Critic, Cell::text(member));
        }
        if let Some(id) = id {
            cells.insert(Column::ExternalId, Cell::Text(id.text.into()));
        }
        let (record, mut warnings) = self.read(&cells, &self.review_defaults, RowKind::Review)?;
        warnings.extend(byline_warning);
        let Record::Review(mut review) = record else {
            return Err(vec![RowError::new("kind", "is no review")]);
        };
        if let Some(film) = film {
            review.film = film;
        } else if let Some(first) = ids.first() {
            review.film.external_id = Some(first.clone());
            if !has_title {
                review.film.title = None;
            }
        }
        if member.is_some() && !says_more_than_critic(&mut review) {
            let film = self.mapping.name_of(Column::Film, RowKind::Review);
            return Err(vec![RowError::new(film, NOTHING_BUT_THE_MEMBER)]);
        }
        if let Some(critic) = &mut review.critic {
            critic.external_id = self.critic_id(row)?;
        }
        if self.has_placeholder(row) {
            warnings.push(Warning::PlaceholderDate);
        }
        let record = Record::Review(review);
        shared.seen.add(&record, cells.present());
        Ok(ValidRow { record, warnings })
    }

    /// Returns whether a row says by whom it is. The member is the critic of the others.
    fn names_critic(&self, cells: &Cells<'_>) -> bool {
        let mut names = [Column::Critic, Column::CriticSlug, Column::Byline].into_iter();
        self.mapping.names_critics() && names.any(|column| cells.filled().contains(column))
    }

    /// Returns the id of the review that the layout makes of columns and the member; `None` if all cells are blank. Without
    /// a member, the ids of two exports of one site would be the same. It is a digest of the folded name, which finds the
    /// same critic in any case, and which is not the name after an erasure. If no member is named, more
    /// columns of the review distinguish it.
    fn review_id(&mut self, row: &[&str]) -> Option<ReviewId> {
        let is_anonymous = self.mapping.layout.member.is_some() && self.member.is_none();
        let identity = if is_anonymous {
            &self.mapping.anonymous_identity
        } else {
            &self.mapping.identity
        };
        if identity.is_empty() || self.mapping.rows != RowsOf::Reviews {
            return None;
        }
        let cells = identity.iter();
        let cells = cells.map(|index| row.get(*index).copied().unwrap_or_default().trim());
        let cells: Vec<&str> = cells.collect();
        if cells.iter().all(|cell| cell.is_empty()) {
            return None;
        }
        let member = self.mapping.layout.member.and(self.member.as_deref());
        let member = member.map(|name| review_id::digest(&folded(name)));
        let parts = member.as_deref().into_iter().chain(cells);
        Some(self.ids.next(parts))
    }

    fn has_placeholder(&self, row: &[&str]) -> bool {
        self.mapping.reads.iter().any(|read| {
            let text = row.get(read.index).copied().unwrap_or_default().trim();
            read.is_placeholder(text)
        })
    }

    /// Parses the cells of a record. An error names the column of the table.
    fn read(&self, cells: &Cells<'_>, defaults: &Defaults, kind: RowKind) -> Read {
        match catalogue::read(cells, defaults) {
            Ok((record, warnings)) => Ok((record, warnings.iter().collect())),
            Err(errors) => Err(errors
                .into_iter()
                .map(|error| {
                    let name = self.mapping.name_of(error.column, kind);
                    RowError::new(name, error.reason)
                })
                .collect()),
        }
    }
}

/// The error of a row that has nothing but its film, in a table whose critic is named elsewhere.
const NOTHING_BUT_THE_MEMBER: &str = "is all that this row says: a review needs a grade, a text, a recommendation or a day; \
    --as films reads the rows as films";

/// Returns whether a review has something beside its critic.
fn says_more_than_critic(review: &mut ReviewRecord) -> bool {
    let critic = review.critic.take();
    let has_more = review.has_content();
    review.critic = critic;
    has_more
}

/// Returns whether no cell of a row has a text.
pub(super) fn is_blank(row: &[&str]) -> bool {
    row.iter().all(|cell| cell.trim().is_empty())
}

/// Returns the index of the rule that leaves a row out.
pub(super) fn left_out(mapping: &Mapping, row: &[&str]) -> Option<usize> {
    mapping.leave_out.iter().position(|rule| rule.fits(row))
}

fn hash(value: &impl std::hash::Hash) -> u64 {
    FixedState::default().hash_one(value)
}
