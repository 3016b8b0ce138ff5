//! The access of one request to the database, with counts of its statements.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::{Mutex, MutexGuard};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement, sqlx,
};
use tokio::{
    sync::{Mutex as AsyncMutex, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tracing::{Instrument, Span, field::Empty, instrument::Instrumented};

use super::{
    connection::Connection,
    error::DbErrorKind,
    pool::{Pool, PooledConnection},
    pool_metrics::PoolMetrics,
    sql,
};
use crate::{
    cache::invalidation_listener::{CommitFence, InvalidationListener},
    metrics::TRACE_TARGET,
};

/// The timeout of the wait for a write permit.
const WRITE_PERMIT_TIMEOUT: Duration = Duration::from_secs(10);

/// The maximum number of times that a read is retried after a dead connection. Each dead connection is reopened on its
/// next use.
const MAX_READ_RETRIES: usize = 8;

/// The number of statements and round trips of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// The number of statements that were sent.
    pub statements: u32,
    /// The length of the longest chain of statements of which each was sent after the response to the previous one.
    pub round_trips: u32,
}

/// The counts of a request's statements.
#[derive(Debug, Default)]
struct SessionStats {
    cost: Cost,
    /// The time when the last transaction began, after the waits for a write permit and for a connection.
    transaction_began_at: Option<Instant>,
}

/// The access of one request to the connection pool of a worker. Clones share the counts.
#[derive(Clone, Debug)]
pub struct Session {
    pool: Pool,
    stats: Arc<Mutex<SessionStats>>,
    /// The permits for write transactions over this pool; unlimited if `None`.
    write_permits: Option<Arc<Semaphore>>,
    /// The metrics of the pool, if there are any.
    metrics: Option<PoolMetrics>,
    /// The listener for the notifications of this session's transactions, if reads over this pool are cached.
    listener: Option<Arc<InvalidationListener>>,
    /// The deadline of writes.
    deadline: Option<Instant>,
    /// The span of the request in the log.
    span: Span,
}

impl Session {
    /// Creates the session of a request, with counts of zero.
    #[must_use]
    pub fn new(pool: Pool) -> Self {
        Self {
            pool,
            stats: Arc::default(),
            write_permits: None,
            metrics: None,
            listener: None,
            deadline: None,
            span: Span::current(),
        }
    }

    /// Limits the number of concurrent write transactions by `permits`. A transaction that waits for a lock holds a
    /// connection, and reads need connections as well.
    #[must_use]
    pub fn with_write_permits(self, permits: Arc<Semaphore>) -> Self {
        Self {
            write_permits: Some(permits),
            ..self
        }
    }

    /// Records the statements in the metrics of the pool.
    #[must_use]
    pub fn with_metrics(self, metrics: PoolMetrics) -> Self {
        Self {
            metrics: Some(metrics),
            ..self
        }
    }

    /// Makes transactions send a [`CommitFence`] when they end, by which callers wait until the caches are invalidated.
    #[must_use]
    pub fn with_invalidation_listener(self, listener: Arc<InvalidationListener>) -> Self {
        Self {
            listener: Some(listener),
            ..self
        }
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
            metrics: self.metrics.clone(),
            span: self.span.clone(),
            ..Self::new(self.pool.clone())
        }
    }

    /// Returns a session with counts of its own for a write on behalf of `sessions`. Its deadline is the earliest of
    /// theirs.
    #[must_use]
    pub fn for_group<'a>(&self, sessions: impl Iterator<Item = &'a Self>) -> Self {
        Self {
            stats: Arc::default(),
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

    /// Whether a write permit is free.
    #[must_use]
    pub fn has_free_write_permit(&self) -> bool {
        let permits = self.write_permits.as_ref();
        permits.is_none_or(|permits| permits.available_permits() > 0)
    }

    /// Adds the cost of statements that other requests share. `after` is the number of round trips that this request
    /// had made before.
    pub fn charge(&self, cost: Cost, after: u32) {
        let mut account = self.stats();
        account.cost.statements += cost.statements;
        account.cost.round_trips = account.cost.round_trips.max(after + cost.round_trips);
    }

    /// Begins a transaction with transaction-local settings, in one round trip. Its statements count for this session.
    /// If it is dropped before it ends, it is rolled back.
    ///
    /// # Errors
    ///
    /// Fails when no write permit or no connection is available in time, or when the connection is dead.
    pub async fn begin(&self, settings: &[(&str, &str)]) -> Result<Transaction, DbErr> {
        let permit = self.acquire_write_permit().await?;
        let mut pooled = self.pool.acquire().await?;
        self.stats().transaction_began_at = Some(Instant::now());
        let sql = sql::begin(settings);
        self.measure(statement_span("BEGIN"), pooled.begin(&sql))
            .await?;
        Ok(Transaction {
            connection: AsyncMutex::new(pooled),
            session: self.clone(),
            _write_permit: permit,
        })
    }

    /// Borrows a connection and runs a statement over it.
    async fn run<T, F>(&self, ask: impl FnOnce(Arc<Connection>) -> F) -> Result<T, DbErr>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        let mut pooled = self.pool.acquire().await?;
        let statement = ask(pooled.connection());
        pooled.run(statement).await
    }

    /// Waits for a write permit. `None` without a limit.
    async fn acquire_write_permit(&self) -> Result<Option<OwnedSemaphorePermit>, DbErr> {
        let Some(permits) = &self.write_permits else {
            return Ok(None);
        };
        let permit = timeout(WRITE_PERMIT_TIMEOUT, Arc::clone(permits).acquire_owned()).await;
        if let Ok(Ok(permit)) = permit {
            return Ok(Some(permit));
        }
        let reason = "no write permit was free in time".to_owned();
        Err(DbErr::Conn(RuntimeErr::Internal(reason)))
    }

    fn stats(&self) -> MutexGuard<'_, SessionStats> {
        self.stats.lock()
    }

    /// Runs a query. Retries a `SELECT` after a dead connection, which is safe outside of a transaction. Anything else
    /// may write and is sent once.
    async fn read_with_retry<T: StatementResult, F>(
        &self,
        sql: &str,
        ask: impl Fn() -> F,
    ) -> Result<T, DbErr>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        let tries = if sql.trim_start().starts_with("SELECT") {
            MAX_READ_RETRIES
        } else {
            0
        };
        for _ in 0..tries {
            match self.measure(statement_span(sql), ask()).await {
                Err(error) if DbErrorKind::is_dead_connection(&error) => {
                    tracing::debug!(error.cause = %error, "a connection was dead");
                }
                result => return result,
            }
        }
        self.measure(statement_span(sql), ask()).await
    }

    async fn measure<T: StatementResult>(
        &self,
        span: Span,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let round_trips = {
            let cost = &mut self.stats().cost;
            cost.statements += 1;
            cost.round_trips + 1
        };
        let began = Instant::now();
        let result = statement.instrument(span.clone()).await;
        record_result(&span, &result);
        if let Some(metrics) = &self.metrics {
            metrics.observe_statement(began.elapsed());
        }
        let cost = &mut self.stats().cost;
        cost.round_trips = cost.round_trips.max(round_trips);
        result
    }
}

