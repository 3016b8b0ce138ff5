//! Indexes of whole tables in memory, for filters that no index of the database supports, or that match many rows.
//!
//! An index is brought up to date before each use: the rows that have changed since are read again. After many changes,
//! or a gap in the notifications, the whole table is.

use std::{
    collections::BTreeSet,
    mem,
    ops::Deref,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::{RwLock, RwLockReadGuard};
use sea_orm::DbErr;
use tokio::{sync::Mutex as AsyncMutex, time::timeout};

use crate::{
    cache::{
        invalidation_clock::{InvalidationClock, Timestamp},
        snapshots::Snapshots,
        tag::{Tag, TagKind},
    },
    database::{
        error_message::describe,
        session::{Cost, Session},
    },
};

/// If more than one of this many rows have changed, the whole table is read again, which is faster then.
const MAX_CHANGED_PART: usize = 4;

/// The share of the time in which whole tables may be read again, as one of this many parts. Meanwhile, the database
/// filters.
const READING_PART: u32 = 10;

/// The time for which a request waits until an index is current. After that, the database filters for it.
const MAX_WAIT: Duration = Duration::from_millis(100);

/// What an index has of the rows of its table.
pub trait TableIndex: Default + Send + Sync + 'static {
    /// What is read of a changed row.
    type Row: Send;

    /// The kinds of the tags that have the id of a changed row.
    const KINDS: &'static [TagKind];

    /// Whether the table is so small that requests read all of it if they have to. Otherwise only
    /// [`CurrentIndex::keep_current`] does.
    const IS_SMALL: bool;

    /// The number of changes of the database after which the whole table is read again.
    const MAX_CHANGES: usize;

    /// Returns whether there may be an index.
    fn is_enabled(snapshots: &Snapshots) -> bool;

    /// Returns the number of rows.
    fn row_count(&self) -> usize;

    /// Reads all rows. They needn't be of one snapshot of the database: those that change meanwhile are read again.
    fn read_all(session: &Session) -> impl Future<Output = Result<Self, DbErr>> + Send;

    /// Reads the rows with these ids.
    fn read_rows(
        ids: Vec<i64>,
        session: &Session,
    ) -> impl Future<Output = Result<Vec<Self::Row>, DbErr>> + Send;

    /// Replaces changed rows by those that were read. A row that was not read is deleted.
    fn replace(&mut self, changes: &ChangedRows, rows: Vec<Self::Row>);
}

/// The rows of a table that have changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangedRows {
    /// The ids of the rows.
    pub ids: BTreeSet<i64>,
    /// The tags of all changes of the database, those of the rows among them.
    pub tags: BTreeSet<Tag>,
}

/// What has to be read again.
#[derive(Debug, PartialEq, Eq)]
enum Changes {
    All,
    Some(ChangedRows),
}

/// An index that is brought up to date before each use.
#[derive(Debug)]
pub struct CurrentIndex<T> {
    rows: RwLock<State<T>>,
    /// Held while rows are read, so that two requests don't read the same ones.
    refresh: AsyncMutex<()>,
    /// The last read of all rows without notifications.
    unnotified: AsyncMutex<Option<UnnotifiedRead<T>>>,
}

/// A read of all rows whose later changes are not known.
#[derive(Debug)]
struct UnnotifiedRead<T> {
    began: Instant,
    rows: Arc<T>,
}

/// The rows of a table as they are after the call of [`CurrentIndex::current`] or later.
#[derive(Debug)]
pub enum CurrentRows<T> {
    /// The index that all requests share.
    Shared(Arc<CurrentIndex<T>>),
    /// Rows that were read without notifications, for the requests that waited for them.
    Read(Arc<T>),
}

impl<T: TableIndex> CurrentRows<T> {
    /// Calls a function with the rows. It must not take long: nobody can bring a shared index up to date meanwhile.
    pub fn with<R>(&self, call: impl FnOnce(&T) -> R) -> R {
        match self {
            Self::Shared(index) => call(&index.read()),
            Self::Read(rows) => call(rows),
        }
    }
}

/// What a refresh may read if all rows have to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FullRead {
    /// Nothing.
    Never,
    /// All rows, unless that has taken much of the time lately.
    IfDue,
    /// All rows.
    Always,
}

