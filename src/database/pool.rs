//! The connection pool of a worker. The wait for a connection is bounded, and statements can be cancelled.
//!
//! When a caller drops a running statement, at a deadline or because its client disconnected, the pool cancels the
//! statement in PostgreSQL. When PostgreSQL doesn't respond any more, waiting statements fail.

pub mod counts;
pub mod fair_queue;
pub mod pooled_connection;
pub mod statement_times;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::{Mutex, MutexGuard};
use sea_orm::{ConnectionTrait, DbErr, sqlx::postgres::PgConnectOptions};
use tokio::time::timeout;

pub use self::fair_queue::Caller;
use self::{
    counts::PoolCounts,
    fair_queue::{FairQueue, Refusal, Request},
    pooled_connection::{ConnectionState, PooledConnection},
    statement_times::{StatementShape, StatementTimes},
};
use super::{
    connect_options,
    connection::{Connection, ConnectionSettings, SessionSettings, connect_timeout_error},
    error::DbErrorKind,
    health_probe::HealthProbe,
    pool_slot::PoolSlot,
};

/// The time after a failure to connect in which callers get the error without another attempt.
const UNAVAILABLE_BACKOFF: Duration = Duration::from_millis(200);

/// The timeout of a connection for background reads, see [`PoolSettings::wait_timeout`].
const AUXILIARY_TIMEOUT: Duration = Duration::from_secs(5);

/// The duration from which a background read is logged as slow.
const AUXILIARY_SLOW_THRESHOLD: Duration = Duration::from_secs(1);

/// The settings of a pool.
#[derive(Clone, Copy, Debug)]
pub struct PoolSettings {
    /// The number of connections.
    pub max_connections: u32,
    /// The timeout of the wait for a free connection, of connecting, and of a response of the health probe while a
    /// statement runs.
    pub wait_timeout: Duration,
    /// The maximum number of callers that wait for a connection.
    pub max_waiting: usize,
    /// The `statement_timeout` of the connections in PostgreSQL.
    pub statement_timeout: Duration,
    /// The duration from which a statement is logged as slow; `None` logs none.
    pub slow_threshold: Option<Duration>,
    /// The name of the connections in `pg_stat_activity`.
    pub application_name: &'static str,
    /// Whether a pooler may run each transaction in another session, see [`SessionSettings::Stateless`].
    pub is_stateless: bool,
    /// The `lock_timeout` of the connections in PostgreSQL, if it is not the role's.
    pub lock_timeout: Option<Duration>,
}

impl PoolSettings {
    /// Returns the settings of a connection for background reads. `application_name` is its name in `pg_stat_activity`.
    #[must_use]
    pub fn auxiliary(application_name: &'static str) -> Self {
        Self {
            max_connections: 1,
            wait_timeout: AUXILIARY_TIMEOUT,
            max_waiting: usize::MAX,
            statement_timeout: 4 * AUXILIARY_TIMEOUT,
            slow_threshold: Some(AUXILIARY_SLOW_THRESHOLD),
            application_name,
            is_stateless: false,
            lock_timeout: None,
        }
    }

    /// Returns the settings of each connection.
    #[must_use]
    pub fn connection_settings(&self, options: &PgConnectOptions) -> ConnectionSettings {
        ConnectionSettings {
            options: connect_options(options).application_name(self.application_name),
            session: self.session_settings(),
            connect_timeout: self.wait_timeout,
            slow_threshold: self.slow_threshold,
        }
    }

    fn session_settings(&self) -> SessionSettings {
        if self.is_stateless {
            return SessionSettings::Stateless;
        }
        let timeout = self.statement_timeout.as_millis();
        let settings = [
            ("statement_timeout", timeout.to_string()),
            // One generic plan serves all values of a statement. By default, PostgreSQL estimates a custom plan for one
            // owner as cheaper and plans each execution, which takes longer than the execution itself.
            ("plan_cache_mode", "force_generic_plan".to_owned()),
            // PostgreSQL compiles a plan whose estimated cost is high, for more than 100 ms. A generic plan's estimate is
            // often too high, and no statement of a request runs for so long that this would pay.
            ("jit", "off".to_owned()),
            // A parallel worker takes some milliseconds to start, and a processor that other requests need.
            ("max_parallel_workers_per_gather", "0".to_owned()),
            // Reads need no more, and a site's stricter default would make some of them fail under concurrent writes.
            ("default_transaction_isolation", "read committed".to_owned()),
        ];
        let lock_timeout = self.lock_timeout.map(|timeout| {
            let timeout = timeout.as_millis();
            ("lock_timeout", timeout.to_string())
        });
        let settings = settings.into_iter().chain(lock_timeout);
        let sql = settings.map(|(name, value)| format!("SET {name} = '{value}';"));
        SessionSettings::Set(sql.collect::<Vec<_>>().join(" "))
    }
}

/// The connection pool of a worker. Clones share it.
#[derive(Clone, Debug)]
pub struct Pool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: PoolSettings,
    slots: Vec<PoolSlot>,
    /// The indices of the free slots. The last one returned is taken first: its connection is the most likely to be
    /// open.
    free: Mutex<Vec<usize>>,
    queue: FairQueue,
    statement_times: StatementTimes,
    /// The time until which PostgreSQL counts as unavailable.
    unavailable_until: Mutex<Option<Instant>>,
    health_probe: HealthProbe,
    auxiliary: PoolSlot,
}

impl Pool {
    /// Creates a pool of one connection, for background reads. `application_name` is its name in `pg_stat_activity`.
    #[must_use]
    pub fn single(options: &PgConnectOptions, application_name: &'static str) -> Self {
        Self::new(options, PoolSettings::auxiliary(application_name))
    }

