//! An index of all films in memory, for filters.
//!
//! A filter that few films match, or that no index of the database supports, such as a single letter in the title,
//! makes the database read most films. The index has what filters and orders compare, about 250 bytes a film. It is
//! read when it is first used.

mod entry;
mod facets;
mod matcher;
mod selection;

use std::sync::Arc;

use sea_orm::DbErr;

use self::entry::{Entry, EntryRow, NameIds};
use crate::{
    cache::{snapshots::Snapshots, tag::TagKind},
    database::{session::Session, sql},
    film::filter::FilmFilter,
    loader::table_index::{ChangedRows, CurrentIndex, TableIndex},
};

/// The statement that reads films. The subquery makes it read the tally of each film by its key: the plan doesn't
/// depend on the number of films.
const SELECT: &str = "
SELECT
    film.id, film.year, film.release_date, film.genres_normalized AS genres, film.directors,
    film.title_search AS title, tally.score, (SELECT generation FROM site_rules) AS generation,
    tally.review_count, tally.scored_count, tally.score_counts, tally.last_reviewed_on
FROM film LEFT JOIN LATERAL (
    SELECT score, review_count, scored_count, score_counts, last_reviewed_on FROM film_tally WHERE film_id = film.id OFFSET 0
) AS tally ON true";

/// The number of films that one statement reads. A row has the counts of all scores, which the index doesn't keep.
const CHUNK: usize = 4_096;

/// The index of the films of a process.
#[derive(Debug, Default)]
pub struct FilmIndex {
    /// In the order of their ids.
    entries: Vec<Entry>,
    /// The numbers of the genres.
    genre_ids: NameIds,
    /// The numbers of the folded names of directors.
    director_ids: NameIds,
    scored_under: Generations,
}

/// The generations of the rules of the site under which the scores were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Generations {
    /// There are no scores.
    #[default]
    None,
    One(i64),
    /// The rules changed between two reads. All films are read again once the notification of that arrives.
    Several,
}

impl TableIndex for FilmIndex {
    type Row = EntryRow;

    const KINDS: &'static [TagKind] = &[TagKind::Film, TagKind::FilmReviews];

    const IS_SMALL: bool = true;

    const MAX_CHANGES: usize = 8_192;

    fn is_enabled(snapshots: &Snapshots) -> bool {
        snapshots.indexes().films
    }

    fn row_count(&self) -> usize {
        self.entries.len()
    }

    async fn read_all(session: &Session) -> Result<Self, DbErr> {
        let sql = format!("{SELECT} WHERE film.id > $1 ORDER BY film.id LIMIT {CHUNK}");
        let mut index = Self::default();
        loop {
            let last = index.entries.last().map_or(0, |film| film.id);
            let rows: Vec<EntryRow> = sql::all(session, &sql, [last.into()]).await?;
            let is_last = rows.len() < CHUNK;
            index.extend(rows);
            if is_last {
                index.entries.shrink_to_fit();
                return Ok(index);
            }
        }
    }

    async fn read_rows(ids: Vec<i64>, session: &Session) -> Result<Vec<EntryRow>, DbErr> {
        let sql = format!("{SELECT} WHERE film.id = ANY ($1)");
        sql::all(session, &sql, [ids.into()]).await
    }

    fn replace(&mut self, changes: &ChangedRows, rows: Vec<EntryRow>) {
        self.entries.retain(|film| !changes.ids.contains(&film.id));
        self.extend(rows);
        self.entries.shrink_to_fit();
    }
}

impl FilmIndex {
    /// Returns the index for a filter. `None` if the database has to filter.
    pub async fn for_filter(
        filter: &FilmFilter,
        session: &Session,
    ) -> Option<Arc<CurrentIndex<Self>>> {
        if filter.is_indexed() {
            CurrentIndex::get(session).await
        } else {
            None
        }
    }

    /// Returns whether the scores are those under the rules of a generation.
    pub fn is_scored_under(&self, generation: i64) -> bool {
        match self.scored_under {
            Generations::None => true,
            Generations::One(own) => own == generation,
            Generations::Several => false,
        }
    }

    fn extend(&mut self, rows: Vec<EntryRow>) {
        for row in &rows {
            self.scored_under = match self.scored_under {
                Generations::None => Generations::One(row.generation),
                Generations::One(own) if own == row.generation => Generations::One(own),
                _ => Generations::Several,
            };
        }
        let (genre_ids, director_ids) = (&mut self.genre_ids, &mut self.director_ids);
        let entries = rows
            .into_iter()
            .map(|row| Entry::of_row(row, genre_ids, director_ids));
        self.entries.extend(entries);
        self.entries.sort_by_key(|film| film.id);
    }
}