#[derive(Debug, Default)]
struct State<T> {
    index: T,
    /// A time before the rows were read; `None` before the first read.
    read_at: Option<Timestamp>,
    /// The time before which the whole table is not read again.
    read_all_after: Option<Instant>,
}

impl<T: Default> Default for CurrentIndex<T> {
    fn default() -> Self {
        Self {
            rows: RwLock::default(),
            refresh: AsyncMutex::default(),
            unnotified: AsyncMutex::default(),
        }
    }
}

impl<T: TableIndex> CurrentIndex<T> {
    /// Returns the index after it has been brought up to date. `None` while the process doesn't receive notifications,
    /// if the index is disabled, if that fails or takes too long, or if the table is large and all of it has to be read.
    /// Then the database has to filter.
    pub async fn get(session: &Session) -> Option<Arc<Self>> {
        let snapshots = session.snapshots();
        let snapshots = snapshots.filter(|snapshots| T::is_enabled(snapshots))?;
        let index = snapshots.get::<Self>();
        {
            let state = index.rows.read();
            if state.is_current(snapshots.clock()) {
                drop(state);
                return Some(index);
            }
            if !T::IS_SMALL && state.changes(snapshots.clock()) == Changes::All {
                return None;
            }
        }
        let round_trips = session.cost().round_trips;
        let full_read = if T::IS_SMALL {
            FullRead::IfDue
        } else {
            FullRead::Never
        };
        // All requests need it, so it is read by a task of its own, on behalf of the server. It continues if this request
        // stops to wait.
        let refresh = Arc::clone(&index).refresh(session.detached(), full_read);
        let refresh = tokio::spawn(session.clone().trace_task(|_| refresh));
        match timeout(MAX_WAIT, refresh).await {
            Ok(Ok(Ok((is_current, cost)))) => {
                session.charge(cost, round_trips);
                is_current.then_some(index)
            }
            // If the database is unavailable, its own read fails as well.
            Ok(Ok(Err(error))) => {
                tracing::debug!(error.cause = %describe(&error), "an index could not be read");
                None
            }
            // A panic is logged already.
            Ok(Err(_)) | Err(_) => None,
        }
    }

    /// Returns the rows as they are now, for reads that the database can't make itself. Waits until the rows that have changed
    /// are read, or all of them if it is not known which have. While the process doesn't receive notifications, all rows are
    /// read for each request; those that wait at the same time share a read that begins after they have.
    ///
    /// # Errors
    ///
    /// Fails when a statement fails.
    pub async fn current(session: &Session) -> Result<CurrentRows<T>, DbErr> {
        let snapshots = session.snapshots();
        let Some(snapshots) = snapshots.filter(|snapshots| T::is_enabled(snapshots)) else {
            return Ok(CurrentRows::Read(Arc::new(T::read_all(session).await?)));
        };
        let index = snapshots.get::<Self>();
        if index.rows.read().is_current(snapshots.clock()) {
            return Ok(CurrentRows::Shared(index));
        }
        let round_trips = session.cost().round_trips;
        // It continues if this request stops to wait, so that the next one doesn't have to begin again.
        let read = Arc::clone(&index).read_current(session.detached(), Instant::now());
        let read = tokio::spawn(session.clone().trace_task(|_| read));
        let read = read.await.unwrap_or_else(|_| {
            let message = "the read of an index was cancelled or has panicked";
            Err(DbErr::Custom(message.to_owned()))
        });
        let (rows, cost) = read?;
        session.charge(cost, round_trips);
        Ok(rows)
    }

    async fn read_current(
        self: Arc<Self>,
        session: Session,
        arrived: Instant,
    ) -> Result<(CurrentRows<T>, Cost), DbErr> {
        let refreshed = Arc::clone(&self).refresh(session.clone(), FullRead::Always);
        let (is_current, cost) = refreshed.await?;
        if is_current {
            return Ok((CurrentRows::Shared(self), cost));
        }
        let mut last = self.unnotified.lock().await;
        if let Some(last) = &*last
            && last.began >= arrived
        {
            return Ok((CurrentRows::Read(Arc::clone(&last.rows)), Cost::default()));
        }
        let began = Instant::now();
        let rows = Arc::new(T::read_all(&session).await?);
        let read = UnnotifiedRead {
            began,
            rows: Arc::clone(&rows),
        };
        *last = Some(read);
        Ok((CurrentRows::Read(rows), session.cost()))
    }

