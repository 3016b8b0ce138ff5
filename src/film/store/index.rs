//! An index of all films in memory, for filters.
//!
//! A filter that few films match, or that no index of the database supports, such as a single letter in the title,
//! makes the database read most films. The index has what filters and orders compare, about 150 bytes a film. It is
//! read when it is first used. Before each use, the films that have changed since are read again.

mod entry;
mod matcher;
mod selection;

use std::{collections::HashSet, sync::Arc};

use parking_lot::RwLock;
use sea_orm::DbErr;
use tokio::sync::Mutex as AsyncMutex;

use self::entry::{Entry, EntryRow, GenreIds};
use crate::{
    cache::{
        invalidation_clock::{InvalidationClock, Timestamp},
        tag::{Tag, TagKind},
    },
    database::{session::Session, sql},
};

/// The statement that reads films. The title is in lower case as the database converts it.
const SELECT: &str = "
SELECT film.id, film.year, film.release_date, film.genres, lower(film.title) AS title, tally.score, tally.review_count
FROM film LEFT JOIN film_tally AS tally ON tally.film_id = film.id";

/// If more than one of this many films have changed, all are read again, which is faster then.
const MAX_CHANGED_PART: usize = 4;

/// The index of the films of a process.
#[derive(Debug, Default)]
pub struct FilmIndex {
    films: RwLock<Films>,
    /// Held while films are read, so that two requests don't read the same ones.
    refresh: AsyncMutex<()>,
}

#[derive(Debug, Default)]
struct Films {
    /// A time before the films were read; `None` before the first read.
    read_at: Option<Timestamp>,
    /// In the order of their ids.
    entries: Vec<Entry>,
    genre_ids: GenreIds,
}

/// The films to read again.
#[derive(Debug, PartialEq, Eq)]
enum Changes {
    All,
    /// The films with these ids, and those with a higher id than all films of the index.
    Some(Vec<i64>),
}

impl FilmIndex {
    /// Returns the index after it has been brought up to date. `None` while the process doesn't receive notifications,
    /// or if rows aren't cached.
    ///
    /// # Errors
    ///
    /// Fails when the statement fails.
    pub async fn current(session: &Session) -> Result<Option<Arc<Self>>, DbErr> {
        let Some(snapshots) = session.snapshots() else {
            return Ok(None);
        };
        let (index, clock) = (snapshots.get::<Self>(), snapshots.clock());
        if index.films.read().is_current(clock) {
            return Ok(Some(index));
        }
        let _refresh = index.refresh.lock().await;
        if index.films.read().is_current(clock) {
            return Ok(Some(Arc::clone(&index)));
        }
        let Some(now) = clock.now() else {
            return Ok(None);
        };
        let (changes, last_id) = {
            let films = index.films.read();
            (films.changes(clock), films.last_id())
        };
        let rows = read(&changes, last_id, session).await?;
        index.films.write().apply(changes, rows, now);
        Ok(Some(Arc::clone(&index)))
    }
}

async fn read(changes: &Changes, last_id: i64, session: &Session) -> Result<Vec<EntryRow>, DbErr> {
    match changes {
        Changes::All => sql::all(session, SELECT, []).await,
        Changes::Some(ids) => {
            let sql = format!("{SELECT} WHERE film.id = ANY ($1) OR film.id > $2");
            sql::all(session, &sql, [ids.clone().into(), last_id.into()]).await
        }
    }
}

impl Films {
    fn is_current(&self, clock: &InvalidationClock) -> bool {
        let tags = [TagKind::Film, TagKind::FilmReviews].map(Tag::any);
        self.read_at
            .is_some_and(|read_at| clock.are_unchanged(read_at, tags.into_iter()))
    }

    fn last_id(&self) -> i64 {
        self.entries.last().map_or(0, |film| film.id)
    }

    /// Returns the films that have changed since they were read. Ids between those of the index count, because
    /// transactions don't commit in the order of their ids.
    fn changes(&self, clock: &InvalidationClock) -> Changes {
        let Some(read_at) = self.read_at else {
            return Changes::All;
        };
        let last_id = self.last_id();
        let films = i64::try_from(self.entries.len()).unwrap_or(i64::MAX);
        let has_few_gaps = last_id / 4 <= films.saturating_add(10_000);
        if !has_few_gaps || !clock.are_unchanged(read_at, std::iter::empty()) {
            return Changes::All;
        }
        let is_changed = |id: &i64| {
            let tags = [TagKind::Film, TagKind::FilmReviews].map(|kind| Tag::of(kind, *id));
            !clock.are_unchanged(read_at, tags.into_iter())
        };
        let ids: Vec<i64> = (1..=last_id).filter(is_changed).collect();
        if ids.len() > self.entries.len() / MAX_CHANGED_PART {
            Changes::All
        } else {
            Changes::Some(ids)
        }
    }

    /// Replaces the changed films by the rows that were read. A film without a row is deleted.
    fn apply(&mut self, changes: Changes, rows: Vec<EntryRow>, read_at: Timestamp) {
        match changes {
            Changes::All => {
                self.entries.clear();
                self.genre_ids = GenreIds::default();
            }
            Changes::Some(ids) => {
                let last_id = self.last_id();
                let ids: HashSet<i64> = ids.into_iter().collect();
                self.entries.retain(|film| !ids.contains(&film.id));
                debug_assert!(
                    rows.iter()
                        .all(|row| ids.contains(&row.id) || row.id > last_id)
                );
            }
        }
        let genre_ids = &mut self.genre_ids;
        self.entries
            .extend(rows.into_iter().map(|row| Entry::of_row(row, genre_ids)));
        self.entries.sort_by_key(|film| film.id);
        self.entries.shrink_to_fit();
        self.read_at = Some(read_at);
    }
}

#[cfg(test)]
mod tests;
