//! The connections of one request, and the account of what they were asked.

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
    fault::Fault,
    lanes::{Lanes, Lease},
    pools::PoolWatch,
    sql,
};
use crate::{
    cache::hearing::{Hearing, Mark},
    observe::TRACES,
};

/// For how long to wait for one's turn to write.
const TURN_PATIENCE: Duration = Duration::from_secs(10);

/// How many dead connections a read puts up with. Each that is met is opened anew for whoever is next.
const DEAD_CONNECTIONS: usize = 8;

/// What a request has cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// The statements that were sent.
    pub statements: u32,
    /// The longest chain of statements of which each was asked for only after the one before had been answered.
    pub round_trips: u32,
}

/// What is known of a request's statements.
#[derive(Debug, Default)]
struct Account {
    cost: Cost,
    /// When it began to write last, after it had waited for its turn and for a connection.
    began: Option<Instant>,
}

/// A worker's connections, lent to one request. Clones share the account.
#[derive(Clone, Debug)]
pub struct Session {
    lanes: Lanes,
    account: Arc<Mutex<Account>>,
    /// How many may write at once over these connections; without a bound if there is none.
    writers: Option<Arc<Semaphore>>,
    /// By whom the connections are watched, if they are.
    watch: Option<PoolWatch>,
    /// Who hears what is changed over these connections, if anything is kept of what is read over them.
    hearing: Option<Arc<Hearing>>,
    /// Until when what is to be written has to be written.
    deadline: Option<Instant>,
    /// The span of the request in the log.
    span: Span,
}

impl Session {
    /// Opens an account for a request.
    #[must_use]
    pub fn over(lanes: Lanes) -> Self {
        Self {
            lanes,
            account: Arc::default(),
            writers: None,
            watch: None,
            hearing: None,
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

    /// The same session, of whose changes is known when they were heard.
    #[must_use]
    pub fn heard_by(self, hearing: Arc<Hearing>) -> Self {
        Self {
            hearing: Some(hearing),
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
        self.carry_below(Span::current(), task)
    }

    /// Has a task stand below the request's line of the log, and below a span of its trace.
    pub fn carry_below<F>(
        self,
        below: Span,
        task: impl FnOnce(Self) -> F,
    ) -> Instrumented<Instrumented<F>> {
        let span = self.span.clone();
        task(self).instrument(below).instrument(span)
    }

    /// The same connections for what is done beside the request, and is no part of what it costs.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self {
            watch: self.watch.clone(),
            span: self.span.clone(),
            ..Self::over(self.lanes.clone())
        }
    }

    /// The same connections for what is written for some sessions, on an account of its own, as long as all of them have time left.
    #[must_use]
    pub fn for_all<'a>(&self, sessions: impl Iterator<Item = &'a Self>) -> Self {
        Self {
            account: Arc::default(),
            deadline: sessions.filter_map(|session| session.deadline).min(),
            ..self.clone()
        }
    }

    /// What the request has cost so far.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.account().cost
    }

    /// When it began to write last; none if it hasn't, or still waits until it may.
    #[must_use]
    pub fn began(&self) -> Option<Instant> {
        self.account().began
    }

    /// Whether nobody would have to be waited for who writes as well.
    #[must_use]
    pub fn may_write_now(&self) -> bool {
        let writers = self.writers.as_ref();
        writers.is_none_or(|writers| writers.available_permits() > 0)
    }

    /// Puts on this account what was read for it along with what others asked for, when it had made so many round trips.
    pub fn charge(&self, cost: Cost, after: u32) {
        let mut account = self.account();
        account.cost.statements += cost.statements;
        account.cost.round_trips = account.cost.round_trips.max(after + cost.round_trips);
    }

    /// Begins a transaction with settings that hold as long as it does, in one round trip; what it does is on the same account. Dropped
    /// without an end it is taken back.
    ///
    /// # Errors
    ///
    /// When there is no connection to be had, or it is dead; when too many others write for too long.
    pub async fn begin(&self, settings: &[(&str, &str)]) -> Result<Transaction, DbErr> {
        let turn = self.turn().await?;
        let mut lease = self.lanes.borrow().await?;
        self.account().began = Some(Instant::now());
        let sql = sql::begin(settings);
        self.counted(span_of("BEGIN"), lease.begin(&sql)).await?;
        Ok(Transaction {
            lease: AsyncMutex::new(lease),
            session: self.clone(),
            _turn: turn,
        })
    }

    /// Asks over a connection.
    async fn ask<T, F>(&self, ask: impl FnOnce(Arc<Connection>) -> F) -> Result<T, DbErr>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        let mut lease = self.lanes.borrow().await?;
        let asked = ask(lease.connection());
        lease.run(asked).await
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

    fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock()
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
            let cost = &mut self.account().cost;
            cost.statements += 1;
            cost.round_trips + 1
        };
        let began = Instant::now();
        let result = statement.instrument(span.clone()).await;
        tell(&span, &result);
        if let Some(watch) = &self.watch {
            watch.took(began.elapsed());
        }
        let cost = &mut self.account().cost;
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
        db.statement = sql::excerpt(sql),
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
    fn rows(&self) -> Option<u64>;
}

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
        let asked = async |connection: Arc<Connection>| connection.execute_raw(statement).await;
        self.counted(span, self.ask(asked)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let asked = async |connection: Arc<Connection>| connection.execute_unprepared(sql).await;
        self.counted(span_of(sql), self.ask(asked)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.read(&statement.sql, || {
            let statement = statement.clone();
            self.ask(async |connection: Arc<Connection>| connection.query_one_raw(statement).await)
        })
        .await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.read(&statement.sql, || {
            let statement = statement.clone();
            self.ask(async |connection: Arc<Connection>| connection.query_all_raw(statement).await)
        })
        .await
    }
}

