//! A film in the index.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::FromQueryResult;

/// A row that the index reads.
#[derive(Clone, Debug, FromQueryResult)]
pub struct EntryRow {
    pub id: i64,
    pub year: Option<i16>,
    pub release_date: Option<NaiveDate>,
    /// The genres in NFC, without white space around them.
    pub genres: Vec<String>,
    /// The folded title, as searches compare it.
    pub title: String,
    /// The score under the rules of the site of this generation.
    pub score: Option<i16>,
    pub generation: i64,
    pub review_count: Option<i32>,
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
    /// The folded title, as searches compare it.
    pub title: Box<str>,
    pub genres: Box<[u32]>,
}

impl Entry {
    pub fn of_row(row: EntryRow, genre_ids: &mut GenreIds) -> Self {
        let genres = row.genres.into_iter().map(|genre| genre_ids.add(genre));
        Self {
            genres: genres.collect(),
            id: row.id,
            year: row.year,
            release_date: row.release_date,
            score: row.score,
            review_count: row.review_count,
            title: row.title.into(),
        }
    }
}

/// The numbers that stand for the genres, of which many films have the same few.
#[derive(Debug, Default)]
pub struct GenreIds(HashMap<String, u32>);

impl GenreIds {
    /// A number that no genre has.
    const UNUSED: u32 = u32::MAX;

    /// Returns the number of a genre; [`Self::UNUSED`] if no film has it.
    pub fn find(&self, genre: &str) -> u32 {
        self.0.get(genre).copied().unwrap_or(Self::UNUSED)
    }

    fn add(&mut self, genre: String) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(Self::UNUSED);
        *self.0.entry(genre).or_insert(next)
    }
}