    /// Creates a pool. Its connections are opened on first use.
    #[must_use]
    pub fn new(options: &PgConnectOptions, settings: PoolSettings) -> Self {
        let indices = 0..usize::try_from(settings.max_connections)
            .unwrap_or(1)
            .max(1);
        let connection_settings = settings.connection_settings(options);
        let slot = |_| PoolSlot::new(connection_settings.clone());
        let slots: Vec<_> = indices.map(slot).collect();
        Self(Arc::new(Inner {
            free: Mutex::new((0..slots.len()).rev().collect()),
            queue: FairQueue::new(slots.len(), settings.max_waiting),
            statement_times: StatementTimes::default(),
            unavailable_until: Mutex::new(None),
            auxiliary: PoolSlot::new(connection_settings.clone()),
            health_probe: HealthProbe::new(connection_settings),
            slots,
            settings,
        }))
    }

    /// Returns the connection beside the pool, for reads that must not wait for requests.
    #[must_use]
    pub fn auxiliary(&self) -> &PoolSlot {
        &self.0.auxiliary
    }

    /// Returns the numbers of connections and of waiting callers.
    #[must_use]
    pub fn counts(&self) -> PoolCounts {
        let slots = &self.0.slots;
        let free = self.0.free().clone();
        let idle = free.iter().filter_map(|slot| slots.get(*slot));
        let idle = idle.filter(|slot| slot.is_open()).count();
        PoolCounts {
            idle: idle as u64,
            used: slots.len().saturating_sub(free.len()) as u64,
            waiting: self.0.queue.waiting() as u64,
            max: slots.len() as u64,
            shares: self.0.queue.shares(),
        }
    }

    /// Returns the caller that has used connections for the least time lately.
    #[must_use]
    pub fn lightest(&self, callers: impl Iterator<Item = Caller>) -> Option<Caller> {
        self.0.queue.lightest(callers)
    }

    /// Returns the usual times of statements.
    #[must_use]
    pub fn statement_times(&self) -> &StatementTimes {
        &self.0.statement_times
    }

    /// Adds the time of a shared connection to one of the callers that have used it.
    pub fn charge(&self, caller: Caller, time: Duration) {
        self.0.queue.charge(caller, time);
    }

    /// Borrows a connection; waits until it is the caller's turn. `shape` is that of the statement; `None` for a
    /// transaction.
    ///
    /// # Errors
    ///
    /// Fails when none is free in time, when too many requests wait already, or when PostgreSQL was unavailable a moment
    /// ago.
    pub async fn acquire(
        &self,
        request: Request,
        shape: Option<StatementShape>,
    ) -> Result<PooledConnection, DbErr> {
        if self.0.is_unavailable(Instant::now()) {
            return Err(connect_timeout_error());
        }
        let is_expensive = shape.is_some_and(|shape| self.0.statement_times.is_expensive(shape));
        let request = Request {
            is_expensive,
            ..request
        };
        let max_wait = self.0.settings.wait_timeout;
        let permit = self.0.queue.acquire(request, max_wait).await?;
        // The previous holder may have found PostgreSQL unavailable.
        if self.0.is_unavailable(Instant::now()) {
            return Err(connect_timeout_error());
        }
        let slot = self.0.free().pop();
        // There are as many permits as slots, so a permit guarantees a free slot.
        let slot = slot.ok_or(Refusal::Overloaded)?;
        let connection = self.0.slots.get(slot).map(PoolSlot::connection);
        Ok(PooledConnection {
            connection: connection.ok_or(Refusal::Overloaded)?,
            inner: Arc::clone(&self.0),
            slot,
            permit: Some(permit),
            state: ConnectionState::Idle,
        })
    }
}

impl Inner {
    fn free(&self) -> MutexGuard<'_, Vec<usize>> {
        self.free.lock()
    }

    fn is_unavailable(&self, now: Instant) -> bool {
        let until = *self.unavailable_until.lock();
        until.is_some_and(|until| now < until)
    }

    /// Replaces the connection of a slot, or marks PostgreSQL as unavailable, if the error requires it.
    fn record_error(&self, error: &DbErr, slot: usize) {
        if DbErrorKind::is_connect_timeout(error) {
            // A connection that could not be opened in time must not delay the next borrower.
            self.replace_connection(slot);
        }
        if DbErrorKind::is_connect_error(error) {
            // If the health probe gets responses, only this connection failed.
            if self.health_probe.has_responded(self.settings.wait_timeout) {
                return;
            }
            let mut until = self.unavailable_until.lock();
            *until = Some(Instant::now() + UNAVAILABLE_BACKOFF);
        } else if DbErrorKind::of(error) == DbErrorKind::ReadOnly {
            // It leads to a standby after a failover. A new connection may lead to the primary.
            self.replace_connection(slot);
        }
    }

    fn replace_connection(&self, slot: usize) {
        if let Some(slot) = self.slots.get(slot) {
            slot.replace_connection();
        }
    }

    /// Rolls back the open transaction of a connection. Replaces the connection if that fails.
    async fn roll_back(&self, slot: usize, connection: &Connection) {
        let rollback = connection.execute_unprepared("ROLLBACK");
        match timeout(self.settings.wait_timeout, rollback).await {
            Ok(Ok(_)) => connection.set_in_transaction(false),
            _ => self.replace_connection(slot),
        }
    }

    /// Cancels the statement of a slot and replaces its connection, whose state is unknown after a cancelled statement.
    async fn cancel(&self, slot: usize) {
        let Some(slot) = self.slots.get(slot) else {
            return;
        };
        if let Some(pid) = slot.backend_pid() {
            self.health_probe.cancel(pid).await;
        }
        slot.replace_connection();
    }
}
