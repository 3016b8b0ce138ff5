//! The connection pool of a worker. The wait for a connection is bounded, and statements can be cancelled.
//!
//! When a caller drops a running statement, at a deadline or because its client disconnected, the pool cancels the
//! statement in PostgreSQL. When PostgreSQL doesn't respond any more, waiting statements fail.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use parking_lot::{Mutex, MutexGuard};
use sea_orm::{ConnectionTrait, DbErr, ExecResult, sqlx::postgres::PgConnectOptions};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{
    connect_options,
    connection::{Connection, ConnectionSettings, nothing_to_be_had},
    fault::Fault,
    lane::Lane,
    pulse::Pulse,
};

/// The time after a failure to connect in which callers get the error without another attempt.
const PAUSE: Duration = Duration::from_millis(200);

/// The timeout of a connection for background reads, see [`Lending::patience`].
const BESIDE_PATIENCE: Duration = Duration::from_secs(5);

/// The duration from which a background read is logged as slow.
const BESIDE_SLOW: Duration = Duration::from_secs(1);

/// The settings of a pool.
#[derive(Clone, Copy, Debug)]
pub struct Lending {
    /// The number of connections.
    pub connections: u32,
    /// The timeout of the wait for a free connection, of connecting, and of a response of the health probe while a
    /// statement runs.
    pub patience: Duration,
    /// The maximum number of callers that wait for a connection.
    pub waiting: usize,
    /// The `statement_timeout` of the connections in PostgreSQL.
    pub statement_timeout: Duration,
    /// The duration from which a statement is logged as slow; `None` logs none.
    pub slow: Option<Duration>,
}

/// The connection pool of a worker. Clones share it.
#[derive(Clone, Debug)]
pub struct Lanes(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    lending: Lending,
    lanes: Vec<Lane>,
    /// The indices of the free slots. The last one returned is taken first: its connection is the most likely to be
    /// open.
    free: Mutex<Vec<usize>>,
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// The time until which PostgreSQL counts as unavailable.
    away_until: Mutex<Option<Instant>>,
    pulse: Pulse,
    beside: Lane,
}

impl Lanes {
    /// Creates a pool of one connection, for background reads.
    #[must_use]
    pub fn one(options: &PgConnectOptions) -> Self {
        let settings = Lending {
            connections: 1,
            patience: BESIDE_PATIENCE,
            waiting: usize::MAX,
            statement_timeout: 4 * BESIDE_PATIENCE,
            slow: Some(BESIDE_SLOW),
        };
        Self::new(options, settings)
    }

    /// Creates a pool. Its connections are opened on first use.
    #[must_use]
    pub fn new(options: &PgConnectOptions, settings: Lending) -> Self {
        let timeout = settings.statement_timeout.as_millis();
        let options = connect_options(options).options([
            ("statement_timeout", timeout.to_string()),
            // One generic plan serves all values of a statement. By default, PostgreSQL estimates a custom plan for one
            // owner as cheaper and plans each execution, which takes longer than the execution itself.
            ("plan_cache_mode", "force_generic_plan".to_owned()),
        ]);
        let numbers = 0..usize::try_from(settings.connections).unwrap_or(1).max(1);
        let connection_settings = ConnectionSettings {
            options,
            timeout: settings.patience,
            slow: settings.slow,
        };
        let slot = |_| Lane::new(connection_settings.clone());
        let slots: Vec<_> = numbers.map(slot).collect();
        Self(Arc::new(Inner {
            free: Mutex::new((0..slots.len()).rev().collect()),
            turns: Arc::new(Semaphore::new(slots.len())),
            waiting: AtomicUsize::new(0),
            away_until: Mutex::new(None),
            beside: Lane::new(connection_settings.clone()),
            pulse: Pulse::new(connection_settings),
            lanes: slots,
            lending: settings,
        }))
    }

    /// Returns the connection beside the pool, for reads that must not wait for requests.
    #[must_use]
    pub fn beside(&self) -> &Lane {
        &self.0.beside
    }

    /// Returns the numbers of connections and of waiting callers.
    #[must_use]
    pub fn count(&self) -> Counts {
        let (slots, waiting) = (&self.0.lanes, &self.0.waiting);
        let free = self.0.free().clone();
        let idle = free.iter().filter_map(|slot| slots.get(*slot));
        let idle = idle.filter(|slot| slot.is_open()).count();
        Counts {
            idle: idle as u64,
            used: slots.len().saturating_sub(free.len()) as u64,
            waiting: waiting.load(Ordering::Relaxed) as u64,
            most: slots.len() as u64,
        }
    }

    /// Borrows a connection; waits until one is free.
    ///
    /// # Errors
    ///
    /// Fails when none is free in time, when too many callers wait already, or when PostgreSQL was unavailable a moment
    /// ago.
    pub async fn borrow(&self) -> Result<Lease, DbErr> {
        if self.0.is_away(Instant::now()) {
            return Err(nothing_to_be_had());
        }
        let permit = match Arc::clone(&self.0.turns).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => self.wait().await?,
        };
        let slot = self.0.free().pop();
        // There are as many permits as slots, so a permit guarantees a free slot.
        let slot = slot.ok_or_else(nothing_to_be_had)?;
        let connection = self.0.lanes.get(slot).map(Lane::connection);
        Ok(Lease {
            connection: connection.ok_or_else(nothing_to_be_had)?,
            inner: Arc::clone(&self.0),
            lane: slot,
            turn: Some(permit),
            is_running: false,
            in_transaction: false,
        })
    }

    async fn wait(&self) -> Result<OwnedSemaphorePermit, DbErr> {
        let _place = Place::take(&self.0).ok_or_else(nothing_to_be_had)?;
        let permit = Arc::clone(&self.0.turns).acquire_owned();
        match timeout(self.0.lending.patience, permit).await {
            // The previous holder may have found PostgreSQL unavailable.
            Ok(Ok(permit)) if !self.0.is_away(Instant::now()) => Ok(permit),
            Ok(_) | Err(_) => Err(nothing_to_be_had()),
        }
    }
}

