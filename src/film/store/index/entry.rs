//! A film in the index.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::FromQueryResult;

use crate::{
    score::{Points, deviation_key},
    text::search::fold,
};

/// A row that the index reads.
#[derive(Clone, Debug, FromQueryResult)]
pub struct EntryRow {
    pub id: i64,
    pub year: Option<i16>,
    pub release_date: Option<NaiveDate>,
    /// The genres in NFC, without white space around them.
    pub genres: Vec<String>,
    pub directors: Vec<String>,
    /// The folded title, as searches compare it.
    pub title: String,
    /// The score under the rules of the site of this generation.
    pub score: Option<i16>,
    pub generation: i64,
    pub review_count: Option<i32>,
    pub scored_count: Option<i32>,
    /// The numbers of reviews with the score 0, 1, … 100.
    pub score_counts: Option<Vec<i32>>,
    pub last_reviewed_on: Option<NaiveDate>,
}

impl EntryRow {
    /// Returns the sort key of the deviation of the scores.
    fn deviation(&self) -> Option<i32> {
        let counts = self.score_counts.iter().flatten();
        let counts = counts.map(|reviews| u32::try_from(*reviews).unwrap_or_default());
        deviation_key(Points::all().zip(counts))
    }
}

/// What filters and orders compare of a film.
#[derive(Debug)]
pub struct Entry {
    pub id: i64,
    pub year: Option<i16>,
    pub release_date: Option<NaiveDate>,
    pub score: Option<i16>,
    /// `None` if the film has no tally, which only a change by hand causes. Such a film is counted, but not listed.
    pub review_count: Option<i32>,
    pub scored_count: Option<i32>,
    /// The sort key of the standard deviation of the scores.
    pub deviation: Option<i32>,
    pub last_reviewed_on: Option<NaiveDate>,
    /// The folded title, as searches compare it.
    pub title: Box<str>,
    /// The numbers of the genres.
    pub genres: Box<[u32]>,
    /// The numbers of the folded names of the directors.
    pub directors: Box<[u32]>,
}

impl Entry {
    pub fn of_row(row: EntryRow, genre_ids: &mut NameIds, director_ids: &mut NameIds) -> Self {
        let deviation = row.deviation();
        let genres = row.genres.into_iter().map(|genre| genre_ids.add(genre));
        let directors = row.directors.iter();
        let directors = directors.map(|director| director_ids.add(fold(director)));
        Self {
            genres: genres.collect(),
            directors: directors.collect(),
            id: row.id,
            year: row.year,
            release_date: row.release_date,
            score: row.score,
            review_count: row.review_count,
            scored_count: row.scored_count,
            deviation,
            last_reviewed_on: row.last_reviewed_on,
            title: row.title.into(),
        }
    }

    /// Returns whether the film has a review without a score; `None` without a tally.
    pub fn has_unscored(&self) -> Option<bool> {
        Some(self.review_count? > self.scored_count?)
    }
}

/// The numbers that stand for names of which many films have the same: of genres, or of directors.
#[derive(Debug, Default)]
pub struct NameIds(HashMap<String, u32>);

impl NameIds {
    /// A number that no name has.
    const UNUSED: u32 = u32::MAX;

    /// Returns the number of a name; [`Self::UNUSED`] if no film has it.
    pub fn find(&self, name: &str) -> u32 {
        self.0.get(name).copied().unwrap_or(Self::UNUSED)
    }

    /// Returns each name with its number.
    pub fn names(&self) -> impl Iterator<Item = (&str, u32)> {
        self.0.iter().map(|(name, id)| (name.as_str(), *id))
    }

    fn add(&mut self, name: String) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(Self::UNUSED);
        *self.0.entry(name).or_insert(next)
    }
}
