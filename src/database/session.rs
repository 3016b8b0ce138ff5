//! The connections of one request, and the account of what they were asked.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{
    fault::Fault,
    lanes::{Lanes, Lease},
    pools::PoolWatch,
};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, RuntimeErr, Statement, TransactionTrait,
};
use tokio::{
    sync::{Mutex as AsyncMutex, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tracing::{Instrument, Span, field::Empty, instrument::Instrumented};

use crate::telemetry::TRACES;

/// For how long to wait for one's turn to write.
const TURN_PATIENCE: Duration = Duration::from_secs(10);

/// How many dead connections a read puts up with. Each that is met is taken out of the pool.
const DEAD_CONNECTIONS: usize = 8;

/// What a request has cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// The statements that were sent.
    pub statements: u32,
    /// The longest chain of statements of which each was asked for only after the one before had been answered.
    pub round_trips: u32,
}

/// Where connections come from.
#[derive(Clone, Debug)]
enum Source {
    /// A pool that belongs to whoever asks.
    Pool(DatabaseConnection),
    /// A worker's, which are lent out.
    Lanes(Lanes),
}

impl Source {
    /// Asks over a connection.
    async fn ask<T, F>(&self, ask: impl FnOnce(DatabaseConnection) -> F) -> Result<T, DbErr>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        match self {
            Self::Pool(connection) => ask(connection.clone()).await,
            Self::Lanes(lanes) => {
                let mut lease = lanes.borrow().await?;
                let asked = ask(lease.connection());
                lease.run(asked).await
            }
        }
    }
}

/// A worker's connections, lent to one request. Clones share the account.
#[derive(Clone, Debug)]
pub struct Session {
    source: Source,
    account: Arc<Mutex<Cost>>,
    /// How many may write at once over these connections; without a bound if there is none.
    writers: Option<Arc<Semaphore>>,
    /// How many round trips had been made when what this session is to do was asked for; now, unless said.
    asked_after: Option<u32>,
    /// By whom the connections are watched, if they are.
    watch: Option<PoolWatch>,
    /// Until when what is to be written has to be written.
    deadline: Option<Instant>,
    /// The span of the request in the log.
    span: Span,
}

impl Session {
    /// Opens an account for a request.
    #[must_use]
    pub fn new(connection: DatabaseConnection) -> Self {
        Self::of(Source::Pool(connection))
    }

    /// The same over connections that are lent out.
    #[must_use]
    pub fn over(lanes: Lanes) -> Self {
        Self::of(Source::Lanes(lanes))
    }

    fn of(source: Source) -> Self {
        Self {
            source,
            account: Arc::default(),
            writers: None,
            asked_after: None,
            watch: None,
            deadline: None,
            span: Span::current(),
        }
    }

    /// The same session, that writes only while not too many others do: who waits for a lock keeps a connection, and those who read
    /// need some as well.
    #[must_use]
    pub fn with_writers(self, writers: Arc<Semaphore>) -> Self {
        Self {
            writers: Some(writers),
            ..self
        }
    }

    /// The same session, over connections that are watched.
    #[must_use]
    pub fn watched_by(self, watch: PoolWatch) -> Self {
        Self {
            watch: Some(watch),
            ..self
        }
    }

    /// The same session, in which nothing is written any more after so long from now.
    #[must_use]
    pub fn until(self, deadline: Duration) -> Self {
        Self {
            deadline: Some(Instant::now() + deadline),
            ..self
        }
    }

    /// How much time is left to write; for ever if there is no bound.
    #[must_use]
    pub fn time_left(&self) -> Duration {
        self.deadline.map_or(Duration::MAX, |deadline| {
            deadline.saturating_duration_since(Instant::now())
        })
    }

    /// Has a task that is spawned for the request stand below its line of the log, and below what asks for it now in its trace.
    pub fn carry<F>(self, task: impl FnOnce(Self) -> F) -> Instrumented<Instrumented<F>> {
        let span = self.span.clone();
        task(self).in_current_span().instrument(span)
    }

    /// The same session for what is asked for now and done later. What other statements bring in between makes it wait for
    /// nothing, and so is no part of its chain.
    #[must_use]
    pub fn from_now(&self) -> Self {
        Self {
            asked_after: Some(self.cost().round_trips),
            ..self.clone()
        }
    }

