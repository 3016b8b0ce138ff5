//! The access of one request to the database, with counts of its statements and their time.

mod statement;
mod statement_timer;
pub mod transaction;
pub mod usage;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::{Mutex, MutexGuard};
use sea_orm::DbErr;
use tokio::sync::{Mutex as AsyncMutex, OwnedSemaphorePermit, Semaphore};
use tracing::{Instrument, Span, instrument::Instrumented};

use self::{statement::statement_span, transaction::Transaction, usage::UsageSink};
use super::{
    pool::{
        Caller, Pool,
        fair_queue::{FairQueue, Permit, Request},
        pooled_connection::PooledConnection,
        statement_times::StatementShape,
    },
    pool_metrics::PoolMetrics,
    sql,
};
use crate::cache::{invalidation_listener::InvalidationListener, snapshots::Snapshots};

/// The timeout of the wait for a write permit.
const WRITE_PERMIT_TIMEOUT: Duration = Duration::from_secs(10);

/// The number of statements and round trips of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// The number of statements that were sent.
    pub statements: u32,
    /// The length of the longest chain of statements of which each was sent after the response to the previous one.
    pub round_trips: u32,
}

/// The counts of a request's statements, and the time that it has used.
#[derive(Debug, Default)]
struct SessionStats {
    cost: Cost,
    /// The time when the last transaction began, after the waits for a write permit and for a connection.
    transaction_began_at: Option<Instant>,
    /// The time when the connection of the last transaction was opened.
    transaction_connection_opened_at: Option<Instant>,
    /// The time that the operation has used in the database and on the worker.
    used_time: Duration,
    /// The time for which shared statements have held connections.
    connection_time: Duration,
    /// Who waits for connections, once it is known.
    caller: Caller,
    /// The timeout of each statement outside of a transaction, once the cost of the operation is known.
    statement_timeout: Option<Duration>,
    /// The permit to run a statement, if the statements of the operation take turns.
    turn: Option<Arc<Semaphore>>,
    /// Who pays for the time, once it is known.
    usage_sink: Option<Arc<dyn UsageSink>>,
}

/// What the sessions over a pool share.
#[derive(Clone, Debug, Default)]
pub struct SessionContext {
    /// The permits for write transactions over the pool; unlimited if `None`. A transaction that waits for a lock holds a
    /// connection, and reads need connections as well.
    pub write_permits: Option<FairQueue>,
    /// The metrics of the pool, if there are any.
    pub metrics: Option<PoolMetrics>,
    /// The listener for the notifications of transactions, if reads over the pool are cached. Transactions send a
    /// [`CommitFence`](crate::cache::invalidation_listener::CommitFence) when they end, by which callers wait until the
    /// caches are invalidated.
    pub listener: Option<Arc<InvalidationListener>>,
    /// The values that are derived from whole tables; `None` if reads must not use them.
    pub snapshots: Option<Arc<Snapshots>>,
}

/// The access of one request to the connection pool of a worker. Clones share the counts.
#[derive(Clone, Debug)]
pub struct Session {
    pool: Pool,
    context: Arc<SessionContext>,
    stats: Arc<Mutex<SessionStats>>,
    /// Whether the session has neither the write permits nor the listener of its context.
    is_detached: bool,
    /// Whether the statements are on behalf of several requests.
    is_shared: bool,
    /// The deadline of writes.
    deadline: Option<Instant>,
    /// The span of the request in the log.
    span: Span,
}

impl Session {
    /// Creates the session of a request, with counts of zero.
    #[must_use]
    pub fn new(pool: Pool) -> Self {
        Self::in_context(pool, Arc::default())
    }

    /// Creates the session of a request in the context of its worker, with counts of zero.
    #[must_use]
    pub fn in_context(pool: Pool, context: Arc<SessionContext>) -> Self {
        Self {
            pool,
            context,
            stats: Arc::default(),
            is_detached: false,
            is_shared: false,
            deadline: None,
            span: Span::current(),
        }
    }

    /// Returns the values that are derived from whole tables, if reads may use them.
    #[must_use]
    pub fn snapshots(&self) -> Option<&Snapshots> {
        self.context.snapshots.as_deref()
    }

    /// Returns the listener for the notifications of transactions, if there is one.
    fn listener(&self) -> Option<&Arc<InvalidationListener>> {
        let listener = self.context.listener.as_ref();
        listener.filter(|_| !self.is_detached)
    }

