//! An index of all films in memory, for filters.
//!
//! A filter that few films match, or that no index of the database supports, such as a single letter in the title,
//! makes the database read most films. The index has what filters and orders compare, about 150 bytes a film. It is
//! read when it is first used. Before each use, the films that have changed since are read again.

mod entry;
mod matcher;
mod selection;

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::RwLock;
use sea_orm::DbErr;
use tokio::{sync::Mutex as AsyncMutex, time::timeout};

use self::entry::{Entry, EntryRow, GenreIds};
use crate::{
    cache::{
        invalidation_clock::{InvalidationClock, Timestamp},
        snapshots::Snapshots,
        tag::{Tag, TagKind},
    },
    database::{
        session::{Cost, Session},
        sql,
    },
};

/// The statement that reads films. The title is in lower case as the database converts it. The subquery makes it read
/// the tally of each film by its key: the plan doesn't depend on the number of films.
const SELECT: &str = "
SELECT film.id, film.year, film.release_date, film.genres, lower(film.title) AS title, tally.score, tally.review_count
FROM film LEFT JOIN LATERAL (
    SELECT score, review_count FROM film_tally WHERE film_id = film.id OFFSET 0
) AS tally ON true";

/// If more than one of this many films have changed, all are read again, which is faster then.
const MAX_CHANGED_PART: usize = 4;

/// The share of the time in which all films may be read again, as one of this many parts. Meanwhile, the database
/// filters.
const READING_PART: u32 = 10;

/// The time for which a request waits until the index is current. After that, the database filters for it.
const MAX_WAIT: Duration = Duration::from_millis(100);

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
    /// The time before which all films are not read again.
    read_all_after: Option<Instant>,
}

/// The films to read again.
#[derive(Debug, PartialEq, Eq)]
enum Changes {
    All,
    /// The films with these ids.
    Some(Vec<i64>),
}

impl FilmIndex {
    /// Returns the index after it has been brought up to date. `None` while the process doesn't receive notifications,
    /// if the index is disabled, or if that takes too long.
    ///
    /// # Errors
    ///
    /// Fails when the statement fails.
    pub async fn current(session: &Session) -> Result<Option<Arc<Self>>, DbErr> {
        let snapshots = session.snapshots();
        let Some(snapshots) = snapshots.filter(|snapshots| snapshots.has_film_index()) else {
            return Ok(None);
        };
        let index = snapshots.get::<Self>();
        if index.films.read().is_current(snapshots.clock()) {
            return Ok(Some(index));
        }
        let round_trips = session.cost().round_trips;
        // All requests need it, so it is read by a task of its own, on behalf of the server. It continues if this request
        // stops to wait.
        let refresh = Arc::clone(&index).refresh(session.detached());
        let refresh = tokio::spawn(session.clone().trace_task(|_| refresh));
        match timeout(MAX_WAIT, refresh).await {
            Ok(Ok(refreshed)) => {
                let (is_current, cost) = refreshed?;
                session.charge(cost, round_trips);
                Ok(is_current.then_some(index))
            }
            Ok(Err(panic)) => Err(DbErr::Custom(panic.to_string())),
            Err(_) => Ok(None),
        }
    }

    /// Reads the films that have changed. Returns whether the index is current, and the cost.
    async fn refresh(self: Arc<Self>, session: Session) -> Result<(bool, Cost), DbErr> {
        let _refresh = self.refresh.lock().await;
        let Some(clock) = session.snapshots().map(Snapshots::clock) else {
            return Ok((false, Cost::default()));
        };
        if self.films.read().is_current(clock) {
            return Ok((true, Cost::default()));
        }
        let Some(now) = clock.now() else {
            return Ok((false, Cost::default()));
        };
        let began = Instant::now();
        let changes = {
            let films = self.films.read();
            let changes = films.changes(clock);
            let is_early = films.read_all_after.is_some_and(|after| began < after);
            if changes == Changes::All && is_early {
                return Ok((false, Cost::default()));
            }
            changes
        };
        let is_all = changes == Changes::All;
        let rows = read(&changes, &session).await?;
        let mut films = self.films.write();
        films.apply(changes, rows, now);
        if is_all {
            films.read_all_after = Some(Instant::now() + began.elapsed() * READING_PART);
        }
        Ok((true, session.cost()))
    }
}

async fn read(changes: &Changes, session: &Session) -> Result<Vec<EntryRow>, DbErr> {
    match changes {
        Changes::All => sql::all(session, SELECT, []).await,
        Changes::Some(ids) => {
            let sql = format!("{SELECT} WHERE film.id = ANY ($1)");
            sql::all(session, &sql, [ids.clone().into()]).await
        }
    }
}

impl Films {
    fn is_current(&self, clock: &InvalidationClock) -> bool {
        let tags = [TagKind::Film, TagKind::FilmReviews].map(Tag::any);
        self.read_at
            .is_some_and(|read_at| clock.are_unchanged(read_at, tags.into_iter()))
    }

    /// Returns the films that have changed since they were read.
    fn changes(&self, clock: &InvalidationClock) -> Changes {
        let changes = self
            .read_at
            .and_then(|read_at| clock.changes_since(read_at));
        let Some(tags) = changes else {
            return Changes::All;
        };
        let kinds = [TagKind::Film, TagKind::FilmReviews];
        let ids = tags
            .iter()
            .filter_map(|tag| kinds.into_iter().find_map(|kind| tag.id_of(kind)));
        let ids: BTreeSet<i64> = ids.collect();
        if ids.len() > self.entries.len() / MAX_CHANGED_PART {
            Changes::All
        } else {
            Changes::Some(ids.into_iter().collect())
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
                let ids: HashSet<i64> = ids.into_iter().collect();
                self.entries.retain(|film| !ids.contains(&film.id));
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