/// Creates the trace span of a statement. Its SQL contains no values.
fn statement_span(sql: &str) -> Span {
    tracing::info_span!(
        target: TRACE_TARGET,
        "sql",
        otel.kind = "client",
        otel.name = sql.split_whitespace().next().unwrap_or("sql"),
        otel.status_code = Empty,
        db.system = "postgresql",
        db.statement = sql::excerpt(sql),
        db.rows = Empty,
    )
}

/// Records the number of rows, or that the statement failed.
fn record_result<T: StatementResult>(span: &Span, result: &Result<T, DbErr>) {
    match result {
        Ok(result) => {
            if let Some(rows) = result.rows() {
                span.record("db.rows", rows);
            }
        }
        // PostgreSQL's message may contain a value. The caller logs the error.
        Err(_) => {
            span.record("otel.status_code", "ERROR");
        }
    }
}

/// The result of a statement.
trait StatementResult {
    /// Returns the number of rows that were returned or changed, if it is known.
    fn rows(&self) -> Option<u64>;
}

impl StatementResult for ExecResult {
    fn rows(&self) -> Option<u64> {
        Some(self.rows_affected())
    }
}

impl StatementResult for Option<QueryResult> {
    fn rows(&self) -> Option<u64> {
        Some(self.is_some().into())
    }
}