/// A transaction of a request. Its statements come one after the other, so none of them waits for the lease.
#[derive(Debug)]
pub struct Transaction {
    lease: AsyncMutex<Lease>,
    session: Session,
    _turn: Option<OwnedSemaphorePermit>,
}

impl Transaction {
    /// Makes what it did last. What is returned tells when it was heard, so that nothing is shown that was kept from before it.
    ///
    /// # Errors
    ///
    /// When PostgreSQL refuses it, or its answer doesn't come; then nobody knows whether it lasts.
    pub async fn commit(self) -> Result<Option<Mark>, DbErr> {
        self.end("COMMIT", |tell| format!("{tell}; COMMIT")).await
    }

    /// Takes back what it did. What is returned tells when everything was heard that it has seen.
    ///
    /// # Errors
    ///
    /// When the connection is dead; what it did is taken back all the same.
    pub async fn rollback(self) -> Result<Option<Mark>, DbErr> {
        self.end("ROLLBACK", |tell| format!("ROLLBACK; {tell}"))
            .await
    }

    async fn end(
        self,
        how: &str,
        with: impl FnOnce(&str) -> String,
    ) -> Result<Option<Mark>, DbErr> {
        let mut lease = self.lease.into_inner();
        let hearing = self.session.hearing.as_ref();
        let mark = hearing.and_then(Hearing::mark);
        let sql = match &mark {
            Some(mark) => with(&mark.statement()),
            None => how.to_owned(),
        };
        let ended = self.session.counted(span_of(how), lease.end(&sql));
        ended.await?;
        if let (None, Some(hearing)) = (&mark, hearing) {
            hearing.ended_unmarked();
        }
        Ok(mark)
    }

    async fn ask<T: Answered, F>(
        &self,
        span: Span,
        ask: impl FnOnce(Arc<Connection>) -> F,
    ) -> Result<T, DbErr>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        let mut lease = self.lease.lock().await;
        // One that is lost took its transaction along, and must not be opened again in the middle of it.
        if !lease.connection().is_open() {
            return Err(lost());
        }
        let asked = ask(lease.connection());
        self.session.counted(span, lease.run(asked)).await
    }
}

/// The connection is lost.
fn lost() -> DbErr {
    let error = io::Error::new(io::ErrorKind::ConnectionAborted, "the connection was lost");
    DbErr::Exec(RuntimeErr::SqlxError(sqlx::Error::Io(error).into()))
}

#[async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let span = span_of(&statement.sql);
        let asked = async |connection: Arc<Connection>| connection.execute_raw(statement).await;
        self.ask(span, asked).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let asked = async |connection: Arc<Connection>| connection.execute_unprepared(sql).await;
        self.ask(span_of(sql), asked).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let span = span_of(&statement.sql);
        let asked = async |connection: Arc<Connection>| connection.query_one_raw(statement).await;
        self.ask(span, asked).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let span = span_of(&statement.sql);
        let asked = async |connection: Arc<Connection>| connection.query_all_raw(statement).await;
        self.ask(span, asked).await
    }
}