    /// The same connections for what is done beside the request, and is no part of what it costs.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self {
            watch: self.watch.clone(),
            span: self.span.clone(),
            ..Self::of(self.source.clone())
        }
    }

    /// What the request has cost so far.
    #[must_use]
    pub fn cost(&self) -> Cost {
        *self.account()
    }

    /// Begins a transaction; what it does is on the same account. Dropped without an end it is taken back.
    ///
    /// # Errors
    ///
    /// When there is no connection to be had, or it is dead; when too many others write for too long.
    pub async fn begin(&self) -> Result<Transaction, DbErr> {
        let turn = self.turn().await?;
        let span = span_of("BEGIN");
        let (inner, lease) = match &self.source {
            Source::Pool(connection) => (self.counted(span, connection.begin()).await?, None),
            Source::Lanes(lanes) => {
                let mut lease = lanes.borrow().await?;
                let connection = lease.connection();
                let begun = lease.run(connection.begin());
                (self.counted(span, begun).await?, Some(lease))
            }
        };
        Ok(Transaction {
            inner,
            session: self.clone(),
            lease: lease.map(AsyncMutex::new),
            _turn: turn,
        })
    }

    /// Waits until fewer others write.
    async fn turn(&self) -> Result<Option<OwnedSemaphorePermit>, DbErr> {
        let Some(writers) = &self.writers else {
            return Ok(None);
        };
        let turn = timeout(TURN_PATIENCE, Arc::clone(writers).acquire_owned()).await;
        if let Ok(Ok(turn)) = turn {
            return Ok(Some(turn));
        }
        let reason = "too many others write".to_owned();
        Err(DbErr::Conn(RuntimeErr::Internal(reason)))
    }

    fn account(&self) -> MutexGuard<'_, Cost> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads, again if the connection turns out to be dead: outside of a transaction that is no harm. What may write is asked once.
    async fn read<T: Answered, F>(&self, sql: &str, ask: impl Fn() -> F) -> Result<T, DbErr>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        let tries = if sql.trim_start().starts_with("SELECT") {
            DEAD_CONNECTIONS
        } else {
            0
        };
        for _ in 0..tries {
            match self.counted(span_of(sql), ask()).await {
                Err(error) if Fault::is_dead_connection(&error) => {
                    tracing::debug!(error.cause = %error, "a connection was dead");
                }
                answered => return answered,
            }
        }
        self.counted(span_of(sql), ask()).await
    }

    async fn counted<T: Answered>(
        &self,
        span: Span,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let place = {
            let mut cost = self.account();
            cost.statements += 1;
            self.asked_after.unwrap_or(cost.round_trips) + 1
        };
        let began = Instant::now();
        let result = statement.instrument(span.clone()).await;
        tell(&span, &result);
        if let Some(watch) = &self.watch {
            watch.took(began.elapsed());
        }
        let mut cost = self.account();
        cost.round_trips = cost.round_trips.max(place);
        result
    }
}

/// The span of a statement in a trace. Its text has no values in it.
fn span_of(sql: &str) -> Span {
    tracing::info_span!(
        target: TRACES,
        "sql",
        otel.kind = "client",
        otel.name = sql.split_whitespace().next().unwrap_or("sql"),
        otel.status_code = Empty,
        db.system = "postgresql",
        db.statement = sql,
        db.rows = Empty,
    )
}

fn tell<T: Answered>(span: &Span, result: &Result<T, DbErr>) {
    match result {
        Ok(answer) => {
            if let Some(rows) = answer.rows() {
                span.record("db.rows", rows);
            }
        }
        // What PostgreSQL says of it may hold a value; the log has it where the error is told.
        Err(_) => {
            span.record("otel.status_code", "ERROR");
        }
    }
}

/// What a statement gives.
trait Answered {
    /// How many rows it gave or changed, if that is known.
    fn rows(&self) -> Option<u64> {
        None
    }
}

impl Answered for () {}

impl Answered for DatabaseTransaction {}

impl Answered for ExecResult {
    fn rows(&self) -> Option<u64> {
        Some(self.rows_affected())
    }
}

impl Answered for Option<QueryResult> {
    fn rows(&self) -> Option<u64> {
        Some(self.is_some().into())
    }
}

impl Answered for Vec<QueryResult> {
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
        let span = span_of(&statement.sql);
        let asked = async |connection: DatabaseConnection| connection.execute_raw(statement).await;
        self.counted(span, self.source.ask(asked)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let asked = async |connection: DatabaseConnection| connection.execute_unprepared(sql).await;
        self.counted(span_of(sql), self.source.ask(asked)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.read(&statement.sql, || {
            let statement = statement.clone();
            self.source.ask(async |connection: DatabaseConnection| {
                connection.query_one_raw(statement).await
            })
        })
        .await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.read(&statement.sql, || {
            let statement = statement.clone();
            self.source.ask(async |connection: DatabaseConnection| {
                connection.query_all_raw(statement).await
            })
        })
        .await
    }
}

/// A transaction of a request.
#[derive(Debug)]
pub struct Transaction {
    // Before the lease: it is taken back over the connection that the lease keeps from others.
    inner: DatabaseTransaction,
    session: Session,
    lease: Option<AsyncMutex<Lease>>,
    _turn: Option<OwnedSemaphorePermit>,
}

impl Transaction {
    /// Makes what it did last.
    ///
    /// # Errors
    ///
    /// When PostgreSQL refuses it, or its answer doesn't come; then nobody knows whether it lasts.
    pub async fn commit(self) -> Result<(), DbErr> {
        let Self {
            inner,
            session,
            lease,
            ..
        } = self;
        let committed = run(lease.as_ref(), inner.commit());
        session.counted(span_of("COMMIT"), committed).await
    }

    /// Takes back what it did.
    ///
    /// # Errors
    ///
    /// When the connection is dead; what it did is taken back all the same.
    pub async fn rollback(self) -> Result<(), DbErr> {
        let Self {
            inner,
            session,
            lease,
            ..
        } = self;
        let taken_back = run(lease.as_ref(), inner.rollback());
        session.counted(span_of("ROLLBACK"), taken_back).await
    }

    async fn counted<T: Answered>(
        &self,
        span: Span,
        asked: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        self.session
            .counted(span, run(self.lease.as_ref(), asked))
            .await
    }
}

/// Runs a statement of a transaction. They come one after the other, so nobody waits for the lease.
async fn run<T>(
    lease: Option<&AsyncMutex<Lease>>,
    asked: impl Future<Output = Result<T, DbErr>>,
) -> Result<T, DbErr> {
    match lease {
        Some(lease) => lease.lock().await.run(asked).await,
        None => asked.await,
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let span = span_of(&statement.sql);
        let executed = self.inner.execute_raw(statement);
        self.counted(span, executed).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let executed = self.inner.execute_unprepared(sql);
        self.counted(span_of(sql), executed).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let span = span_of(&statement.sql);
        let found = self.inner.query_one_raw(statement);
        self.counted(span, found).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let span = span_of(&statement.sql);
        let found = self.inner.query_all_raw(statement);
        self.counted(span, found).await
    }
}