/// The numbers of connections and of waiting callers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The connections that are open and not borrowed.
    pub idle: u64,
    /// The connections that are borrowed.
    pub used: u64,
    /// The callers that wait for a connection.
    pub waiting: u64,
    /// The maximum number of connections.
    pub most: u64,
}

impl Counts {
    /// Returns the sums of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            idle: self.idle + other.idle,
            used: self.used + other.used,
            waiting: self.waiting + other.waiting,
            most: self.most + other.most,
        }
    }
}

/// A guard that counts a waiting caller until it is dropped.
struct Place<'a>(&'a Inner);

impl<'a> Place<'a> {
    fn take(inner: &'a Inner) -> Option<Self> {
        let waiting = inner.waiting.fetch_add(1, Ordering::Relaxed);
        let guard = Self(inner);
        (waiting < inner.lending.waiting).then_some(guard)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Inner {
    fn free(&self) -> MutexGuard<'_, Vec<usize>> {
        self.free.lock()
    }

    fn is_away(&self, now: Instant) -> bool {
        let until = *self.away_until.lock();
        until.is_some_and(|until| now < until)
    }

    /// Replaces the connection of a slot, or marks PostgreSQL as unavailable, if the error requires it.
    fn note(&self, error: &DbErr, slot: usize) {
        if Fault::is_wait(error) {
            // A connection that could not be opened in time must not delay the next borrower.
            self.renew(slot);
        }
        if Fault::is_no_connection(error) {
            // If the health probe gets responses, only this connection failed.
            if self.pulse.has_beaten(self.lending.patience) {
                return;
            }
            let mut until = self.away_until.lock();
            *until = Some(Instant::now() + PAUSE);
        } else if Fault::is_of_another_server(error) {
            self.renew(slot);
        }
    }

    fn renew(&self, slot: usize) {
        if let Some(slot) = self.lanes.get(slot) {
            slot.renew();
        }
    }

    /// Rolls back the open transaction of a connection. Replaces the connection if that fails.
    async fn take_back(&self, slot: usize, connection: &Connection) {
        let rolled_back = connection.execute_unprepared("ROLLBACK");
        if !matches!(timeout(self.lending.patience, rolled_back).await, Ok(Ok(_))) {
            self.renew(slot);
        }
    }

    /// Cancels the statement of a slot and replaces its connection, whose state is unknown after a cancelled statement.
    async fn cancel(&self, slot: usize) {
        let Some(slot) = self.lanes.get(slot) else {
            return;
        };
        if let Some(backend) = slot.backend() {
            self.pulse.cancel(backend).await;
        }
        slot.renew();
    }
}

/// A borrowed connection. It returns to the pool when it is dropped.
#[derive(Debug)]
pub struct Lease {
    connection: Arc<Connection>,
    inner: Arc<Inner>,
    lane: usize,
    turn: Option<OwnedSemaphorePermit>,
    is_running: bool,
    in_transaction: bool,
}

impl Lease {
    /// Returns the connection.
    #[must_use]
    pub fn connection(&self) -> Arc<Connection> {
        Arc::clone(&self.connection)
    }

    /// Begins a transaction by the statement `sql`. If `self` is dropped before [`Self::end`], the transaction is
    /// rolled back before the connection returns to the pool.
    ///
    /// # Errors
    ///
    /// Fails as [`Self::run`] does.
    pub async fn begin(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let connection = self.connection();
        // If this future is dropped, PostgreSQL may have begun the transaction.
        self.in_transaction = true;
        self.run(connection.execute_unprepared(sql)).await
    }

    /// Ends the transaction by the statement `sql`.
    ///
    /// # Errors
    ///
    /// Fails as [`Self::run`] does.
    pub async fn end(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let connection = self.connection();
        let ended = self.run(connection.execute_unprepared(sql)).await;
        self.in_transaction = ended.is_err();
        ended
    }

    /// Runs a statement over the connection. If the caller drops this future and then `self`, the statement is
    /// cancelled in PostgreSQL.
    ///
    /// # Errors
    ///
    /// Returns the statement's error, or a connection error when PostgreSQL does not respond any more.
    pub async fn run<T>(
        &mut self,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        self.is_running = true;
        let watched = self.inner.pulse.watch(statement).await;
        self.is_running = false;
        let result = watched.unwrap_or_else(|unresponsive| {
            self.inner.renew(self.lane);
            Err(unresponsive.into())
        });
        if let Err(error) = &result {
            self.inner.note(error, self.lane);
        }
        result
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let (inner, slot, permit) = (Arc::clone(&self.inner), self.lane, self.turn.take());
        let give_back = move |inner: &Inner| {
            inner.free().push(slot);
            drop(permit);
        };
        let (is_running, connection) = (self.is_running, self.connection());
        if !is_running && !self.in_transaction {
            give_back(&inner);
        } else if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // The slot is returned afterwards, so that the cancellation can't hit the statement of another caller.
            runtime.spawn(async move {
                if is_running {
                    inner.cancel(slot).await;
                } else {
                    inner.take_back(slot, &connection).await;
                }
                give_back(&inner);
            });
        }
    }
}