impl StatementResult for Vec<QueryResult> {
    fn rows(&self) -> Option<u64> {
        u64::try_from(self.len()).ok()
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Session {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let span = statement_span(&statement.sql);
        let run = async |connection: Arc<Connection>| connection.execute_raw(statement).await;
        self.measure(span, self.run(run)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let run = async |connection: Arc<Connection>| connection.execute_unprepared(sql).await;
        self.measure(statement_span(sql), self.run(run)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.read_with_retry(&statement.sql, || {
            let statement = statement.clone();
            self.run(async |connection: Arc<Connection>| connection.query_one_raw(statement).await)
        })
        .await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.read_with_retry(&statement.sql, || {
            let statement = statement.clone();
            self.run(async |connection: Arc<Connection>| connection.query_all_raw(statement).await)
        })
        .await
    }
}

/// A transaction of a request. Its statements run one after the other, so that the lock is free for each.
#[derive(Debug)]
pub struct Transaction {
    connection: AsyncMutex<PooledConnection>,
    session: Session,
    _write_permit: Option<OwnedSemaphorePermit>,
}

impl Transaction {
    /// Commits. The returned [`CommitFence`] is received after the transaction's notifications: the caller waits for it, so
    /// that clients get no cached state from before the commit.
    ///
    /// # Errors
    ///
    /// Fails when PostgreSQL rejects the commit, or when its response doesn't arrive; then the outcome is unknown.
    pub async fn commit(self) -> Result<Option<CommitFence>, DbErr> {
        self.end("COMMIT", |notify| format!("{notify}; COMMIT"))
            .await
    }

    /// Rolls back. The returned [`CommitFence`] is received after the notifications of all commits that the transaction has
    /// seen.
    ///
    /// # Errors
    ///
    /// Fails when the connection is dead; PostgreSQL then rolls back by itself.
    pub async fn rollback(self) -> Result<Option<CommitFence>, DbErr> {
        self.end("ROLLBACK", |notify| format!("ROLLBACK; {notify}"))
            .await
    }

    async fn end(
        self,
        command: &str,
        with: impl FnOnce(&str) -> String,
    ) -> Result<Option<CommitFence>, DbErr> {
        let mut pooled = self.connection.into_inner();
        let listener = self.session.listener.as_ref();
        let fence = listener.and_then(InvalidationListener::fence);
        let sql = match &fence {
            Some(fence) => with(&fence.statement()),
            None => command.to_owned(),
        };
        let ended = self
            .session
            .measure(statement_span(command), pooled.end(&sql));
        ended.await?;
        if let (None, Some(listener)) = (&fence, listener) {
            listener.ended_without_fence();
        }
        Ok(fence)
    }

    async fn run<T: StatementResult, F>(
        &self,
        span: Span,
        ask: impl FnOnce(Arc<Connection>) -> F,
    ) -> Result<T, DbErr>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        let mut pooled = self.connection.lock().await;
        // The transaction ended with its connection, which must not be reopened for the remaining statements.
        if !pooled.connection().is_open() {
            return Err(connection_lost_error());
        }
        let statement = ask(pooled.connection());
        self.session.measure(span, pooled.run(statement)).await
    }
}

/// Returns the error of a statement whose connection was lost.
fn connection_lost_error() -> DbErr {
    let error = io::Error::new(io::ErrorKind::ConnectionAborted, "the connection was lost");
    DbErr::Exec(RuntimeErr::SqlxError(sqlx::Error::Io(error).into()))
}

#[async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let span = statement_span(&statement.sql);
        let run = async |connection: Arc<Connection>| connection.execute_raw(statement).await;
        self.run(span, run).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let run = async |connection: Arc<Connection>| connection.execute_unprepared(sql).await;
        self.run(statement_span(sql), run).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let span = statement_span(&statement.sql);
        let run = async |connection: Arc<Connection>| connection.query_one_raw(statement).await;
        self.run(span, run).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let span = statement_span(&statement.sql);
        let run = async |connection: Arc<Connection>| connection.query_all_raw(statement).await;
        self.run(span, run).await
    }
}