    /// Returns the permits for write transactions, if they are limited.
    fn write_permits(&self) -> Option<&FairQueue> {
        let permits = self.context.write_permits.as_ref();
        permits.filter(|_| !self.is_detached)
    }

    /// Sets the deadline of writes to this duration from now.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self {
            deadline: Some(Instant::now() + deadline),
            ..self
        }
    }

    /// Returns the time until the deadline of writes; `Duration::MAX` without a deadline.
    #[must_use]
    pub fn time_left(&self) -> Duration {
        self.deadline.map_or(Duration::MAX, |deadline| {
            deadline.saturating_duration_since(Instant::now())
        })
    }

    /// Runs a spawned task within the request's span in the log and the current span in the trace.
    pub fn trace_task<F>(self, task: impl FnOnce(Self) -> F) -> Instrumented<Instrumented<F>> {
        self.trace_task_below(Span::current(), task)
    }

    /// Runs a spawned task within the request's span in the log and the span `below` in the trace.
    pub fn trace_task_below<F>(
        self,
        below: Span,
        task: impl FnOnce(Self) -> F,
    ) -> Instrumented<Instrumented<F>> {
        let span = self.span.clone();
        task(self).instrument(below).instrument(span)
    }

    /// Returns a session over the same pool with counts of its own, for work that is not charged to this request. It
    /// has no write permits, no invalidation listener and no deadline.
    #[must_use]
    pub fn detached(&self) -> Self {
        Self {
            is_detached: true,
            span: self.span.clone(),
            ..Self::in_context(self.pool.clone(), Arc::clone(&self.context))
        }
    }

    /// Returns a detached session for a read on behalf of several requests. It waits for connections as the caller among
    /// them that has used the least time, and its statements may take as long as those of any of them.
    #[must_use]
    pub fn detached_for<'a>(&self, requests: impl Iterator<Item = &'a Self>) -> Self {
        let mut turns = Vec::new();
        let (callers, timeouts): (Vec<_>, Vec<_>) = requests
            .map(|request| {
                let stats = request.stats();
                turns.push(stats.turn.clone());
                (stats.caller, stats.statement_timeout)
            })
            .unzip();
        // A statement for several operations waits for the turn of none.
        let turn = turns.pop().flatten().filter(|_| turns.is_empty());
        let detached = Self {
            // A single caller pays when the connection is returned, before the next one gets it.
            is_shared: callers.windows(2).any(|pair| pair[0] != pair[1]),
            ..self.detached()
        };
        detached.set_caller(self.pool.lightest(callers.into_iter()).unwrap_or_default());
        let timeouts: Option<Vec<Duration>> = timeouts.into_iter().collect();
        {
            let mut stats = detached.stats();
            stats.statement_timeout = timeouts.and_then(|all| all.into_iter().max());
            stats.turn = turn;
        }
        detached
    }

    /// Returns a session with counts of its own for a write on behalf of `sessions`. Its deadline is the earliest of
    /// theirs.
    #[must_use]
    pub fn for_group<'a>(&self, sessions: impl Iterator<Item = &'a Self>) -> Self {
        let stats = SessionStats {
            caller: self.caller(),
            ..SessionStats::default()
        };
        Self {
            stats: Arc::new(Mutex::new(stats)),
            deadline: sessions.filter_map(|session| session.deadline).min(),
            ..self.clone()
        }
    }

    /// Returns the number of statements and round trips so far.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.stats().cost
    }

    /// Returns the time when the last transaction began; `None` if none has, or while the first waits for a permit or a
    /// connection.
    #[must_use]
    pub fn transaction_began_at(&self) -> Option<Instant> {
        self.stats().transaction_began_at
    }

    /// Returns the time when the connection of the last transaction was opened; `None` if none has begun.
    #[must_use]
    pub fn transaction_connection_opened_at(&self) -> Option<Instant> {
        self.stats().transaction_connection_opened_at
    }

    /// Returns whether a write permit is free.
    #[must_use]
    pub fn has_free_write_permit(&self) -> bool {
        self.write_permits().is_none_or(FairQueue::has_free)
    }

    /// Adds the cost of statements that other requests share. `after` is the number of round trips that this request
    /// had made before.
    pub fn charge(&self, cost: Cost, after: u32) {
        let mut account = self.stats();
        account.cost.statements += cost.statements;
        account.cost.round_trips = account.cost.round_trips.max(after + cost.round_trips);
    }

    /// Sets the caller, with whom others share the connections.
    pub fn set_caller(&self, caller: Caller) {
        self.stats().caller = caller;
    }

    /// Sets the timeout of each statement outside of a transaction.
    pub fn set_statement_timeout(&self, timeout: Duration) {
        self.stats().statement_timeout = Some(timeout);
    }

    /// Makes the statements of the operation take turns, so that it keeps one processor of PostgreSQL busy at a time.
    pub fn take_turns(&self) {
        self.stats().turn = Some(Arc::new(Semaphore::new(1)));
    }

    /// Waits until no other statement of the operation runs, if its statements take turns.
    async fn wait_for_turn(&self) -> Option<OwnedSemaphorePermit> {
        let turn = self.stats().turn.clone()?;
        // It is never closed.
        turn.acquire_owned().await.ok()
    }

    /// Returns the caller, with whom others share the connections.
    #[must_use]
    pub fn caller(&self) -> Caller {
        self.stats().caller
    }

    /// Returns the time for which statements have held connections on behalf of several callers; zero if there is only
    /// one, who pays when the connection is returned.
    #[must_use]
    pub fn connection_time(&self) -> Duration {
        self.stats().connection_time
    }

    /// Adds the caller's share of the time for which a shared statement has held a connection.
    pub fn charge_connection_time(&self, time: Duration) {
        self.pool.charge(self.caller(), time);
    }

    /// Starts to count the time of the operation, and reports it to `sink`, if there is one. The lookup of the
    /// credentials comes before and is not counted.
    pub fn start_usage(&self, sink: Option<Arc<dyn UsageSink>>) {
        let mut stats = self.stats();
        stats.used_time = Duration::ZERO;
        stats.usage_sink = sink;
    }

    /// Adds time that this request has used: its share of a statement, or of the worker.
    pub fn add_used_time(&self, time: Duration) {
        let sink = {
            let mut stats = self.stats();
            stats.used_time += time;
            stats.usage_sink.clone()
        };
        if let Some(sink) = sink {
            sink.add(time);
        }
    }

    /// Returns the time that the operation has used in the database and on the worker.
    #[must_use]
    pub fn used_time(&self) -> Duration {
        self.stats().used_time
    }

    /// Begins a transaction with transaction-local settings, in one round trip. Its statements count for this session.
    /// If it is dropped before it ends, it is rolled back.
    ///
    /// # Errors
    ///
    /// Fails when no write permit or no connection is available in time, or when the connection is dead.
    pub async fn begin(&self, settings: &[(&str, &str)]) -> Result<Transaction, DbErr> {
        let permit = self.acquire_write_permit().await?;
        let mut pooled = self.acquire_connection(None).await?;
        self.stats().transaction_began_at = Some(Instant::now());
        let sql = sql::begin(settings);
        self.measure(statement_span("BEGIN"), pooled.begin(&sql))
            .await?;
        self.stats().transaction_connection_opened_at = pooled.connection().opened_at();
        Ok(Transaction {
            connection: AsyncMutex::new(pooled),
            session: self.clone(),
            write_permit: permit,
        })
    }

    /// Waits for a write permit. `None` without a limit.
    async fn acquire_write_permit(&self) -> Result<Option<Permit>, DbErr> {
        let Some(permits) = self.write_permits() else {
            return Ok(None);
        };
        let request = Request::of(self.caller());
        Ok(Some(permits.acquire(request, WRITE_PERMIT_TIMEOUT).await?))
    }

    /// Waits for a connection, and records the wait in the metrics.
    async fn acquire_connection(
        &self,
        shape: Option<StatementShape>,
    ) -> Result<PooledConnection, DbErr> {
        let began = Instant::now();
        let request = Request {
            is_shared: self.is_shared,
            ..Request::of(self.caller())
        };
        let connection = self.pool.acquire(request, shape).await;
        if let Some(metrics) = &self.context.metrics {
            metrics.observe_wait(began.elapsed());
        }
        connection
    }

    fn stats(&self) -> MutexGuard<'_, SessionStats> {
        self.stats.lock()
    }
}