    /// Brings the index up to date in the background, if the process receives notifications. Large tables are only read
    /// as a whole by this.
    ///
    /// # Errors
    ///
    /// Fails when a statement fails.
    pub async fn keep_current(session: &Session) -> Result<(), DbErr> {
        let snapshots = session.snapshots();
        let Some(snapshots) = snapshots.filter(|snapshots| T::is_enabled(snapshots)) else {
            return Ok(());
        };
        let index = snapshots.get::<Self>();
        index.refresh(session.clone(), FullRead::IfDue).await?;
        Ok(())
    }

    /// Returns whether a request can use the index, at most after a read of the rows that have changed.
    pub fn is_usable(&self, clock: &InvalidationClock) -> bool {
        self.rows.read().changes(clock) != Changes::All
    }

    /// Returns the number of changes of the database since the rows were read; `None` if they are not known.
    pub fn count_changes(&self, clock: &InvalidationClock) -> Option<usize> {
        let read_at = self.rows.read().read_at;
        read_at.and_then(|read_at| clock.count_changes_since(read_at))
    }

    /// Returns the rows. The lock must not be held for long: nobody can bring the index up to date meanwhile.
    pub fn read(&self) -> impl Deref<Target = T> + '_ {
        RwLockReadGuard::map(self.rows.read(), |state| &state.index)
    }

    /// Reads the rows that have changed. Returns whether the index is current, and the cost.
    async fn refresh(
        self: Arc<Self>,
        session: Session,
        full_read: FullRead,
    ) -> Result<(bool, Cost), DbErr> {
        let _refresh = self.refresh.lock().await;
        let Some(clock) = session.snapshots().map(Snapshots::clock) else {
            return Ok((false, Cost::default()));
        };
        let Some(now) = clock.now() else {
            return Ok((false, Cost::default()));
        };
        let began = Instant::now();
        let changes = {
            let state = self.rows.read();
            if state.is_current(clock) {
                return Ok((true, Cost::default()));
            }
            let changes = state.changes(clock);
            let is_early = state.read_all_after.is_some_and(|after| began < after);
            let may_read_all = match full_read {
                FullRead::Never => false,
                FullRead::IfDue => !is_early,
                FullRead::Always => true,
            };
            if changes == Changes::All && !may_read_all {
                return Ok((false, Cost::default()));
            }
            changes
        };
        match changes {
            Changes::All => {
                let index = T::read_all(&session).await;
                let mut state = self.rows.write();
                state.read_all_after = Some(Instant::now() + began.elapsed() * READING_PART);
                let earlier = mem::replace(&mut state.index, index?);
                state.read_at = Some(now);
                // Freeing the memory takes long.
                drop(state);
                drop(earlier);
            }
            Changes::Some(changes) => {
                let ids: Vec<i64> = changes.ids.iter().copied().collect();
                let rows = if ids.is_empty() {
                    Vec::new()
                } else {
                    T::read_rows(ids, &session).await?
                };
                self.rows.write().replace(&changes, rows, now);
            }
        }
        Ok((true, session.cost()))
    }
}

impl<T: TableIndex> State<T> {
    fn is_current(&self, clock: &InvalidationClock) -> bool {
        let tags = T::KINDS.iter().copied().map(Tag::any);
        self.read_at
            .is_some_and(|read_at| clock.are_unchanged(read_at, tags))
    }

    /// Returns the rows that have changed since they were read.
    fn changes(&self, clock: &InvalidationClock) -> Changes {
        let changes = self
            .read_at
            .and_then(|read_at| clock.changes_since(read_at, T::MAX_CHANGES));
        let Some(tags) = changes else {
            return Changes::All;
        };
        let ids = tags
            .iter()
            .filter_map(|tag| T::KINDS.iter().find_map(|kind| tag.id_of(*kind)));
        let ids: BTreeSet<i64> = ids.collect();
        if ids.len() > self.index.row_count() / MAX_CHANGED_PART {
            Changes::All
        } else {
            Changes::Some(ChangedRows {
                ids,
                tags: tags.into_iter().collect(),
            })
        }
    }

    fn replace(&mut self, changes: &ChangedRows, rows: Vec<T::Row>, read_at: Timestamp) {
        self.index.replace(changes, rows);
        self.read_at = Some(read_at);
    }
}

#[cfg(test)]
mod tests;
